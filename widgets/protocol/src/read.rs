//! Reading definitions and drafts from JSON that somebody else has parsed: in the page, the browser.
//!
//! The gateway reads the same shapes through `serde`, which names what is wrong. What serde derives for them would be a
//! quarter of the page's module, and the page reads only what the gateway wrote, so here a wrong shape is just `None`.
//! A test holds both ways against each other.

use crate::catalogue::Catalogue;
use crate::condition::Condition;
use crate::draft::{Draft, Raw};
use crate::form::{Choice, Field, Form, Kind, Page, Pattern, Rule, RuleCheck, Thanks};
use crate::text::{Lang, Text};
use crate::view::FormView;

/// A parsed JSON value.
pub trait Json: Sized {
    /// A member of an object; `None` where it is missing or null.
    fn member(&self, name: &str) -> Option<Self>;
    /// A string.
    fn text(&self) -> Option<String>;
    /// A number.
    fn number(&self) -> Option<f64>;
    /// A boolean.
    fn flag(&self) -> Option<bool>;
    /// The items of a list.
    fn items(&self) -> Option<Vec<Self>>;
    /// The members of an object; none for anything else.
    fn members(&self) -> Vec<(String, Self)>;
}

/// What can be read from JSON.
pub trait Read: Sized {
    /// Reads it. `None` where the shape differs.
    fn read(json: &impl Json) -> Option<Self>;
}

/// A member that has to be there.
fn need<T: Read>(json: &impl Json, name: &str) -> Option<T> {
    T::read(&json.member(name)?)
}

/// A member that may be missing. `None` where it is there in another shape.
#[expect(clippy::option_option, reason = "the outer one is for `?`")]
fn may<T: Read>(json: &impl Json, name: &str) -> Option<Option<T>> {
    match json.member(name) {
        None => Some(None),
        Some(member) => T::read(&member).map(Some),
    }
}

/// A list that is empty where it is missing.
fn list<T: Read>(json: &impl Json, name: &str) -> Option<Vec<T>> {
    may(json, name).map(Option::unwrap_or_default)
}

/// A flag that is off where it is missing.
fn flag(json: &impl Json, name: &str) -> bool {
    json.member(name).and_then(|member| member.flag()).unwrap_or_default()
}

/// A whole number. `None` for anything else.
fn whole(json: &impl Json) -> Option<u32> {
    let number = json.number()?;
    let whole = number as u32;
    (f64::from(whole) == number).then_some(whole)
}

impl Read for String {
    fn read(json: &impl Json) -> Option<Self> {
        json.text()
    }
}

impl Read for u32 {
    fn read(json: &impl Json) -> Option<Self> {
        whole(json)
    }
}

impl Read for u8 {
    fn read(json: &impl Json) -> Option<Self> {
        whole(json)?.try_into().ok()
    }
}

impl Read for f64 {
    fn read(json: &impl Json) -> Option<Self> {
        json.number()
    }
}

impl Read for bool {
    fn read(json: &impl Json) -> Option<Self> {
        json.flag()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: &impl Json) -> Option<Self> {
        json.items()?.iter().map(T::read).collect()
    }
}

impl<T: Read> Read for Box<T> {
    fn read(json: &impl Json) -> Option<Self> {
        T::read(json).map(Self::new)
    }
}

impl Read for FormView {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            site: need(json, "site")?,
            form: need(json, "form")?,
            lang: need(json, "lang")?,
            texts: need(json, "texts")?,
            challenge: flag(json, "challenge"),
        })
    }
}

impl Read for Lang {
    fn read(json: &impl Json) -> Option<Self> {
        Self::parse(&json.text()?)
    }
}

impl Read for Catalogue {
    fn read(json: &impl Json) -> Option<Self> {
        json.members().into_iter().map(|(key, text)| Some((key, text.text()?))).collect()
    }
}

impl Read for Text {
    fn read(json: &impl Json) -> Option<Self> {
        match json.text() {
            Some(text) => Some(Self::One(text)),
            None => json
                .members()
                .into_iter()
                .map(|(lang, text)| Some((lang, text.text()?)))
                .collect::<Option<_>>()
                .map(Self::Many),
        }
    }
}

impl Read for Draft {
    fn read(json: &impl Json) -> Option<Self> {
        let mut draft = Self::default();
        for (name, raw) in json.members() {
            draft.set(name, Raw::read(&raw)?);
        }
        Some(draft)
    }
}

impl Read for Raw {
    fn read(json: &impl Json) -> Option<Self> {
        match json.text() {
            Some(text) => Some(Self::One(text)),
            None => Vec::read(json).map(Self::Many),
        }
    }
}

impl Read for Form {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            id: need(json, "id")?,
            version: may(json, "version")?.unwrap_or(1),
            title: need(json, "title")?,
            intro: may(json, "intro")?,
            submit: may(json, "submit")?,
            pages: need(json, "pages")?,
            rules: list(json, "rules")?,
            thanks: may(json, "thanks")?.unwrap_or_default(),
            drafts: flag(json, "drafts"),
        })
    }
}

impl Read for Page {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { title: may(json, "title")?, when: may(json, "when")?, fields: need(json, "fields")? })
    }
}

impl Read for Field {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            name: need(json, "name")?,
            kind: need(json, "type")?,
            label: may(json, "label")?,
            hint: may(json, "hint")?,
            placeholder: may(json, "placeholder")?,
            required: flag(json, "required"),
            required_when: may(json, "requiredWhen")?,
            when: may(json, "when")?,
            min_length: may(json, "minLength")?,
            max_length: may(json, "maxLength")?,
            min: may(json, "min")?,
            max: may(json, "max")?,
            decimals: may(json, "decimals")?,
            pattern: may(json, "pattern")?,
            options: list(json, "options")?,
            rows: list(json, "rows")?,
            region: may(json, "region")?,
            purpose: may(json, "purpose")?,
            version: may(json, "version")?,
            link: may(json, "link")?,
            accept: list(json, "accept")?,
            max_bytes: may(json, "maxBytes")?,
            autocomplete: may(json, "autocomplete")?,
            value: may(json, "value")?,
            prefill: may(json, "prefill")?,
            half: flag(json, "half"),
            low: may(json, "low")?,
            high: may(json, "high")?,
        })
    }
}

impl Read for Kind {
    fn read(json: &impl Json) -> Option<Self> {
        Self::parse(&json.text()?)
    }
}

impl Read for Choice {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { value: need(json, "value")?, label: need(json, "label")? })
    }
}

impl Read for Pattern {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { regex: need(json, "regex")?, message: need(json, "message")? })
    }
}

impl Read for Rule {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            check: need(json, "check")?,
            fields: need(json, "fields")?,
            message: may(json, "message")?,
        })
    }
}

impl Read for RuleCheck {
    fn read(json: &impl Json) -> Option<Self> {
        match json.text()?.as_str() {
            "any" => Some(Self::Any),
            "equal" => Some(Self::Equal),
            "ascending" => Some(Self::Ascending),
            _ => None,
        }
    }
}

impl Read for Thanks {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { title: may(json, "title")?, text: may(json, "text")?, redirect: may(json, "redirect")? })
    }
}

impl Read for Condition {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            field: may(json, "field")?,
            is: may(json, "is")?,
            one_of: list(json, "in")?,
            answered: may(json, "answered")?,
            at_least: may(json, "atLeast")?,
            at_most: may(json, "atMost")?,
            all: list(json, "all")?,
            any: list(json, "any")?,
            not: may(json, "not")?,
        })
    }
}
