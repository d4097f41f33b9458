//! What values can be turned into.
//!
//! # Layout
//!
//! - `time` instants and the time between them; [`name`] people's names; [`text`] what is written, and how
//! - `code` identifiers, digests and encodings; `look` what is in a text
//!
//! A filter makes nothing of nothing: what a visitor has left out stays out of the CRM. A value of another type is
//! refused in words that name the filter and what it wants, never the value.

mod code;
mod look;
pub mod name;
pub mod text;
mod time;

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters};

use super::unknown::Unknown;

/// What [`is_explicit_null`] knows: no text that a person can type.
const NULL: &str = "\u{0}null";

/// Adds the filters and tests to an environment.
pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("explicit_null", explicit_null);
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    let ours = [
        ("time", Value::from_function(time::time)),
        ("duration", Value::from_function(time::duration)),
        ("plus", Value::from_function(time::plus)),
        ("given", Value::from_function(name::given)),
        ("family", Value::from_function(name::family)),
        ("e164", Value::from_function(text::e164)),
        ("pick", Value::from_function(text::pick)),
        ("nest", Value::from_function(text::nest)),
        ("truncate", Value::from_function(text::truncate)),
        ("html", Value::from_function(text::as_html)),
        ("digits", Value::from_function(text::digits)),
        ("uuid5", Value::from_function(code::uuid5)),
        ("sha256", Value::from_function(code::sha256)),
        ("hmac", Value::from_function(code::hmac)),
        ("base64", Value::from_function(code::base64)),
        ("urlencode", Value::from_function(code::urlencode)),
        ("json", Value::from_function(code::json)),
        ("capture", Value::from_function(look::capture)),
        ("contains", Value::from_function(look::contains)),
        // Those of Jinja that would make "" or 0 of nothing, or refuse it.
        ("lower", Value::from_function(filters::lower)),
        ("upper", Value::from_function(filters::upper)),
        ("title", Value::from_function(filters::title)),
        ("capitalize", Value::from_function(filters::capitalize)),
        ("trim", Value::from_function(filters::trim)),
        ("replace", Value::from_function(filters::replace)),
        ("split", Value::from_function(filters::split)),
        ("lines", Value::from_function(filters::lines)),
        ("join", Value::from_function(filters::join)),
        ("int", Value::from_function(filters::int)),
        ("float", Value::from_function(filters::float)),
        ("round", Value::from_function(filters::round)),
        ("abs", Value::from_function(filters::abs)),
        ("string", Value::from_function(filters::string)),
        ("first", Value::from_function(filters::first)),
        ("last", Value::from_function(filters::last)),
    ];
    for (name, filter) in ours {
        environment.add_filter(name, move |state: &mut State, values: Rest<ValueOrKwargs>| {
            let values = values.into_values();
            if values.first().is_none_or(is_nothing) {
                return Ok(Value::UNDEFINED);
            }
            if let Some(unknown) = Unknown::made(name, state, &values) {
                return Ok(unknown);
            }
            filter.call(state, &values).map_err(|cause| named(name, &cause))
        });
    }
    environment.add_test("containing", look::containing);
    environment.add_test("startingwith", look::starting);
    environment.add_test("endingwith", look::ending);
}

/// A `null` that stays in the body.
pub fn is_explicit_null(value: &Value) -> bool {
    value.as_str() == Some(NULL)
}

/// Whether there is no value: undefined, or `null`.
pub fn is_nothing(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

fn explicit_null(value: Value) -> Value {
    if is_nothing(&value) { Value::from(NULL) } else { value }
}

/// Jinja's, except that `null` counts as nothing too.
fn default(state: &State, value: &Value, more: Rest<Value>) -> Result<Value, Error> {
    let value = if value.is_none() { &Value::UNDEFINED } else { value };
    filters::default(state, value, more)
}

/// An error that says which filter it is about.
fn named(filter: &str, cause: &Error) -> Error {
    let detail = match (cause.detail(), cause.kind()) {
        (Some(detail), _) if detail.starts_with('`') => detail.to_owned(),
        (Some(detail), _) => format!("`{filter}`: {detail}"),
        (None, kind) => format!("`{filter}`: {kind}"),
    };
    Error::new(ErrorKind::InvalidOperation, detail)
}

/// What a filter says of a value that it cannot take: what it wants.
fn wants(filter: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`{filter}` wants {wanted}"))
}

/// A value as text: text itself, or a number.
fn text_of(filter: &str, value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None if value.is_number() => Ok(value.to_string()),
        None => Err(wants(filter, &format!("text, not {}", a_kind(value)))),
    }
}

