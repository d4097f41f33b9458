//! What a visitor typed, unchecked.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::check::number::{self, Decimal};

/// Raw answers by field name. Matrix rows are separate entries named `field.row`; files are lists of upload ids.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Draft(BTreeMap<String, Raw>);

/// One raw answer: a string, or a list of strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// Text as typed, or the value of one option; `"yes"` for a ticked consent.
    One(String),
    /// Values of the ticked options, or ids of the uploads.
    Many(Vec<String>),
}

impl Draft {
    /// The raw answer of a field.
    pub fn get(&self, name: &str) -> Option<&Raw> {
        self.0.get(name)
    }

    /// The raw answer of a field as one string, `""` where there is none.
    pub fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Raw::One(text)) => text,
            Some(Raw::Many(values)) => values.first().map_or("", String::as_str),
            None => "",
        }
    }

    /// Sets a raw answer.
    pub fn set(&mut self, name: impl Into<String>, raw: impl Into<Raw>) {
        self.0.insert(name.into(), raw.into());
    }

    /// Takes an answer back.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// All raw answers by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Raw)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), raw))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Raw::is_blank)
    }
}

impl Raw {
    /// Whether there is nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::One(text) => text.trim().is_empty(),
            Self::Many(values) => values.is_empty(),
        }
    }

    /// Whether the answer is, or contains, `wanted`.
    pub fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(text) => text.trim() == wanted,
            Self::Many(values) => values.iter().any(|value| value == wanted),
        }
    }

    /// The answer as a number, when it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::One(text) => number::parse(text).ok().map(Decimal::to_f64),
            Self::Many(_) => None,
        }
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for Raw {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

impl From<Vec<String>> for Raw {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(text) => serializer.serialize_str(text),
            Self::Many(values) => values.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
                Ok(Raw::One(text.to_owned()))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Raw::Many(values))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
