//! The nearest free slots to one that is not.

use std::collections::HashSet;

use crm_protocol::booking::Alternative;
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
        // Whoever looked at a list that was a moment old would be sent to the same slot again.
        let is_itself = |other: bool, at: Millis| !other && at == wanted;
        let ranked = slots.free().map(|(row, slot)| {
            let at = midnight + slot.instant() * MINUTE;
            let other = practitioner.is_some_and(|asked| asked != row.practitioner);
            (other, at.abs_diff(wanted), at, row.practitioner.as_str())
        });
        let mut found: Vec<_> = ranked.filter(|(other, _, at, _)| !is_itself(*other, *at)).collect();
        // Stable, so that of two at the same time the first in the definitions is named.
        found.sort_by_key(|(other, distance, at, _)| (*other, *distance, *at));
        let mut seen = HashSet::new();
        let once = found.into_iter().filter(|(other, _, at, _)| seen.insert((*other, *at)));
        let alternative = |(_, _, at, who): (_, _, _, &str)| Alternative {
            practitioner: who.to_owned(),
            start: rfc3339(instant(at)),
        };
        once.map(alternative).take(count).collect()
    }
}
