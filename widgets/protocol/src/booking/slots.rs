//! The free slots of a window, all of them in one answer: changing the month or the practitioner asks nobody.
//!
//! ```json
//! {
//!   "service": "checkup", "timeZone": "Asia/Shanghai", "minutes": 30, "step": 30,
//!   "from": "2026-11-22", "to": "2026-12-19", "offset": 480, "opens": "2026-11-23T23:00:00Z",
//!   "rows": [
//!     {"practitioner": "li", "place": "lakeside", "ranges": [[2, 510, 480, "110111"], [2, 840, 480, "0111"]]}
//!   ]
//! }
//! ```
//!
//! A range is `[day, minute, offset, seats]`: its day counted from `from`, the minute of that day at which its first
//! slot starts on the site's clock, the clock's offset from UTC in minutes, and a character for each slot, `step` minutes
//! apart: how many may still be booked, `0` to `9`, `9` meaning nine or more. A range never reaches over a change of the
//! clock, nor over midnight with its starts. So the page needs no time-zone data, and no two slots have one instant.

use serde::{Deserialize, Serialize};

/// Answer of `GET /v1/sites/{site}/slots`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Slots {
    /// Key of the service.
    pub service: String,
    /// IANA time zone of days and minutes.
    pub time_zone: String,
    /// How long one takes.
    pub minutes: u32,
    /// Minutes from one start to the next.
    pub step: u32,
    /// First day, ISO 8601.
    pub from: String,
    /// Last day, ISO 8601.
    pub to: String,
    /// Minutes that the site's clock is ahead of UTC when slots open next, or now.
    #[serde(default)]
    pub offset: i32,
    /// When slots open next that are not released yet; missing where none are to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// One for each practitioner and place.
    pub rows: Vec<Row>,
}

/// A practitioner's slots at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Key of the practitioner.
    pub practitioner: String,
    /// Key of the place.
    pub place: String,
    /// In the order of time.
    pub ranges: Vec<Range>,
}

/// Slots that follow each other: `[day, minute, offset, seats]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, u32, i32, String)", into = "(u32, u32, i32, String)")]
pub struct Range {
    /// Days from the window's first.
    pub day: u32,
    /// Minute of the day at which the first slot starts.
    pub minute: u32,
    /// Minutes that the site's clock is ahead of UTC.
    pub offset: i32,
    /// A digit for each slot: how many may still be booked.
    pub seats: String,
}

impl From<(u32, u32, i32, String)> for Range {
    fn from((day, minute, offset, seats): (u32, u32, i32, String)) -> Self {
        Self { day, minute, offset, seats }
    }
}

impl From<Range> for (u32, u32, i32, String) {
    fn from(Range { day, minute, offset, seats }: Range) -> Self {
        (day, minute, offset, seats)
    }
}

/// One free slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// Days from the window's first.
    pub day: u32,
    /// Minute of the day at which it starts, on the site's clock.
    pub minute: u32,
    /// Minutes that the site's clock is ahead of UTC then.
    pub offset: i32,
    /// How many may still be booked: 1–9, 9 meaning nine or more.
    pub seats: u8,
}

impl Slot {
    /// Minutes from the window's first midnight in UTC to its start: orders slots and tells them apart.
    pub fn instant(&self) -> i64 {
        i64::from(self.day) * 1_440 + i64::from(self.minute) - i64::from(self.offset)
    }
}

impl Range {
    /// Its free slots, in the order of time. `step` is the answer's.
    pub fn free(&self, step: u32) -> impl Iterator<Item = Slot> {
        let Self { day, minute, offset, .. } = *self;
        let digits = self.seats.bytes().map(|seats| seats.saturating_sub(b'0').min(9));
        let slot = move |(at, seats): (u32, u8)| Slot { day, minute: minute + at * step, offset, seats };
        (0..).zip(digits).map(slot).filter(|slot| slot.seats > 0)
    }
}

impl Slots {
    /// Every free slot with its row, row after row.
    pub fn free(&self) -> impl Iterator<Item = (&Row, Slot)> {
        let step = self.step;
        self.rows.iter().flat_map(move |row| {
            row.ranges.iter().flat_map(move |range| range.free(step)).map(move |slot| (row, slot))
        })
    }
}
