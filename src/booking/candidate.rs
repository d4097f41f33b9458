//! One way to do a slot: by whom, where, and what it occupies.

use crate::store::Millis;

/// A practitioner, a place, and everything that a slot with them occupies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Key of the practitioner.
    pub practitioner: String,
    /// Key of the place.
    pub place: String,
    /// Start of the slot.
    pub start: Millis,
    /// End of the slot.
    pub end: Millis,
    /// The practitioner's time and that of each resource, in the order of their keys.
    pub takings: Vec<Taking>,
}

/// A stretch of somebody's time, pauses before and after included.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Taking {
    /// Key of the practitioner or resource.
    pub resource: String,
    /// Beginning, a multiple of five minutes.
    pub from: Millis,
    /// End, a multiple of five minutes.
    pub to: Millis,
    /// How many people the resource serves at the same time.
    pub seats: u32,
}
