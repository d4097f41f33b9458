//! A slot that is kept for one visitor while they fill in the form.

use serde::{Deserialize, Serialize};

use crate::id::HoldId;

/// Body of `POST /v1/sites/{site}/holds`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldRequest {
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner; whoever has least to do where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<String>,
    /// Start of the slot, an instant.
    pub start: String,
}

/// Its answer, 201: the slot is nobody else's until `expires`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// Its id.
    pub id: HoldId,
    /// Who has it may book or release it.
    pub token: String,
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner, also where none was asked for.
    pub practitioner: String,
    /// Key of the place.
    pub place: String,
    /// Start of the slot, an instant.
    pub start: String,
    /// End of the slot, an instant.
    pub end: String,
    /// Minutes that the site's clock is ahead of UTC at the start.
    #[serde(default)]
    pub offset: i32,
    /// When it ends by itself, an instant.
    pub expires: String,
    /// Seconds until then: the visitor's clock may be wrong.
    pub seconds: u32,
}

/// A free slot near one that is not: in the problems `slot-taken` (409) and `not-offered` (422).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// Key of the practitioner.
    pub practitioner: String,
    /// Start, an instant.
    pub start: String,
}
