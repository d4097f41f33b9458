//! What is not known yet, where requests are shown before any is made: it stands in a request under its name,
//! `‹steps.find.id›`.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use minijinja::{State, Value};

/// The name that is true where requests are only shown.
pub const REHEARSAL: &str = "rehearsal";

/// Filters that make a text nobody can read.
const OPAQUE: [&str; 5] = ["base64", "sha256", "hmac", "uuid5", "urlencode"];

/// A value that is not known yet; so are all its members.
#[derive(Debug)]
pub struct Unknown(String);

impl Unknown {
    /// The value of that name.
    pub fn named(name: &str) -> Value {
        Value::from_object(Self(name.to_owned()))
    }

    /// Whether a value is not known yet.
    pub fn is(value: &Value) -> bool {
        value.downcast_object_ref::<Self>().is_some()
    }

    /// What a filter makes of values of which one is not known: `‹base64 of anna:‹secret.password››`. None where all are
    /// known.
    pub(super) fn made(filter: &str, state: &State<'_, '_>, values: &[Value]) -> Option<Value> {
        let (value, arguments) = values.split_first()?;
        if Self::is(value) {
            return Some(value.clone());
        }
        let hidden = OPAQUE.contains(&filter)
            && value.as_str().is_some_and(|text| text.contains('‹'))
            && state.lookup(REHEARSAL).is_some_and(|rehearsal| rehearsal.is_true());
        let unknown = arguments.iter().any(|argument| Self::is(argument) || has_unknown(argument));
        (hidden || unknown).then(|| Self::named(&format!("{filter} of {value}")))
    }
}

/// Whether one of the arguments that are given by name is not known.
fn has_unknown(named: &Value) -> bool {
    let mut names = named.is_kwargs().then(|| named.try_iter().ok()).flatten().into_iter().flatten();
    names.any(|name| named.get_item(&name).is_ok_and(|argument| Unknown::is(&argument)))
}

impl Object for Unknown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Self::named(&format!("{}.{key}", self.0)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹{}›", self.0)
    }
}
