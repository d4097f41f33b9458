//! The nearest free slots to one that is not.

use std::collections::HashSet;

use crm_protocol::booking::{Alternative, Row, Slot};
use jiff::Timestamp;

use super::availability::{Availability, Window, instant, rfc3339};
use super::days::{self, DAY, MINUTE};
use crate::definitions::booking::Service;
use crate::store::Millis;

impl Availability<'_> {
    /// At most `count` free slots of the window, nearest to `start` first, of two that are as near the earlier one: those
    /// of the practitioner who was asked for, then those of others, each time once.
    pub fn alternatives(
        &self,
        service: &Service,
        practitioner: Option<&str>,
        start: Timestamp,
        window: Window,
        count: usize,
    ) -> Vec<Alternative> {
        let (wanted, midnight) = (start.as_millisecond(), days::number(window.from) * DAY);
        let slots = self.slots(service, None, window);
        let ranked = |(row, slot): (&Row, Slot)| {
            let at = midnight + slot.instant() * MINUTE;
            let other = practitioner.is_some_and(|asked| asked != row.practitioner);
            (other, at.abs_diff(wanted), at, row.practitioner.clone())
        };
        // Whoever looked at a list that was a moment old would be sent to the same slot again.
        let is_itself = |other: bool, at: Millis| !other && at == wanted;
        let mut found: Vec<_> =
            slots.free().map(ranked).filter(|(other, _, at, _)| !is_itself(*other, *at)).collect();
        found.sort_by_key(|(other, distance, at, _)| (*other, *distance, *at));
        let mut seen = HashSet::new();
        found.retain(|(other, _, at, _)| seen.insert((*other, *at)));
        let alternative =
            |(_, _, at, practitioner)| Alternative { practitioner, start: rfc3339(instant(at)) };
        found.into_iter().take(count).map(alternative).collect()
    }
}
