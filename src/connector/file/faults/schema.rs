//! The shape of a file, by its published schema. What to write instead is what the schema says of the place.

use std::sync::LazyLock;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::super::yaml::child;
use super::{Faults, words};

/// The schema for editors, as it is published.
pub const SCHEMA: &str = include_str!("../../../../connectors/connector.schema.json");

/// What is said of a member that is not there.
pub(super) const MISSING: &str = "it is missing";

static PARSED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(SCHEMA).unwrap_or_default());
static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| jsonschema::draft202012::new(&PARSED).ok());

/// Adds what the schema refuses.
pub(super) fn check(faults: &mut Faults<'_>) {
    let document = faults.document;
    match &*VALIDATOR {
        Some(validator) => {
            for error in validator.iter_errors(&document.value) {
                add(&error, faults);
            }
        }
        None => faults.at_value("", "the schema inside this program cannot be used", "report this as a bug"),
    }
}

fn add(error: &ValidationError<'_>, faults: &mut Faults<'_>) {
    let pointer = error.instance_path().as_str();
    let Node { schema, fix } = node(error.evaluation_path().as_str());
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                let message = format!("there is no member \"{name}\" here");
                faults.at_name(&child(pointer, name), message, words::instead(name, members(schema)));
            }
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let fix = described(&schema["properties"][name]).unwrap_or(fix);
            faults.at_name(&child(pointer, name), MISSING, fix);
        }
        Kind::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default();
            let (at, _keyword) = error.schema_path().as_str().rsplit_once('/').unwrap_or_default();
            let fix = PARSED.pointer(at).and_then(described).unwrap_or(fix);
            faults.at_name(&child(pointer, name), format!("\"{name}\" is no name for this"), fix);
        }
        Kind::Enum { options } => {
            let options: Vec<&str> =
                options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let fix = words::instead(error.instance().as_str().unwrap_or_default(), options);
            faults.at_value(pointer, format!("{} is not known here", shown(error.instance())), fix);
        }
        Kind::Type { kind } => {
            let message = format!("{} stands here, not {}", a_type(error.instance()), wanted(kind));
            faults.at_value(pointer, message, fix);
        }
        Kind::MinItems { .. } | Kind::MinLength { .. } => faults.at_value(pointer, "it is empty", fix),
        Kind::MaxItems { limit } => faults.at_value(pointer, format!("it has more than {limit} items"), fix),
        Kind::Minimum { .. } | Kind::Maximum { .. } => {
            faults.at_value(pointer, format!("{} is out of range", shown(error.instance())), fix);
        }
        _ => faults.at_value(pointer, format!("{} does not fit here", shown(error.instance())), fix),
    }
}

/// A place in the schema.
struct Node {
    schema: &'static Value,
    /// What to write there.
    fix: String,
}

/// Follows the way that led to an error's keyword. Where a description stands beside a `$ref`, it counts for what is
/// referred to, since it knows more.
fn node(path: &str) -> Node {
    let (path, _keyword) = path.rsplit_once('/').unwrap_or_default();
    let mut schema: &'static Value = &PARSED;
    let mut fix = described(schema).unwrap_or_default();
    for segment in path.split('/').skip(1) {
        if segment == "$ref" {
            let own = schema["description"].is_string();
            schema = referred(schema);
            fix = described(schema).filter(|_| !own).unwrap_or(fix);
        } else {
            schema = match segment.parse::<usize>() {
                Ok(at) => &schema[at],
                Err(_) => &schema[segment.replace("~1", "/").replace("~0", "~").as_str()],
            };
            fix = described(schema).unwrap_or(fix);
        }
    }
    Node { schema, fix }
}

fn referred(schema: &'static Value) -> &'static Value {
    let pointer = schema["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
    pointer.and_then(|pointer| PARSED.pointer(pointer)).unwrap_or(&Value::Null)
}

/// The first sentence of what a schema says of itself, or of what it refers to, as a request.
fn described(schema: &'static Value) -> Option<String> {
    let text = schema["description"].as_str().or_else(|| referred(schema)["description"].as_str())?;
    let end = text.match_indices(". ").find(|(at, _)| {
        text.get(at + 2..).is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_uppercase()))
    });
    let sentence = end.and_then(|(at, _)| text.get(..at)).unwrap_or(text).trim_end_matches('.');
    let mut letters = sentence.chars();
    let first = letters.next()?.to_lowercase();
    Some(first.chain(letters).collect())
}

fn members(schema: &'static Value) -> impl Iterator<Item = &'static str> {
    schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
}

/// A short value as it is written.
fn shown(value: &Value) -> String {
    let shown = value.to_string();
    if shown.chars().count() <= 60 { shown } else { a_type(value).to_owned() }
}

fn a_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn wanted(kind: &TypeKind) -> String {
    let name = |name: &str| match name {
        "string" => "text",
        "array" => "a list",
        "object" => "an object",
        "boolean" => "true or false",
        "integer" => "a whole number",
        _ => "a number",
    };
    match kind {
        TypeKind::Single(one) => name(&one.to_string()).to_owned(),
        TypeKind::Multiple(all) => {
            all.iter().map(|one| name(&one.to_string())).collect::<Vec<_>>().join(" or ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every member and every item says what to write.
    fn undescribed(schema: &'static Value, path: &str, found: &mut Vec<String>) {
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{path}/{name}");
            if !described(member).is_some_and(|text| text.starts_with("write ")) {
                found.push(path.clone());
            }
            undescribed(member, &path, found);
        }
        for below in ["items", "additionalProperties", "then"] {
            if schema[below].is_object() {
                undescribed(&schema[below], &format!("{path}/{below}"), found);
            }
        }
    }

    #[test]
    fn every_member_of_the_schema_says_what_to_write() {
        let mut found = Vec::new();
        undescribed(&PARSED, "", &mut found);
        for (name, schema) in PARSED["$defs"].as_object().expect("definitions") {
            assert!(described(schema).is_some(), "{name}");
            undescribed(schema, name, &mut found);
        }
        assert_eq!(found, Vec::<String>::new());
        assert!(VALIDATOR.is_some() && PARSED["$defs"].as_object().is_some_and(|all| all.len() > 15));
    }

    #[test]
    fn a_fix_is_the_first_sentence_of_a_description() {
        assert_eq!(
            described(&PARSED["$defs"]["text"]).unwrap(),
            "write text, in quotes if it contains a template: \"Bearer {{ secret.token }}\""
        );
        assert!(described(&PARSED["properties"]["auth"]).unwrap().starts_with("write who we are"));
    }
}
