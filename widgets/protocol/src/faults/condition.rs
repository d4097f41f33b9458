//! Conditions look at fields before them, and ask what those fields can answer.

use super::Faults;
use crate::condition::Condition;
use crate::form::{Field, Kind};

const MAX_DEPTH: usize = 8;
const MAX_CONDITIONS: usize = 50;

/// Checks a condition that can see `before`.
pub(super) fn check(condition: &Condition, before: &[&Field], path: &str, faults: &mut Faults) {
    let (count, depth) = size(condition);
    if count > MAX_CONDITIONS || depth > MAX_DEPTH {
        faults.add(path, "the condition is too large", "use at most 50 parts, nested at most 8 deep");
        return;
    }
    walk(condition, before, path, faults);
}

/// How many conditions there are, and how deep they are nested.
fn size(condition: &Condition) -> (usize, usize) {
    let parts = condition.all.iter().chain(&condition.any).chain(condition.not.as_deref());
    parts.map(size).fold((1, 1), |(count, depth), part| (count + part.0, depth.max(part.1 + 1)))
}

fn walk(condition: &Condition, before: &[&Field], path: &str, faults: &mut Faults) {
    let asks = condition.is.is_some()
        || !condition.one_of.is_empty()
        || condition.answered.is_some()
        || condition.at_least.is_some()
        || condition.at_most.is_some();
    let nested = !condition.all.is_empty() || !condition.any.is_empty() || condition.not.is_some();
    match &condition.field {
        Some(name) if asks => field(condition, name, before, path, faults),
        Some(_) => faults.add(
            path,
            "the condition asks nothing of its field",
            "add is, in, answered, atLeast or atMost",
        ),
        None if asks => faults.add(path, "the condition does not say of which field", "add field"),
        None => faults.expect(nested, path, "the condition is empty", "add field, all, any or not"),
    }
    let lists =
        condition.all.iter().map(|part| ("all", part)).chain(condition.any.iter().map(|part| ("any", part)));
    for (member, part) in lists.chain(condition.not.as_deref().map(|part| ("not", part))) {
        walk(part, before, &format!("{path}.{member}"), faults);
    }
}

fn field(condition: &Condition, name: &str, before: &[&Field], path: &str, faults: &mut Faults) {
    let Some(field) = before.iter().find(|field| field.name == name) else {
        let message = format!("there is no field \"{name}\" before this place");
        faults.add(path, &message, "look at a field that comes earlier in the form");
        return;
    };
    faults.expect(field.kind != Kind::Matrix, path, "a matrix has no single answer", "look at another field");
    let wanted: Vec<&str> = condition.is.iter().chain(&condition.one_of).map(String::as_str).collect();
    let possible = |value: &&str| match field.kind {
        Kind::Consent => *value == "yes",
        Kind::Select | Kind::Radio | Kind::Checkboxes => {
            field.options.iter().any(|choice| choice.value == **value)
        }
        Kind::File => false,
        _ => true,
    };
    for value in wanted.iter().filter(|value| !possible(value)) {
        let message = format!("\"{name}\" can never be \"{value}\"");
        faults.add(path, &message, "use the value of one of its options (\"yes\" for a consent)");
    }
    let compares = condition.at_least.is_some() || condition.at_most.is_some();
    let number = matches!(field.kind, Kind::Number | Kind::Rating | Kind::Scale);
    faults.expect(
        !compares || number,
        path,
        "atLeast and atMost compare numbers",
        "look at a number, rating or scale",
    );
}
