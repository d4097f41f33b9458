//! A form's definition, as web masters write it and as the page receives it.
//!
//! The JSON Schema beside this crate (`form.schema.json`) describes the same shape for editors. A field is one flat
//! record with a [`Kind`]; which members a kind reads is said at each member, and [`Form::faults`] refuses the rest.

use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::text::{Lang, Text};
use crate::whole;

/// A form: pages of fields, rules across fields, and what follows the submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Form {
    /// Name of the form in addresses and attributes: 1–64 of `a–z`, `0–9`, `-`.
    pub id: String,
    /// Counts up with every change that a stored submission should be able to tell apart.
    #[serde(default = "one", deserialize_with = "whole::number")]
    pub version: u32,
    /// Heading of the form.
    pub title: Text,
    /// A sentence below the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    /// Label of the last button; our own text where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit: Option<Text>,
    /// At least one page; a progress display appears from the second on.
    pub pages: Vec<Page>,
    /// Rules that look at several fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// What the visitor sees once the submission was accepted.
    #[serde(default)]
    pub thanks: Thanks,
    /// Whether the page may keep a draft on the visitor's device after the first input.
    #[serde(default, skip_serializing_if = "is_false")]
    pub drafts: bool,
}

/// One page of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Page {
    /// Heading of the page, shown and announced with the progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// The page is skipped while this does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Fields in the order of the page.
    pub fields: Vec<Field>,
}

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number; stored as E.164.
    Phone,
    /// A decimal number.
    Number,
    /// A calendar day; stored as ISO 8601.
    Date,
    /// One of several options, in a drop-down.
    Select,
    /// One of several options, as radio buttons.
    Radio,
    /// Any of several options.
    Checkboxes,
    /// Several lines of text.
    LongText,
    /// Agreement to one purpose, never ticked beforehand.
    Consent,
    /// 1 to `max` stars.
    Rating,
    /// 0 to 10, as in the Net Promoter Score.
    Scale,
    /// One option per row.
    Matrix,
    /// One or more uploaded files.
    File,
    /// A value that is not shown.
    Hidden,
    /// A Chinese resident identity number (GB 11643-1999).
    ResidentId,
}

impl Kind {
    /// Every kind under the name it has in a definition.
    pub const NAMES: [(Self, &str); 16] = [
        (Self::Text, "text"),
        (Self::Email, "email"),
        (Self::Phone, "phone"),
        (Self::Number, "number"),
        (Self::Date, "date"),
        (Self::Select, "select"),
        (Self::Radio, "radio"),
        (Self::Checkboxes, "checkboxes"),
        (Self::LongText, "long-text"),
        (Self::Consent, "consent"),
        (Self::Rating, "rating"),
        (Self::Scale, "scale"),
        (Self::Matrix, "matrix"),
        (Self::File, "file"),
        (Self::Hidden, "hidden"),
        (Self::ResidentId, "resident-id"),
    ];

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Key of the answer: 1–64 of `a–z`, `A–Z`, `0–9`, `_`, `-`, starting with a letter. Unique in the form.
    pub name: String,
    /// What is asked for.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Visible label. For consent the whole sentence agreed to; for hidden fields not needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// Help below the label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Example inside an empty control. Never the only label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<Text>,
    /// An answer is needed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// An answer is needed while this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_when: Option<Condition>,
    /// The field is left out while this does not hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Least length in characters (Unicode scalar values): text, long-text.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Greatest length in characters: text, long-text. 500 and 5,000 where it is missing.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Least value: number (`"0"`), date (`"1900-01-01"`, `"today"`, `"today-18y"`), checkboxes and file (how many).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Greatest value, as `min` (one file, where it is missing); for rating how many stars (2–10, 5 where it is
    /// missing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Digits allowed after the decimal point: number. 0 where it is missing.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// A pattern the whole text must match: text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// Options: select, radio, checkboxes; the columns of a matrix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Rows: matrix.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Choice>,
    /// The country whose national forms are understood without a prefix: phone. `CN`, `HK`, `MO`, `TW` or another
    /// ISO 3166-1 code; `CN` where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What is agreed to, as a stable key such as `privacy`: consent, where it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Version of the sentence agreed to: consent, where it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where the full text can be read (`https://…` or a path of the embedding site): consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// File types by extension: file. Of `pdf`, `png`, `jpg`, `webp`, `heic`, `gif`, `docx`, `xlsx`, `txt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Greatest size of one file in bytes: file. 10 MiB where it is missing, and never more.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u32>,
    /// Value for autofill as in HTML (`name`, `email`, `tel`, …); a fitting one is chosen where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
    /// The value a hidden field has when nothing prefills it; the text other fields start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Name of the parameter of the page's address that prefills this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// Takes half the width where there is room.
    #[serde(default, skip_serializing_if = "is_false")]
    pub half: bool,
    /// Texts at the ends of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<Text>,
    /// Texts at the ends of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<Text>,
}

