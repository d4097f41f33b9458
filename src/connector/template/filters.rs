//! What values can be turned into.

use minijinja::{Environment, Value};

/// What [`is_explicit_null`] knows: no text that a person can type.
const NULL: &str = "\u{0}null";

/// Adds the filters to an environment.
pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("explicit_null", explicit_null);
}

/// A `null` that stays in the body.
pub fn is_explicit_null(value: &Value) -> bool {
    value.as_str() == Some(NULL)
}

fn explicit_null(value: Value) -> Value {
    if value.is_undefined() || value.is_none() { Value::from(NULL) } else { value }
}
