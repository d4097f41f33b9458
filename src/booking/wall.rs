//! The clock on a wall: which instants show which times of a day.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::days::{DAY, MINUTE};
use crate::store::Millis;

/// A zone's clock over some days: stretches of one offset each, in the order of time, without a gap.
#[derive(Clone, Debug)]
pub struct Wall(Vec<Stretch>);

/// Instants from `from` to before `to`, during which the clock is `ahead` of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first.
    pub from: Millis,
    /// Where it ends.
    pub to: Millis,
    /// Milliseconds.
    pub ahead: Millis,
}

impl Wall {
    /// The clock on those days, and a little before and after.
    pub fn new(zone: &TimeZone, days: &RangeInclusive<i64>) -> Self {
        // No clock is two days ahead or behind.
        let (from, to) = (days.start().saturating_sub(2), days.end().saturating_add(3));
        let (from, to) = (from.saturating_mul(DAY), to.saturating_mul(DAY));
        let Ok(first) = Timestamp::from_millisecond(from) else { return Self(Vec::new()) };
        let mut stretches = Vec::new();
        let mut stretch = Stretch { from, to, ahead: ahead(zone, first) };
        for change in zone.following(first) {
            let at = change.timestamp().as_millisecond();
            if at >= to {
                break;
            }
            let ahead = Millis::from(change.offset().seconds()) * 1_000;
            // Some changes are of the zone's name only.
            if ahead != stretch.ahead {
                stretches.push(Stretch { to: at, ..stretch });
                stretch = Stretch { from: at, to, ahead };
            }
        }
        stretches.push(stretch);
        Self(stretches)
    }

    /// When the clock shows a time of that day from the first to before the second minute, in the order of time: nothing
    /// where it jumps over them, and more than one piece where it is put back or forward between them.
    pub fn pieces(&self, day: i64, (from, to): (u32, u32)) -> impl Iterator<Item = Stretch> {
        let at = move |minute: u32| day * DAY + Millis::from(minute) * MINUTE;
        let piece = move |stretch: &Stretch| {
            let (from, to) = (at(from) - stretch.ahead, at(to) - stretch.ahead);
            Stretch { from: from.max(stretch.from), to: to.min(stretch.to), ahead: stretch.ahead }
        };
        self.0.iter().map(piece).filter(|piece| piece.from < piece.to)
    }

    /// The day that the clock shows then.
    pub fn day(&self, at: Millis) -> i64 {
        (at + self.ahead(at)).div_euclid(DAY)
    }

    /// Milliseconds that the clock is ahead of UTC then.
    pub fn ahead(&self, at: Millis) -> Millis {
        let later = self.0.partition_point(|stretch| stretch.from <= at);
        self.0.get(later.saturating_sub(1)).map_or(0, |stretch| stretch.ahead)
    }
}

fn ahead(zone: &TimeZone, at: Timestamp) -> Millis {
    Millis::from(zone.to_offset(at).seconds()) * 1_000
}
