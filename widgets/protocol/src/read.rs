//! Reading definitions and drafts from JSON that somebody else has parsed: in the page, the browser.
//!
//! The gateway reads the same shapes through `serde`, which names what is wrong. What serde derives for them would be a
//! quarter of the page's module, and the page reads what the gateway wrote. So a member of another shape counts as
//! missing here, and what is needed but missing is empty; only a form without pages is no form.
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
    /// Reads it. `None` where it is something else altogether.
    fn read(json: &impl Json) -> Option<Self>;
}

/// A member that may be missing.
pub(crate) fn may<T: Read>(json: &impl Json, name: &str) -> Option<T> {
    T::read(&json.member(name)?)
}

/// A string that is empty where it is missing.
pub(crate) fn string(json: &impl Json, name: &str) -> String {
    may(json, name).unwrap_or_default()
}

/// A text that is empty where it is missing.
fn text(json: &impl Json, name: &str) -> Text {
    may(json, name).unwrap_or(Text::One(String::new()))
}

/// A list that is empty where it is missing.
pub(crate) fn list<T: Read>(json: &impl Json, name: &str) -> Vec<T> {
    may(json, name).unwrap_or_default()
}

/// A flag that is off where it is missing.
pub(crate) fn flag(json: &impl Json, name: &str) -> bool {
    may(json, name).unwrap_or_default()
}

impl Read for String {
    fn read(json: &impl Json) -> Option<Self> {
        json.text()
    }
}

impl Read for u32 {
    fn read(json: &impl Json) -> Option<Self> {
        json.number().map(|number| number as Self)
    }
}

impl Read for i32 {
    fn read(json: &impl Json) -> Option<Self> {
        json.number().map(|number| number as Self)
    }
}

impl Read for u8 {
    fn read(json: &impl Json) -> Option<Self> {
        json.number().map(|number| number as Self)
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
        Some(json.items()?.iter().filter_map(T::read).collect())
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
            form: may(json, "form")?,
            site: string(json, "site"),
            lang: may(json, "lang").unwrap_or_default(),
            texts: may(json, "texts").unwrap_or_default(),
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
        Some(texts(json).into_iter().collect())
    }
}

impl Read for Text {
    fn read(json: &impl Json) -> Option<Self> {
        Some(json.text().map_or_else(|| Self::Many(texts(json)), Self::One))
    }
}

/// The members of an object that are strings.
fn texts(json: &impl Json) -> Vec<(String, String)> {
    json.members().into_iter().filter_map(|(name, text)| Some((name, text.text()?))).collect()
}

impl Read for Draft {
    fn read(json: &impl Json) -> Option<Self> {
        let mut draft = Self::default();
        for (name, raw) in json.members() {
            if let Some(raw) = Raw::read(&raw) {
                draft.set(name, raw);
            }
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
            pages: may(json, "pages")?,
            id: string(json, "id"),
            version: may(json, "version").unwrap_or(1),
            title: text(json, "title"),
            intro: may(json, "intro"),
            submit: may(json, "submit"),
            rules: list(json, "rules"),
            thanks: may(json, "thanks").unwrap_or_default(),
            drafts: flag(json, "drafts"),
        })
    }
}

impl Read for Page {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { title: may(json, "title"), when: may(json, "when"), fields: list(json, "fields") })
    }
}

impl Read for Field {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            kind: Kind::parse(&may::<String>(json, "type")?)?,
            name: string(json, "name"),
            label: may(json, "label"),
            hint: may(json, "hint"),
            placeholder: may(json, "placeholder"),
            required: flag(json, "required"),
            required_when: may(json, "requiredWhen"),
            when: may(json, "when"),
            min_length: may(json, "minLength"),
            max_length: may(json, "maxLength"),
            min: may(json, "min"),
            max: may(json, "max"),
            decimals: may(json, "decimals"),
            pattern: may(json, "pattern"),
            options: list(json, "options"),
            rows: list(json, "rows"),
            region: may(json, "region"),
            purpose: may(json, "purpose"),
            version: may(json, "version"),
            link: may(json, "link"),
            accept: list(json, "accept"),
            max_bytes: may(json, "maxBytes"),
            autocomplete: may(json, "autocomplete"),
            value: may(json, "value"),
            prefill: may(json, "prefill"),
            half: flag(json, "half"),
            low: may(json, "low"),
            high: may(json, "high"),
        })
    }
}

impl Read for Choice {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { value: string(json, "value"), label: text(json, "label") })
    }
}

impl Read for Pattern {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { regex: string(json, "regex"), message: text(json, "message") })
    }
}

impl Read for Rule {
    fn read(json: &impl Json) -> Option<Self> {
        let check = match may::<String>(json, "check")?.as_str() {
            "any" => RuleCheck::Any,
            "equal" => RuleCheck::Equal,
            "ascending" => RuleCheck::Ascending,
            _ => return None,
        };
        Some(Self { check, fields: list(json, "fields"), message: may(json, "message") })
    }
}

impl Read for Thanks {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self { title: may(json, "title"), text: may(json, "text"), redirect: may(json, "redirect") })
    }
}

impl Read for Condition {
    fn read(json: &impl Json) -> Option<Self> {
        Some(Self {
            field: may(json, "field"),
            is: may(json, "is"),
            one_of: list(json, "in"),
            answered: may(json, "answered"),
            at_least: may(json, "atLeast"),
            at_most: may(json, "atMost"),
            all: list(json, "all"),
            any: list(json, "any"),
            not: may(json, "not"),
        })
    }
}