fn a_kind(value: &Value) -> &'static str {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::Bool => "true or false",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "an object",
        _ => "this",
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;
    use crate::connector::template::{TESTS, Text, is_filter, is_test, known_filters};

    /// What an expression comes to in an environment with our filters.
    pub(super) fn eval(expression: &str, context: Value) -> Result<Value, String> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Chainable);
        install(&mut environment);
        let compiled = environment.compile_expression(expression).map_err(|error| error.to_string())?;
        compiled.eval(context).map_err(|error| error.detail().unwrap_or_default().to_owned())
    }

    /// What an expression over `x` comes to, as text.
    pub(super) fn shown(expression: &str, x: impl Into<Value>) -> String {
        let value = eval(expression, context! { x => x.into() }).expect(expression);
        if is_nothing(&value) { "nothing".to_owned() } else { value.to_string() }
    }

    /// What is said of an expression over `x` that fails.
    pub(super) fn refused(expression: &str, x: impl Into<Value>) -> String {
        eval(expression, context! { x => x.into() }).expect_err(expression)
    }

    #[test]
    fn nothing_stays_nothing_in_every_filter() {
        for filter in [
            "time('iso')",
            "time('%H', zone='Asia/Shanghai')",
            "duration(x, 'minutes')",
            "plus(5)",
            "given",
            "family",
            "e164('CN')",
            "pick({'a': 1}, 2)",
            "truncate(3)",
            "html",
            "digits",
            "uuid5",
            "sha256",
            "hmac('k')",
            "base64",
            "urlencode",
            "json",
            "capture('a')",
            "contains('a')",
            "lower",
            "upper",
            "title",
            "capitalize",
            "trim",
            "replace('a', 'b')",
            "split(',')",
            "lines",
            "join(',')",
            "int",
            "float",
            "round",
            "abs",
            "string",
            "first",
            "last",
        ] {
            assert_eq!(
                shown(&format!("x | {filter}"), Value::UNDEFINED),
                "nothing",
                "{filter} of what is missing"
            );
            assert_eq!(shown(&format!("x | {filter}"), ()), "nothing", "{filter} of null");
        }
        assert_eq!(shown("x | default(7)", ()), "7");
        assert_eq!(shown("x.a.b | default(7)", Value::UNDEFINED), "7");
        assert_eq!(shown("x | default(7, true)", ""), "7");
    }

    /// The table of filters in `connectors/WRITING.md`, row by row.
    #[test]
    fn the_filters_do_what_the_manual_says() {
        let manual = include_str!("../../../../connectors/WRITING.md");
        let table =
            manual.split("## Filters").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("it");
        let mut rows = 0;
        for row in table.lines().filter(|line| line.contains("` | `")) {
            let cells = row.trim_matches(['|', ' ']).split_once("` | `").expect(row);
            let expression = cells.0.trim_matches('`').replace("\\|", "|");
            let text = Text::try_from(format!("{{{{ {expression} }}}}")).expect(row);
            let shown = text.render(&Value::from_iter::<[(String, Value); 0]>([])).expect(row);
            assert_eq!(shown, cells.1.trim_matches('`'), "{row}");
            rows += 1;
        }
        assert!(rows > 30, "{rows} rows");
        for filter in known_filters() {
            let named = [format!("{filter}("), format!("`{filter}`"), format!("| {filter}")];
            assert!(named.iter().any(|named| table.contains(named)), "{filter}");
            assert!(is_filter(filter), "{filter}");
        }
        assert!(TESTS.into_iter().all(is_test));
        assert!(!is_filter("startswith") && !is_test("startswith"));
    }

    #[test]
    fn what_is_not_known_yet_stays_what_it_is() {
        for filter in ["urlencode", "int", "time('iso')", "truncate(3) | html"] {
            assert_eq!(shown(&format!("x | {filter}"), Unknown::named("x")), "‹x›", "{filter}");
        }
        for (expression, made) in [
            ("'2026-11-23' | time('sql', zone=x.zone)", "‹time of 2026-11-23›"),
            ("'a' | hmac(x)", "‹hmac of a›"),
            ("'a' | replace(x, 'b') | upper", "‹replace of a›"),
            ("('user:' ~ x.key) | base64", "‹base64 of user:‹x.key››"),
        ] {
            let context = context! { x => Unknown::named("x"), rehearsal => true };
            assert_eq!(eval(expression, context).unwrap().to_string(), made, "{expression}");
        }
        assert_eq!(shown("x | base64", "‹a›"), "4oC5YeKAug==", "as it is typed, where something is sent");
    }

    #[test]
    fn a_value_of_another_type_is_refused_by_the_name_of_the_filter() {
        for (expression, said) in [
            ("x | time('iso')", "`time` wants an instant"),
            ("x | duration('2026-11-23T02:00:00Z')", "`duration` wants an instant"),
            ("x | plus(5)", "`plus` wants an instant"),
            ("x | given", "`given` wants text, not a list"),
            ("x | family", "`family` wants text, not a list"),
            ("x | e164('CN')", "`e164` wants text, not a list"),
            ("x | pick({})", "`pick` wants text, not a list"),
            ("x | truncate(3)", "`truncate` wants text, not a list"),
            ("x | html", "`html` wants text, not a list"),
            ("x | digits", "`digits` wants text, not a list"),
            ("x | uuid5", "`uuid5` wants text, not a list"),
            ("x | sha256", "`sha256` wants text, not a list"),
            ("x | hmac('k')", "`hmac` wants text, not a list"),
            ("x | base64", "`base64` wants text, not a list"),
            ("x | urlencode", "`urlencode` wants text, not a list"),
            ("x | capture('a')", "`capture` wants text, not a list"),
            ("7 | truncate", "`truncate`: missing argument"),
            ("7 | contains('7')", "`contains` wants a text, a list or an object"),
        ] {
            let words = refused(expression, vec!["secret"]);
            assert!(words.starts_with(said), "{expression}: {words}");
            assert!(!words.contains("secret"), "{expression} repeats the value: {words}");
        }
    }
}
