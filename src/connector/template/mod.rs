//! The strings of a connector file: minijinja templates over the event, the connection and earlier answers.
//!
//! # Layout
//!
//! - [`Condition`] says yes or no: a bare expression, `status == 409`
//! - [`Expression`] one value of any type: `{{ body.id }}`; [`Text`] always a string
//! - [`tree`] JSON trees whose string leaves are templates
//! - [`filters`] what values can be turned into; [`unknown`] what is not known yet where requests are only shown
//!
//! A template never sees more than it is given, cannot reach outside, and stops when its fuel is used up. What does not
//! exist is nothing, not an error, however deep: `body.list.0.id` of an empty list. Misspelt names are found when the
//! file is read, since the names at the root are known.

pub mod filters;
pub mod tree;
pub mod unknown;

use std::fmt;
use std::sync::LazyLock;

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Deserialize;

pub use self::tree::Tree;

/// Instructions a template may take: some ten thousand lines of a transcript, and a millisecond.
const FUEL: u64 = 200_000;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    // Where Jinja writes "None" and "True", nothing and "true" are written.
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::None => Ok(()),
        ValueKind::Bool => Ok(write!(out, "{}", value.is_true())?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    filters::install(&mut environment);
    environment
});

/// A template that cannot be read or evaluated. Its words name the place in the template, never a value.
#[derive(Debug)]
pub struct TemplateError {
    template: String,
    cause: minijinja::Error,
}

impl TemplateError {
    /// The template, or what stands between its braces.
    pub fn template(&self) -> &str {
        &self.template
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { template, cause } = self;
        write!(f, "\"{template}\": {}", cause.kind())?;
        cause.detail().map_or(Ok(()), |detail| write!(f, " ({detail})"))
    }
}

impl std::error::Error for TemplateError {}

/// A bare expression that is true or not.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition(String);

impl Condition {
    /// Evaluates it. Nothing, `""`, `0` and what is empty are false.
    ///
    /// # Errors
    /// A filter refuses its value, or the fuel is used up.
    pub fn holds(&self, context: &Value) -> Result<bool, TemplateError> {
        evaluate(&self.0, context).map(|value| value.is_true())
    }

    /// As written.
    pub fn source(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Condition {
    type Error = TemplateError;

    fn try_from(source: String) -> Result<Self, TemplateError> {
        let bare = whole(&source).map_or(source.clone(), str::to_owned);
        match ENVIRONMENT.compile_expression(&bare) {
            Ok(_) => Ok(Self(bare)),
            Err(cause) => Err(TemplateError { template: source.clone(), cause }),
        }
    }
}

/// A template whose value has a type: one whole `{{ … }}` keeps its own, anything else is text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub enum Expression {
    /// What stands between the braces.
    Whole(String),
    /// Text with templates in it, or without.
    Text(Text),
}

impl Expression {
    /// Evaluates it; nothing is `Value::UNDEFINED` or none.
    ///
    /// # Errors
    /// A filter refuses its value, or the fuel is used up.
    pub fn evaluate(&self, context: &Value) -> Result<Value, TemplateError> {
        match self {
            Self::Whole(source) => evaluate(source, context),
            Self::Text(text) => text.render(context).map(Value::from),
        }
    }

    /// As written; of one whole `{{ … }}` what stands between the braces.
    pub fn source(&self) -> &str {
        match self {
            Self::Whole(source) => source,
            Self::Text(text) => text.source(),
        }
    }

    /// The value as text, or `None` where it is nothing or empty.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn text(&self, context: &Value) -> Result<Option<String>, TemplateError> {
        let value = self.evaluate(context)?;
        let text = if value.is_undefined() || value.is_none() { String::new() } else { value.to_string() };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// An expression as it is written: a text, or simply a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Number(serde_json::Number),
}

impl TryFrom<Written> for Expression {
    type Error = TemplateError;

    fn try_from(written: Written) -> Result<Self, TemplateError> {
        match written {
            Written::Text(source) => source.try_into(),
            Written::Number(number) => Ok(Self::Whole(number.to_string())),
        }
    }
}

impl TryFrom<String> for Expression {
    type Error = TemplateError;

