//! Our own texts: one JSON file per language in `texts/`, one entry per sentence.
//!
//! The gateway has all of them and a view carries those of its language and form, so the page's module has none.
//! `{label}`, `{limit}`, … in a text are filled in by [`Catalogue::fill`].

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::form::{Form, Kind};

/// The languages we speak, each with the JSON of its [`Catalogue`]. English first: it is what others fall back to.
///
/// Nothing the page's module runs mentions this, so the module does not contain it.
pub const FILES: [(&str, &str); 3] = [
    ("en", include_str!("../texts/en.json")),
    ("zh-CN", include_str!("../texts/zh-CN.json")),
    ("zh-TW", include_str!("../texts/zh-TW.json")),
];

/// Texts of one language by key, e.g. `error.required`.
///
/// Sorted pairs rather than a tree, as in [`crate::draft::Draft`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue(Vec<(String, String)>);

impl Catalogue {
    /// The text of that key; the key itself where it is missing, so that a gap is seen.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text of that key.
    pub fn find(&self, key: &str) -> Option<&str> {
        let found = self.0.binary_search_by(|(known, _)| known.as_str().cmp(key)).ok()?;
        self.0.get(found).map(|(_, text)| text.as_str())
    }

    /// The text of that key with its placeholders filled, see [`fill`].
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.get(key), values)
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// Leaves out the texts of these keys.
    pub fn without(mut self, keys: &[&str]) -> Self {
        self.0.retain(|(key, _)| !keys.contains(&key.as_str()));
        self
    }

    /// Leaves out what the page never shows for this form: texts of booking (`booking.…`), of the gateway's own pages
    /// (`page.…`), for CRMs (`crm.…`) and of messages (`mail.…`), texts of kinds of fields that the form does not have
    /// (`error.phone`, `file.choose`, … by a word of the key), and of rules and pages where it has none or only one.
    pub fn for_form(mut self, form: &Form) -> Self {
        let absent = |kind: Kind| !form.fields().any(|field| field.kind == kind);
        self.0.retain(|(key, _)| {
            let of = |word: &str| key.split('.').any(|part| part.starts_with(word));
            let ours = ["booking.", "page.", "crm.", "mail."].iter().any(|room| key.starts_with(room));
            let kinds = KIND_WORDS.iter().any(|&(kind, word)| of(word) && absent(kind));
            let rules = form.rules.is_empty() && OF_RULES.contains(&key.as_str());
            let pages = form.pages.len() < 2 && key == "progress";
            !ours && !kinds && !rules && !pages
        });
        self
    }
}

/// A text with `{name}` replaced by the value of each pair. Braces in a value stay as they are.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let named = after.split_once('}');
        let value = named.and_then(|(name, _)| values.iter().find(|(known, _)| *known == name));
        match (named, value) {
            (Some((_, after)), Some((_, value))) => {
                filled.push_str(value);
                rest = after;
            }
            _ => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// The names in braces of a text, in order.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

impl FromIterator<(String, String)> for Catalogue {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        let mut texts: Vec<_> = texts.into_iter().collect();
        texts.sort_unstable();
        Self(texts)
    }
}

impl Serialize for Catalogue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, text)| (key, text)))
    }
}

impl<'de> Deserialize<'de> for Catalogue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, String>::deserialize(deserializer).map(Self::from_iter)
    }
}

/// Words that begin a part of a key whose text belongs to one kind of field.
const KIND_WORDS: [(Kind, &str); 12] = [
    (Kind::Email, "email"),
    (Kind::Phone, "phone"),
    (Kind::Number, "number"),
    (Kind::Date, "date"),
    (Kind::Select, "select"),
    (Kind::Consent, "consent"),
    (Kind::Rating, "rating"),
    (Kind::Scale, "scale"),
    (Kind::Matrix, "matrix"),
    (Kind::File, "file"),
    (Kind::ResidentId, "resident-id"),
    (Kind::Checkboxes, "option-"),
];

/// Texts of a form's rules.
const OF_RULES: [&str; 4] = ["error.any", "error.ascending", "error.equal", "list.separator"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Catalogue, FILES, placeholders};
    use crate::form::Form;

    fn catalogues() -> Vec<Catalogue> {
        FILES.iter().map(|(_, json)| serde_json::from_str(json).expect("a catalogue")).collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        let all = catalogues();
        let [english, others @ ..] = all.as_slice() else { panic!("no languages") };
        for other in others {
            assert_eq!(english.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
            for key in english.keys() {
                let names = |catalogue: &Catalogue| {
                    placeholders(catalogue.get(key)).map(str::to_owned).collect::<BTreeSet<_>>()
                };
                assert_eq!(names(english), names(other), "{key}");
            }
        }
        for catalogue in &all {
            assert!(catalogue.keys().all(|key| !catalogue.get(key).trim().is_empty()));
        }
    }

    #[test]
    fn placeholders_are_filled_and_braces_in_values_are_left_alone() {
        let catalogue: Catalogue =
            serde_json::from_str(r#"{"a": "{label}: {limit} {other} {"}"#).expect("a catalogue");
        assert_eq!(catalogue.fill("a", &[("label", "{limit}"), ("limit", "5")]), "{limit}: 5 {other} {");
        assert_eq!(catalogue.fill("missing", &[]), "missing");
    }

    #[test]
    fn a_view_carries_only_the_texts_of_its_kinds() {
        let form: Form = serde_json::from_str(
            r#"{"id": "a", "title": "A", "pages": [{"fields": [{"name": "tel", "type": "phone", "label": "Phone"}]}]}"#,
        )
        .expect("a form");
        for (_, json) in FILES {
            let cut = serde_json::from_str::<Catalogue>(json).expect("a catalogue").for_form(&form);
            assert!(cut.keys().any(|key| key == "error.phone-extension"));
            assert!(cut.keys().any(|key| key == "error.required"));
            let absent = ["error.any", "error.option-few", "list.separator", "progress"];
            assert!(!cut.keys().any(|key| absent.contains(&key)));
            assert!(!cut.keys().any(|key| key.starts_with("page.")
                || key.starts_with("booking.")
                || key.starts_with("crm.")
                || key.starts_with("mail.")
                || key.contains("file")
                || key.contains("email")));
        }
    }
}
