//! Our own texts: one JSON file per language in `texts/`, one entry per sentence.
//!
//! The gateway has all of them and a view carries those of its language, so the page's module has none.
//! `{label}`, `{min}`, … in a text are filled in by [`Catalogue::fill`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Texts of one language by key, e.g. `error.required`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Catalogue(BTreeMap<String, String>);

impl Catalogue {
    /// The text of that key; the key itself where it is missing, so that a gap is seen.
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// The text of that key with `{name}` replaced by the value of each pair.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.get(key).to_owned();
        for (name, value) in values {
            text = text.replace(&["{", name, "}"].concat(), value);
        }
        text
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
