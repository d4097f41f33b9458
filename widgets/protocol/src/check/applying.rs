//! Which pages and fields take part, given what was typed.

use crate::draft::Draft;
use crate::form::Form;

/// Which pages and fields of a form take part. A condition sees only the fields before it, so one walk settles all of
/// them; a field counts as answered only while it takes part itself.
#[derive(Clone, Debug)]
pub struct Applying<'a> {
    draft: &'a Draft,
    pages: Vec<bool>,
    fields: Vec<(&'a str, bool)>,
}

impl<'a> Applying<'a> {
    /// Evaluates the conditions of all pages and fields.
    pub fn of(form: &'a Form, draft: &'a Draft) -> Self {
        let mut known = Self { draft, pages: Vec::new(), fields: Vec::new() };
        for page in &form.pages {
            let page_applies = page.when.as_ref().is_none_or(|condition| known.holds(condition));
            known.pages.push(page_applies);
            for field in &page.fields {
                let applies =
                    page_applies && field.when.as_ref().is_none_or(|condition| known.holds(condition));
                known.fields.push((&field.name, applies));
            }
        }
        known
    }

    /// Whether the page at that place takes part.
    pub fn page(&self, index: usize) -> bool {
        self.pages.get(index).copied().unwrap_or(false)
    }

    /// Whether the field of that name takes part.
    pub fn field(&self, name: &str) -> bool {
        self.fields.iter().any(|&(field, applies)| applies && field == name)
    }

    /// Whether a condition holds over what was typed into the fields that take part.
    pub fn holds(&self, condition: &crate::condition::Condition) -> bool {
        condition.holds(self.draft, &|name| self.field(name))
    }
}
