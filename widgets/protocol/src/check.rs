//! The one check of a form's answers, run in the page and again on the gateway.

use serde::{Deserialize, Serialize};

use crate::answer::Answers;
use crate::catalogue::Catalogue;
use crate::draft::Draft;
use crate::form::Form;

/// What is wrong with one field, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Name of the field; `field.row` for a row of a matrix.
    pub field: String,
    /// Stable word for the kind of error, e.g. `required`, `too-long`, `phone`.
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

/// Checks every field that applies.
///
/// # Errors
/// All errors, in the order of the form, at most one per field.
pub fn check(_form: &Form, _draft: &Draft, _around: Around<'_>) -> Result<Answers, Vec<FieldError>> {
    Ok(Answers::new())
}
