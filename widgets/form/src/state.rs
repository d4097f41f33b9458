//! What a form knows: a plain struct that the view calls. No DOM, no clock, no signals.

use std::sync::Arc;

use crm_protocol::check::number::digits;
use crm_protocol::check::{self, Applying, Around, FieldError};
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::form::{Field, Form, Kind};
use crm_protocol::text::Text;
use crm_protocol::view::FormView;

use crate::upload::{UploadState, Uploads};

/// Bytes a file may have where its field does not say.
pub const MOST_BYTES: u32 = 10 << 20;

/// A form while a visitor fills it in.
#[derive(Clone, Debug)]
pub struct FormState {
    view: Arc<FormView>,
    draft: Draft,
    page: usize,
    errors: Vec<FieldError>,
    summary: Vec<FieldError>,
    refusals: u32,
    touched: Vec<String>,
    locked: bool,
    /// Files on their way and arrived.
    pub uploads: Uploads,
}

impl FormState {
    /// A form as the visitor first sees it: with the values of its definition.
    pub fn new(view: Arc<FormView>) -> Self {
        Self {
            draft: defaults(&view.form),
            view,
            page: 0,
            errors: Vec::new(),
            summary: Vec::new(),
            refusals: 0,
            touched: Vec::new(),
            locked: false,
            uploads: Uploads::default(),
        }
    }

    /// The definition, with the texts around it.
    pub fn view(&self) -> &Arc<FormView> {
        &self.view
    }

    /// What has been typed so far.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The page that is shown, from 0.
    pub fn page(&self) -> usize {
        self.page
    }

    /// The errors to show, in the order of the form.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The errors to list above the form: those of the last refused step or submission. The list stays as it is while
    /// the visitor works through it, and goes once nothing is wrong.
    pub fn summary(&self) -> &[FieldError] {
        if self.errors.is_empty() { &[] } else { &self.summary }
    }

    /// How often the list of errors has changed.
    pub fn refusals(&self) -> u32 {
        self.refusals
    }

    /// Whether the answers can't be changed: they are on their way.
    pub fn locked(&self) -> bool {
        self.locked
    }

    /// Locks or unlocks the answers.
    pub fn lock(&mut self, locked: bool) {
        self.locked = locked;
    }

