//! What must hold across fields.

use super::applying::Applying;
use super::{Around, FieldError, number};
use crate::answer::Answer;
use crate::form::{Field, Form, Rule, RuleCheck};

/// The errors of all rules that are broken. A rule over a field that has an error already waits for its correction.
pub(super) fn check(
    form: &Form,
    found: &[(&str, Answer)],
    errors: &[FieldError],
    applying: &Applying<'_>,
    around: Around<'_>,
) -> Vec<FieldError> {
    let mut broken: Vec<FieldError> = Vec::new();
    for rule in &form.rules {
        let fields: Vec<&Field> = rule
            .fields
            .iter()
            .filter_map(|name| form.field(name))
            .filter(|field| applying.field(&field.name))
            .collect();
        let at = if rule.check == RuleCheck::Any { fields.first() } else { fields.last() };
        let Some(at) = at else { continue };
        let wrong = |field: &Field| errors.iter().chain(&broken).any(|error| field.owns(&error.field));
        if !fields.iter().any(|field| wrong(field)) && !holds(rule.check, &fields, found) {
            broken.push(error(rule, &fields, at, around));
        }
    }
    broken
}

fn holds(check: RuleCheck, fields: &[&Field], found: &[(&str, Answer)]) -> bool {
    let answer =
        |field: &&Field| found.iter().find(|(name, _)| *name == field.name).map(|(_, answer)| answer);
    let answered: Vec<&Answer> = fields.iter().filter_map(answer).collect();
    let mut pairs = answered.iter().zip(answered.iter().skip(1));
    match check {
        RuleCheck::Any => !answered.is_empty(),
        RuleCheck::Equal => pairs.all(|(first, second)| first == second),
        RuleCheck::Ascending => pairs.all(|(first, second)| ascending(first, second)),
    }
}

/// Numbers by value; days by their text, which sorts as they do.
fn ascending(first: &Answer, second: &Answer) -> bool {
    let (Answer::Text(first), Answer::Text(second)) = (first, second) else { return true };
    match (number::parse(first), number::parse(second)) {
        (Ok(first), Ok(second)) => first <= second,
        _ => first <= second,
    }
}

fn error(rule: &Rule, fields: &[&Field], at: &Field, around: Around<'_>) -> FieldError {
    let code = match rule.check {
        RuleCheck::Any => "any",
        RuleCheck::Equal => "equal",
        RuleCheck::Ascending => "ascending",
    };
    let labels: Vec<&str> = fields.iter().map(|field| field.shown_name()).collect();
    let message = match &rule.message {
        Some(message) => message.as_str().to_owned(),
        None => around.texts.fill(
            &["error.", code].concat(),
            &[("label", at.shown_name()), ("limit", &labels.join(around.texts.get("list.separator")))],
        ),
    };
    FieldError { field: at.name.clone(), code: code.to_owned(), message }
}
