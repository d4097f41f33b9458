//! A place on a waitlist: a slot that becomes free is offered to one person after the other, for some time each.

use serde::{Deserialize, Serialize};

use super::Held;
use crate::draft::Draft;
use crate::id::WaitingId;
use crate::submission::{Context, Signals};
use crate::text::Lang;
use crate::whole;

/// Body of `POST /v1/sites/{site}/waitlist`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WaitRequest {
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner; any where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<String>,
    /// First day that suits, ISO 8601; today where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day that suits, ISO 8601; any where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Version of the form's definition the visitor saw.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Language the visitor saw.
    #[serde(default)]
    pub lang: Lang,
    /// What was typed into the service's form.
    pub answers: Draft,
    /// Where it was typed.
    #[serde(default)]
    pub context: Context,
    /// Signs of a robot.
    #[serde(default)]
    pub signals: Signals,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Nothing has become free yet.
    Waiting,
    /// A slot is kept for this person.
    Offered,
    /// It became an appointment, or the person left.
    Over,
}

/// Answer of `POST` (201) and `GET …/waitlist/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Its id.
    pub id: WaitingId,
    /// Who has it may see, take and leave it.
    pub token: String,
    /// Whose turn it is.
    pub turn: Turn,
    /// Key of the service.
    pub service: String,
    /// The slot that is kept for this person: book it as any hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Held>,
}