    /// The message at a field (or at `field.row`); empty when there is none.
    pub fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|error| error.field == name).map_or("", |error| error.message.as_str())
    }

    /// Whether a field takes part: its condition and its page's condition hold.
    pub fn applies(&self, name: &str) -> bool {
        check::applies(&self.view.form, &self.draft, name)
    }

    /// Whether an answer to a field is needed as things are.
    pub fn required(&self, name: &str) -> bool {
        let Some(field) = self.view.form.field(name) else { return false };
        let holds = |condition| Applying::of(&self.view.form, &self.draft).holds(condition);
        field.required || field.required_when.as_ref().is_some_and(holds)
    }

    /// Pages that take part, in order.
    pub fn pages(&self) -> Vec<usize> {
        let applying = Applying::of(&self.view.form, &self.draft);
        (0..self.view.form.pages.len()).filter(|&at| applying.page(at)).collect()
    }

    /// Position of the shown page among those that take part, from 1, and how many these are.
    pub fn progress(&self) -> (usize, usize) {
        let pages = self.pages();
        (pages.iter().filter(|&&at| at <= self.page).count(), pages.len())
    }

    /// Whether the shown page is the last one.
    pub fn is_last(&self) -> bool {
        self.pages().last().is_none_or(|&last| last <= self.page)
    }

    /// Takes over what stands in the controls at hydration. What differs from the definition was typed.
    pub fn take_over(&mut self, typed: &Draft) {
        for (name, raw) in typed.iter() {
            if raw != &Raw::One(self.draft.text(name).to_owned()) && !raw.is_blank() {
                self.touch(name);
            }
        }
        self.fill(typed);
    }

    /// Of `known`, the answers the form asks for and does not have.
    pub fn missing(&self, known: &Draft) -> Draft {
        let mut missing = Draft::default();
        for (name, raw) in known.iter() {
            let field = self.view.form.field(base(name));
            let open =
                |field: &Field| field.kind == Kind::Hidden || self.draft.get(name).is_none_or(Raw::is_blank);
            if field.is_some_and(open) {
                missing.set(name, raw.clone());
            }
        }
        missing
    }

    /// What of the answers that the host's code sets is taken: nobody but the visitor agrees to anything.
    pub fn admit(&self, mut given: Draft) -> Draft {
        for field in self.view.form.fields().filter(|field| field.kind == Kind::Consent) {
            given.remove(&field.name);
        }
        given
    }

    /// Takes over answers: from a kept draft, or from the host's code.
    pub fn fill(&mut self, draft: &Draft) {
        for (name, raw) in draft.iter() {
            self.draft.set(name, raw.clone());
        }
    }

    /// Notes how far a file is; once it is stored it is an answer.
    pub fn set_file(&mut self, name: &str, number: u32, state: UploadState) {
        self.uploads.set(number, state);
        self.draft.set(name, self.uploads.ids(name));
    }

    /// Takes a file back.
    pub fn remove_file(&mut self, name: &str, number: u32) {
        self.uploads.remove(number);
        self.draft.set(name, self.uploads.ids(name));
    }

    /// Whether an input into a field can change what is shown besides its own control: an error goes, a condition turns.
    pub fn shows(&self, name: &str) -> bool {
        !self.error(name).is_empty() || self.view.form.looks_at(base(name))
    }

    /// One input that changes nothing one sees, see [`Self::shows`].
    pub fn note(&mut self, name: &str, raw: Raw) {
        self.draft.set(name, raw);
        self.touch(name);
    }

    /// One input. An error that was shown goes away as soon as the field is right.
    pub fn input(&mut self, name: &str, raw: Raw, today: &str) {
        self.note(name, raw);
        if !self.error(name).is_empty() && self.find(name, today).is_none() {
            self.errors.retain(|error| error.field != name);
        }
    }

    /// Whether a field is checked when the visitor leaves it: only if something was typed into it.
    pub fn needs_check(&self, name: &str) -> bool {
        self.touched.iter().any(|touched| touched == name) && !self.locked
    }

    /// The visitor left a field.
    pub fn blur(&mut self, name: &str, today: &str) {
        let found = self.find(name, today);
        self.errors.retain(|error| error.field != name);
        self.errors.extend(found);
    }

    /// To the next page, if this one is right. Else its errors are shown.
    pub fn next(&mut self, today: &str) -> Step {
        let errors = check::check_page(&self.view.form, &self.draft, self.page, self.around(today));
        let next = self.pages().into_iter().find(|&at| at > self.page);
        match next {
            _ if !errors.is_empty() => self.refuse(errors),
            Some(next) => self.go(next),
            None => Step::Stay,
        }
    }

    /// To the page before.
    pub fn back(&mut self) -> Step {
        match self.pages().into_iter().rev().find(|&at| at < self.page) {
            Some(before) => self.go(before),
            None => Step::Stay,
        }
    }

    /// Checks the whole form: all errors in its order, then the files that were not taken: a visitor who sees one in
    /// the list believes that it goes along.
    pub fn check(&self, today: &str) -> Vec<FieldError> {
        let mut errors = check::errors(&self.view.form, &self.draft, self.around(today));
        for field in self.view.form.fields().filter(|field| self.applies(&field.name)) {
            if let Some(message) = self.uploads.failure(&field.name) {
                let (field, code) = (field.name.clone(), "file-failed".to_owned());
                errors.push(FieldError { field, code, message });
            }
        }
        errors
    }

    /// Shows errors, on the page of the first.
    pub fn refuse(&mut self, errors: Vec<FieldError>) -> Step {
        if let Some(page) = errors.iter().find_map(|error| self.page_of(&error.field)) {
            self.page = page;
        }
        self.locked = false;
        self.list(&errors);
        self.errors = errors;
        Step::Refused
    }

    /// Why a file was not taken, as a sentence. `code` is the gateway's; empty where nobody answered.
    pub fn upload_error(&self, name: &str, code: &str) -> String {
        let field = self.view.form.field(name);
        let label = field.and_then(|field| field.label.as_ref()).map_or(name, Text::as_str);
        let bytes = field.and_then(|field| field.max_bytes).unwrap_or(MOST_BYTES);
        let (size, unit) = if bytes < 1 << 20 { (bytes >> 10, " KB") } else { (bytes >> 20, " MB") };
        let (key, limit) = match code {
            "file-large" | "payload-too-large" => ("error.file-large", [&digits(size.into()), unit].concat()),
            "file-type" => ("error.file-type", field.map(accepted).unwrap_or_default()),
            _ => ("error.file-failed", String::new()),
        };
        self.view.texts.fill(key, &[("label", label), ("limit", &limit)])
    }

    /// Back to the beginning.
    pub fn reset(&mut self) {
        let refusals = self.refusals + 1;
        *self = Self { refusals, ..Self::new(Arc::clone(&self.view)) };
    }

    /// The answers of the fields that take part: what is submitted.
    pub fn answers(&self) -> Draft {
        let mut answers = Draft::default();
        let applying = Applying::of(&self.view.form, &self.draft);
        for (name, raw) in self.draft.iter() {
            if !raw.is_blank() && applying.field(base(name)) {
                answers.set(name, raw.clone());
            }
        }
        answers
    }

    fn go(&mut self, page: usize) -> Step {
        self.page = page;
        self.list(&[]);
        self.errors.clear();
        Step::Moved
    }

    fn touch(&mut self, name: &str) {
        if !self.touched.iter().any(|touched| touched == name) {
            self.touched.push(name.to_owned());
        }
    }

    fn list(&mut self, errors: &[FieldError]) {
        self.summary = errors.to_vec();
        self.refusals += 1;
    }

    fn find(&self, name: &str, today: &str) -> Option<FieldError> {
        let found = check::check_field(&self.view.form, &self.draft, base(name), self.around(today));
        found.err()?.into_iter().find(|error| error.field == name)
    }

    fn around<'a>(&'a self, today: &'a str) -> Around<'a> {
        Around { today, texts: &self.view.texts }
    }

    fn page_of(&self, name: &str) -> Option<usize> {
        let name = base(name);
        self.view.form.pages.iter().position(|page| page.fields.iter().any(|field| field.name == name))
    }
}

/// What became of a wish to go to another page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Another page is shown.
    Moved,
    /// Errors are shown instead.
    Refused,
    /// There is no such page.
    #[default]
    Stay,
}

/// The field of a control: `visit` for the matrix row `visit.staff`.
pub fn base(name: &str) -> &str {
    name.split_once('.').map_or(name, |(field, _)| field)
}

/// The types of files a field takes, as one reads them.
fn accepted(field: &Field) -> String {
    field.accept.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn defaults(form: &Form) -> Draft {
    let mut draft = Draft::default();
    for field in form.fields() {
        if let Some(value) = &field.value {
            draft.set(field.name.clone(), value.as_str());
        }
    }
    draft
}
