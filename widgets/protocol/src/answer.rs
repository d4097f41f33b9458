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
    /// Matrix: option's value by row.
    Rows(BTreeMap<String, String>),
}

/// Checked answers by field name. Fields without an answer, and fields left out by a condition, are missing.
pub type Answers = BTreeMap<String, Answer>;
