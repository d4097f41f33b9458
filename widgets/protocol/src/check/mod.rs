//! The one check of a form's answers, run in the page and again on the gateway.
//!
//! # Layout
//!
//! - [`applying`] which pages and fields take part, by their conditions
//! - `field` one field's raw text → its [`Answer`] or what is wrong with it
//! - `rules` what must hold across fields
//! - one file for each kind of text, each with a `parse`: [`date`], [`email`], [`number`], [`pattern`], [`phone`],
//!   [`resident_id`]; [`width`] is what they share

use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Answers};
use crate::catalogue::Catalogue;
use crate::draft::Draft;
use crate::form::{Field, Form, Kind};

pub mod applying;
pub mod date;
pub mod email;
mod field;
pub mod number;
pub mod pattern;
pub mod phone;
pub mod resident_id;
mod rules;
pub mod width;

pub use applying::Applying;

/// What is wrong with one field, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Name of the field; `field.row` for a row of a matrix.
    pub field: String,
    /// Stable word for the kind of error, e.g. `required`, `too-long`, `phone`; its sentence is `error.{code}`.
    pub code: String,
    /// Sentence for the visitor that names the field and the fix.
    pub message: String,
}

/// The calendar day and the texts a check needs from outside.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Today at the visitor (in the page) or at the site (on the gateway): ISO 8601, `2026-11-21`.
    pub today: &'a str,
    /// Sentences in the visitor's language.
    pub texts: &'a Catalogue,
}

/// Checks every field that applies. The form's texts are those of the visitor's language ([`Form::localize`]).
///
/// # Errors
/// All errors, in the order of the form, at most one per field (one per row of a matrix). An answer to a field the
/// form does not have is one too (`unknown-field`), while answers to fields that are left out are dropped.
pub fn check(form: &Form, draft: &Draft, around: Around<'_>) -> Result<Answers, Vec<FieldError>> {
    let (found, errors) = check_all(form, draft, around);
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(found.into_iter().map(|(name, answer)| (name.to_owned(), answer)).collect())
}

/// The errors of [`check`] alone, for the page, which has no use for the answers.
pub fn errors(form: &Form, draft: &Draft, around: Around<'_>) -> Vec<FieldError> {
    check_all(form, draft, around).1
}

/// Checks one page, as when the visitor wants to go on: its fields, and the rules whose error would appear on it.
/// Nothing is wrong with a page that is skipped or that the form does not have.
pub fn check_page(form: &Form, draft: &Draft, index: usize, around: Around<'_>) -> Vec<FieldError> {
    let applying = Applying::of(form, draft);
    let Some(page) = form.pages.get(index) else { return Vec::new() };
    let (_, mut errors) = check_fields(form, index + 1, draft, &applying, around);
    errors.retain(|error| page.fields.iter().any(|field| field.owns(&error.field)));
    errors
}

/// Checks one field alone, as when the visitor leaves it. A field that is left out has no answer.
///
/// # Errors
/// What is wrong with it: one error, or one per row of a matrix.
pub fn check_field(
    form: &Form,
    draft: &Draft,
    name: &str,
    around: Around<'_>,
) -> Result<Option<Answer>, Vec<FieldError>> {
    let applying = Applying::of(form, draft);
    match form.field(name) {
        Some(field) if applying.field(name) => field::check(field, draft, &applying, around),
        _ => Ok(None),
    }
}

/// Whether a field takes part, by its own condition and its page's.
pub fn applies(form: &Form, draft: &Draft, name: &str) -> bool {
    Applying::of(form, draft).field(name)
}

/// Whether a page takes part.
pub fn page_applies(form: &Form, draft: &Draft, index: usize) -> bool {
    Applying::of(form, draft).page(index)
}

/// Answers by field name, in the form's order.
type Found<'a> = Vec<(&'a str, Answer)>;

fn check_all<'a>(form: &'a Form, draft: &Draft, around: Around<'_>) -> (Found<'a>, Vec<FieldError>) {
    let applying = Applying::of(form, draft);
    let (found, mut errors) = check_fields(form, form.pages.len(), draft, &applying, around);
    errors.extend(unknown(form, draft, around));
    (found, errors)
}

/// Checks the fields of the first `pages` pages, and the rules over what was found there.
fn check_fields<'a>(
    form: &'a Form,
    pages: usize,
    draft: &Draft,
    applying: &Applying<'_>,
    around: Around<'_>,
) -> (Found<'a>, Vec<FieldError>) {
    let (mut found, mut errors) = (Found::new(), Vec::new());
    let fields = form.pages.iter().take(pages).flat_map(|page| &page.fields);
    for field in fields.filter(|field| applying.field(&field.name)) {
        match field::check(field, draft, applying, around) {
            Ok(Some(answer)) => found.push((field.name.as_str(), answer)),
            Ok(None) => {}
            Err(wrong) => errors.extend(wrong),
        }
    }
    let broken = rules::check(form, &found, &errors, applying, around);
    add_in_order(form, &mut errors, broken);
    (found, errors)
}

/// Puts the errors of rules among those of fields, which are in the form's order already.
fn add_in_order(form: &Form, errors: &mut Vec<FieldError>, more: Vec<FieldError>) {
    let place = |error: &FieldError| form.fields().position(|field| field.owns(&error.field));
    for error in more {
        let at = errors.iter().position(|other| place(other) > place(&error)).unwrap_or(errors.len());
        errors.insert(at, error);
    }
}

/// The first answer to a field the form does not have. One is enough: a page never sends any.
fn unknown(form: &Form, draft: &Draft, around: Around<'_>) -> Option<FieldError> {
    let (name, _) = draft.iter().find(|(name, _)| !form.fields().any(|field| field.reads(name)))?;
    let shown: String = name.chars().take(64).collect();
    let message = around.texts.fill("error.unknown-field", &[("label", &shown)]);
    Some(FieldError { field: shown, code: "unknown-field".to_owned(), message })
}

impl Field {
    /// Whether an error at `name` belongs to this field: its own name or one of its rows.
    fn owns(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// Whether a draft's entry of that name is this field's.
    fn reads(&self, name: &str) -> bool {
        if self.kind != Kind::Matrix {
            return name == self.name;
        }
        let row = name.strip_prefix(self.name.as_str()).and_then(|rest| rest.strip_prefix('.'));
        row.is_some_and(|row| self.rows.iter().any(|choice| choice.value == row))
    }
}