    fn try_from(source: String) -> Result<Self, TemplateError> {
        match whole(&source) {
            Some(bare) => Ok(Self::Whole(bare.to_owned())),
            None => Text::try_from(source).map(Self::Text),
        }
    }
}

/// A template for a string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(String);

impl Text {
    /// Renders it; what is nothing is written as nothing.
    ///
    /// # Errors
    /// A filter refuses its value, or the fuel is used up.
    pub fn render(&self, context: &Value) -> Result<String, TemplateError> {
        if !self.0.contains('{') {
            return Ok(self.0.clone());
        }
        ENVIRONMENT.render_str(&self.0, context.clone()).map_err(|cause| self.error(cause))
    }

    /// The connection's URL, as it is written there.
    pub fn endpoint() -> Self {
        Self("{{ endpoint }}".to_owned())
    }

    /// An OAuth token as RFC 6750 has it.
    pub fn bearer() -> Self {
        Self("Bearer {{ token.access_token }}".to_owned())
    }

    /// As written.
    pub fn source(&self) -> &str {
        &self.0
    }

    fn error(&self, cause: minijinja::Error) -> TemplateError {
        TemplateError { template: self.0.clone(), cause }
    }
}

impl TryFrom<String> for Text {
    type Error = TemplateError;

    fn try_from(source: String) -> Result<Self, TemplateError> {
        match ENVIRONMENT.template_from_str(&source) {
            Ok(_) => Ok(Self(source)),
            Err(cause) => Err(TemplateError { template: source.clone(), cause }),
        }
    }
}

/// Filters of text, whose arguments are text where nothing else is said.
pub const TEXT_FILTERS: [&str; 21] = [
    "given",
    "family",
    "e164",
    "pick",
    "truncate",
    "html",
    "digits",
    "uuid5",
    "sha256",
    "hmac",
    "base64",
    "urlencode",
    "capture",
    "contains",
    "lower",
    "upper",
    "title",
    "capitalize",
    "trim",
    "replace",
    "lines",
];

const OTHER_FILTERS: [&str; 30] = [
    "time",
    "duration",
    "plus",
    "json",
    "nest",
    "explicit_null",
    "default",
    "split",
    "join",
    "int",
    "float",
    "round",
    "abs",
    "string",
    "first",
    "last",
    "length",
    "list",
    "map",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "sort",
    "unique",
    "items",
    "sum",
    "min",
    "max",
    "batch",
];

/// Filters worth proposing to whoever has misspelt one; there are more.
pub fn known_filters() -> impl Iterator<Item = &'static str> {
    OTHER_FILTERS.into_iter().chain(TEXT_FILTERS)
}

/// Tests worth proposing to whoever has misspelt one; there are more.
pub const TESTS: [&str; 20] = [
    "defined",
    "none",
    "string",
    "number",
    "integer",
    "boolean",
    "sequence",
    "mapping",
    "iterable",
    "startingwith",
    "endingwith",
    "containing",
    "in",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "undefined",
];

/// Whether there is a filter of that name.
pub fn is_filter(name: &str) -> bool {
    holds("name is filter", name)
}

/// What a filter makes of a value and its arguments, or in which words it refuses them.
///
/// # Errors
/// The filter's words.
pub fn filtered(name: &str, values: &[Value]) -> Result<Value, String> {
    let applied = ENVIRONMENT.empty_state().apply_filter(name, values);
    applied.map_err(|error| error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))
}

/// Whether there is a test of that name.
pub fn is_test(name: &str) -> bool {
    holds("name is test", name)
}

fn holds(question: &str, name: &str) -> bool {
    evaluate(question, &minijinja::context! { name }).is_ok_and(|answer| answer.is_true())
}

/// A value for templates.
pub fn value(json: &serde_json::Value) -> Value {
    Value::from(Serde(json))
}

fn evaluate(source: &str, context: &Value) -> Result<Value, TemplateError> {
    let run = || ENVIRONMENT.compile_expression(source)?.eval(context.clone());
    run().map_err(|cause| TemplateError { template: source.to_owned(), cause })
}

/// What stands between the braces, where these enclose the whole text and one expression.
fn whole(source: &str) -> Option<&str> {
    let bare = source.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    ENVIRONMENT.compile_expression(bare).is_ok().then_some(bare.trim())
}
