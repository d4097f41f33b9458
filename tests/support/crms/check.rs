//! What a CRM checks in an object that it is sent, and how times are written.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Whether a value is of a type.
pub type Check = fn(&Value) -> bool;

/// A field of an object.
pub struct Field {
    name: &'static str,
    is: Check,
    required: bool,
}

/// It must be there, and so.
pub const fn must(name: &'static str, is: Check) -> Field {
    Field { name, is, required: true }
}

/// It may be there; then it must be so.
pub const fn may(name: &'static str, is: Check) -> Field {
    Field { name, is, required: false }
}

/// What is wrong with an object, with the field's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Missing(String),
    Wrong(String),
    Unknown(String),
}

impl Fault {
    /// The field that it is about.
    pub fn field(&self) -> &str {
        match self {
            Self::Missing(field) | Self::Wrong(field) | Self::Unknown(field) => field,
        }
    }
}

/// The first fault of an object. Null is as good as absent. Whatever is in `custom` is a known field of any type.
pub fn check(fields: &[Field], object: &Map<String, Value>, custom: &BTreeSet<String>) -> Result<(), Fault> {
    for field in fields {
        match object.get(field.name).filter(|value| !value.is_null()) {
            None if field.required => return Err(Fault::Missing(field.name.to_owned())),
            Some(value) if !(field.is)(value) => return Err(Fault::Wrong(field.name.to_owned())),
            _ => {}
        }
    }
    object
        .keys()
        .find(|name| !has(fields, name, custom))
        .map_or(Ok(()), |name| Err(Fault::Unknown(name.clone())))
}

/// The same for a CRM that ignores what it doesn't know.
pub fn check_known(fields: &[Field], object: &Map<String, Value>) -> Result<(), Fault> {
    check(fields, object, &object.keys().cloned().collect())
}

/// Whether objects have a field of that name.
pub fn has(fields: &[Field], name: &str, custom: &BTreeSet<String>) -> bool {
    custom.contains(name) || fields.iter().any(|field| field.name == name)
}

/// Anything.
pub fn any(_: &Value) -> bool {
    true
}

/// A text, perhaps empty.
pub fn text(value: &Value) -> bool {
    value.is_string()
}

/// A text with something in it.
pub fn filled(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// An e-mail address, roughly.
pub fn email(value: &Value) -> bool {
    let parts = value.as_str().and_then(|text| text.split_once('@'));
    parts.is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains(['@', ' ']) && !domain.ends_with('.')
    })
}

/// A phone number as in E.164: a plus and seven to fifteen digits.
pub fn phone(value: &Value) -> bool {
    let digits = value.as_str().and_then(|text| text.strip_prefix('+'));
    digits.is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// One of these texts.
pub fn one_of(value: &Value, options: &[&str]) -> bool {
    value.as_str().is_some_and(|text| options.contains(&text))
}

/// A member's text, or an empty one.
pub fn said<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number.
pub fn integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

/// True or false.
pub fn boolean(value: &Value) -> bool {
    value.is_boolean()
}

/// An array.
pub fn list(value: &Value) -> bool {
    value.is_array()
}

/// An object.
pub fn object(value: &Value) -> bool {
    value.is_object()
}

/// `2026-11-23T10:00:00Z` or with an offset.
pub fn instant(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok())
}

/// `2026-11-23 10:00:00` and nothing else.
pub fn stamp(value: &Value) -> bool {
    value.as_str().is_some_and(|text| civil(text).is_some())
}

/// `2026-11-23`.
pub fn date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok())
}

/// A universally unique id.
pub fn uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| uuid::Uuid::try_parse(text).is_ok())
}

/// `YYYY-MM-DD HH:MM:SS`, read.
pub fn civil(text: &str) -> Option<DateTime> {
    if text.len() != 19 || text.as_bytes()[10] != b' ' {
        return None;
    }
    text.parse().ok()
}

/// `YYYY-MM-DD HH:MM:SS` in UTC as RFC 3339; an empty text if it isn't one.
pub fn from_utc(text: &str) -> String {
    from_zone(text, "UTC")
}

/// `YYYY-MM-DD HH:MM:SS` in that zone as RFC 3339 in UTC; an empty text if it isn't one.
pub fn from_zone(text: &str, zone: &str) -> String {
    let zone = TimeZone::get(zone).expect("a time zone");
    let time = civil(text).and_then(|time| time.to_zoned(zone).ok());
    time.map_or(String::new(), |time| seconds(time.timestamp()))
}

/// An instant with any offset as RFC 3339 in UTC; an empty text if it isn't one.
pub fn from_instant(text: &str) -> String {
    text.parse::<Timestamp>().map_or(String::new(), seconds)
}

fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Now as `YYYY-MM-DD HH:MM:SS` in UTC.
pub fn now_stamp() -> String {
    Timestamp::now().strftime("%Y-%m-%d %H:%M:%S").to_string()
}