/// A value with the text that stands for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stored value: 1–100 characters.
    pub value: String,
    /// Shown text.
    pub label: Text,
}

/// A regular expression for a whole text, with the sentence that says what was expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The expression, in the syntax of [`crate::check::pattern`], anchored at both ends. At most 200 characters.
    pub regex: String,
    /// What the visitor should type instead.
    pub message: Text,
}

/// A rule across fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// What must hold.
    pub check: RuleCheck,
    /// The fields it looks at, in the form's order (on one page for `any`). The error appears at the last one (at the first for `any`).
    pub fields: Vec<String>,
    /// What the visitor should do; our own sentence where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
}

/// What a [`Rule`] demands. Fields that are left out by their condition are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleCheck {
    /// At least one of the fields is answered.
    Any,
    /// All answered fields are equal.
    Equal,
    /// Answered fields are in ascending order, equal allowed: number, date.
    Ascending,
}

/// What follows an accepted submission.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thanks {
    /// Heading; our own text where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// A sentence below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// The page to go to instead of showing a thank-you: `https://…` or a path of the embedding site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
}

impl Form {
    /// All fields, page after page.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.pages.iter().flat_map(|page| &page.fields)
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().find(|field| field.name == name)
    }

    /// Whether a condition of a page or a field looks at the field of that name.
    pub fn looks_at(&self, name: &str) -> bool {
        let of_pages = self.pages.iter().flat_map(|page| &page.when);
        let of_fields = self.fields().flat_map(|field| field.when.iter().chain(&field.required_when));
        let mut found = false;
        of_pages.chain(of_fields).for_each(|condition| {
            condition.for_each_field(&mut |field| found |= field == name);
        });
        found
    }

    /// The same form with every text cut to one language: what a page receives.
    pub fn localize(mut self, lang: &Lang) -> Self {
        self.for_each_text(&mut |text| text.localize(lang));
        self
    }

    /// Calls `visit` with every text of the definition.
    pub fn for_each_text(&mut self, visit: &mut impl FnMut(&mut Text)) {
        let Thanks { title, text, .. } = &mut self.thanks;
        [Some(&mut self.title), self.intro.as_mut(), self.submit.as_mut(), title.as_mut(), text.as_mut()]
            .into_iter()
            .flatten()
            .for_each(&mut *visit);
        self.rules.iter_mut().filter_map(|rule| rule.message.as_mut()).for_each(&mut *visit);
        for page in &mut self.pages {
            page.title.iter_mut().for_each(&mut *visit);
            for field in &mut page.fields {
                field.for_each_text(visit);
            }
        }
    }
}

impl Field {
    fn for_each_text(&mut self, visit: &mut impl FnMut(&mut Text)) {
        let Self { label, hint, placeholder, low, high, .. } = self;
        [label, hint, placeholder, low, high].into_iter().flatten().for_each(&mut *visit);
        self.pattern.iter_mut().for_each(|pattern| visit(&mut pattern.message));
        self.options.iter_mut().chain(&mut self.rows).for_each(|choice| visit(&mut choice.label));
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
