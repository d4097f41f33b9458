//! What a visitor typed, unchecked.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::check::number::{self, Decimal};

/// Raw answers by field name. Matrix rows are separate entries named `field.row`; files are lists of upload ids.
///
/// Sorted pairs rather than a tree: a form has few fields, and the page downloads less code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft(Vec<(String, Raw)>);

/// A draft from outside has at most so many answers: every field and matrix row that a form can have, and more.
pub const MAX_ANSWERS: usize = 2_000;

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
        self.find(name).ok().and_then(|at| self.0.get(at)).map(|(_, raw)| raw)
    }

    /// The raw answer of a field as one string, `""` where there is none.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Raw::One(text)) => text,
            Some(Raw::Many(values)) => values.first().map_or("", String::as_str),
            None => "",
        }
    }

    /// Sets a raw answer.
    pub fn set(&mut self, name: impl Into<String>, raw: impl Into<Raw>) {
        self.put(name.into(), raw.into());
    }

    /// Takes an answer back.
    pub fn remove(&mut self, name: &str) {
        if let Ok(at) = self.find(name) {
            self.0.remove(at);
        }
    }

    /// All raw answers, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Raw)> {
        self.0.iter().map(|(name, raw)| (name.as_str(), raw))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|(_, raw)| raw.is_blank())
    }

    fn put(&mut self, name: String, raw: Raw) {
        match self.find(&name) {
            Ok(at) => {
                if let Some(entry) = self.0.get_mut(at) {
                    entry.1 = raw;
                }
            }
            Err(at) => self.0.insert(at, (name, raw)),
        }
    }

    /// The place of a name, or the place where it would be.
    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }
}

impl Serialize for Draft {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Draft;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with at most 2000 answers by field name")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
                let mut draft = Draft::default();
                while let Some((name, raw)) = map.next_entry()? {
                    draft.put(name, raw);
                    if draft.0.len() > MAX_ANSWERS {
                        return Err(de::Error::custom("too many answers"));
                    }
                }
                Ok(draft)
            }
        }
        deserializer.deserialize_map(Visitor)
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

#[cfg(test)]
mod tests {
    use super::{Draft, MAX_ANSWERS, Raw};

    #[test]
    fn the_last_answer_of_a_name_counts_and_names_are_sorted() {
        let draft: Draft = serde_json::from_str(r#"{"b": "1", "a": ["x", "y"], "b": "2"}"#).expect("a draft");
        assert_eq!(draft.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((draft.text("b"), draft.text("a"), draft.text("c")), ("2", "x", ""));
        assert_eq!(serde_json::to_string(&draft).expect("JSON"), r#"{"a":["x","y"],"b":"2"}"#);
    }

    #[test]
    fn an_answer_can_be_taken_back() {
        let mut draft = Draft::default();
        draft.set("a", "1");
        draft.set("a", Raw::One(" ".to_owned()));
        assert!(draft.is_empty() && draft.get("a").is_some());
        draft.remove("a");
        draft.remove("b");
        assert_eq!(draft.get("a"), None);
    }

    #[test]
    fn a_draft_from_outside_is_bounded() {
        let answers: Vec<String> = (0..=MAX_ANSWERS).map(|at| format!("\"n{at}\":\"\"")).collect();
        assert!(serde_json::from_str::<Draft>(&format!("{{{}}}", answers.join(","))).is_err());
        assert!(serde_json::from_str::<Draft>("[]").is_err());
        assert!(serde_json::from_str::<Draft>(r#"{"a": 1}"#).is_err());
    }
}
