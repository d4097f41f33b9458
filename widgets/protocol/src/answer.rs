//! What an answer means once it was checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A checked answer. In JSON the bare value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// Consent: agreed.
    Yes(bool),
    /// Rating and scale.
    Points(u8),
    /// Text (trimmed), e-mail, phone (E.164), number (canonical decimal), date (ISO 8601), one option's value.
    Text(String),
    /// Options' values in the form's order, or upload ids.
    Many(Vec<String>),
    /// Matrix: option's value by row, in the form's order. In JSON an object.
    Rows(#[serde(with = "rows")] Vec<(String, String)>),
}

/// Checked answers by field name. Fields without an answer, and fields left out by a condition, are missing.
pub type Answers = BTreeMap<String, Answer>;

/// Pairs as an object. A tree in their place would be 4 KB of the page's module.
mod rows {
    use std::fmt;

    use serde::{Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(rows: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(rows.iter().map(|(row, value)| (row, value)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, String)>, D::Error> {
        deserializer.deserialize_map(Visitor)
    }

    struct Visitor;

    impl<'de> de::Visitor<'de> for Visitor {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of strings")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut rows = Vec::new();
            while let Some(row) = map.next_entry()? {
                rows.push(row);
            }
            Ok(rows)
        }
    }
}
