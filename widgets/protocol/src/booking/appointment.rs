//! A booked slot: what is sent to get one, and what its owner sees of it.

use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::id::{AppointmentId, HoldId};
use crate::submission::{Context, Signals};
use crate::text::Lang;
use crate::whole;

/// Body of `POST /v1/sites/{site}/appointments`. With `hold`, whose token is in `Authorization`, the slot is the hold's
/// and `service`, `practitioner` and `start` are not read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BookRequest {
    /// The hold that becomes an appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldId>,
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner; whoever has least to do where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<String>,
    /// Start of the slot, an instant.
    pub start: String,
    /// Version of the form's definition the visitor saw.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Language the visitor saw.
    #[serde(default)]
    pub lang: Lang,
    /// What was typed into the service's form; the gateway checks it again.
    pub answers: Draft,
    /// Where it was typed.
    #[serde(default)]
    pub context: Context,
    /// Signs of a robot.
    #[serde(default)]
    pub signals: Signals,
}

/// Body of `PATCH /v1/sites/{site}/appointments/{id}`: another slot of the same service, or nothing changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRequest {
    /// Key of the practitioner; the same as before where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<String>,
    /// Start of the new slot, an instant.
    pub start: String,
}

/// Where an appointment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The slot is taken; the staff has yet to confirm.
    Requested,
    /// Confirmed.
    Booked,
    /// Cancelled, by the visitor or the staff; the slot is free again.
    Cancelled,
    /// Nobody came.
    Missed,
    /// They came.
    Arrived,
}

impl Status {
    /// Every status under its word.
    pub const NAMES: [(Self, &str); 5] = [
        (Self::Requested, "requested"),
        (Self::Booked, "booked"),
        (Self::Cancelled, "cancelled"),
        (Self::Missed, "missed"),
        (Self::Arrived, "arrived"),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// The status of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, name)| *name == word).map(|(status, _)| *status)
    }

    /// Whether it occupies its slot.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Booked)
    }
}

/// Answer of `POST` (201), `GET`, `PATCH` and `DELETE …/appointments/{id}` (200). Nothing that was typed is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// Who has it may see, move and cancel it.
    pub token: String,
    /// Short code to say at the desk, e.g. `K7QM-2F9X`.
    pub code: String,
    /// Where it stands.
    pub status: Status,
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner.
    pub practitioner: String,
    /// Key of the place.
    pub place: String,
    /// Start, an instant.
    pub start: String,
    /// End, an instant.
    pub end: String,
    /// Minutes that the site's clock is ahead of UTC at the start.
    #[serde(default)]
    pub offset: i32,
    /// Counts up with every change (RFC 5545, `SEQUENCE`).
    pub sequence: u32,
    /// Until when it may be moved, an instant; missing where it may not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movable_until: Option<String>,
    /// Until when it may be cancelled, an instant; missing where it may not any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellable_until: Option<String>,
}
