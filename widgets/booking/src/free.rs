//! The free slots of one answer, by day and by time.

use crm_protocol::booking::{Row, Slot, Slots};
use crm_protocol::check::date::{self, Date};
use crm_protocol::check::number::digits;

/// Minutes of a day.
const DAY: i64 = 1_440;

/// The free slots of a window, of everybody or of one practitioner.
#[derive(Clone, Copy, Debug)]
pub struct Free<'a> {
    slots: &'a Slots,
    who: Option<&'a str>,
    /// First day of the window, in days since 1970-01-01.
    pub first: i32,
    /// Its last day.
    pub last: i32,
}

/// A time that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Minutes since 1970-01-01 in UTC.
    pub instant: i64,
    /// The day on the clock of the place, in days since 1970-01-01.
    pub day: i32,
    /// The minute of that day.
    pub minute: u32,
    /// Minutes that the clock is ahead of UTC.
    pub offset: i32,
    /// How many may still be booked, 9 meaning nine or more.
    pub seats: u8,
    /// Key of the practitioner; the first of several.
    pub practitioner: String,
    /// Key of the place.
    pub place: String,
}

impl Time {
    /// Its start, as the gateway writes it.
    pub fn start(&self) -> String {
        instant(self.instant)
    }

    /// Its day, ISO 8601.
    pub fn iso(&self) -> String {
        iso(self.day)
    }
}

impl<'a> Free<'a> {
    /// The slots of a practitioner, or of all. `None` where the window's days are none.
    pub fn new(slots: &'a Slots, who: Option<&'a str>) -> Option<Self> {
        let [first, last] = [&slots.from, &slots.to].map(|day| date::parse(day).ok().map(Date::to_unix));
        Some(Self { slots, who, first: first?, last: last? })
    }

    /// Every free slot, row after row.
    fn all(&self) -> impl Iterator<Item = (&'a Row, Slot)> {
        let who = self.who;
        self.slots.free().filter(move |(row, _)| who.is_none_or(|who| row.practitioner == who))
    }

    /// How many times each day has, from the first to the last.
    pub fn days(&self) -> Vec<(i32, usize)> {
        (self.first..=self.last).map(|day| (day, self.times(day).len())).collect()
    }

    /// The first day with a free time.
    pub fn first_free(&self) -> Option<i32> {
        self.all().map(|(_, slot)| self.day(slot)).min()
    }

    /// The times of a day in order, one for each instant.
    pub fn times(&self, day: i32) -> Vec<Time> {
        self.sorted(&|slot| (self.day(slot) == day).then(|| slot.instant()), usize::MAX)
    }

    /// The soonest times.
    pub fn soonest(&self, count: usize) -> Vec<Time> {
        self.sorted(&|slot| Some(slot.instant()), count)
    }

    /// The times that are nearest to an instant, other than that.
    pub fn nearest(&self, to: i64, count: usize) -> Vec<Time> {
        self.sorted(&|slot| Some((self.instant(slot) - to).abs()).filter(|distance| *distance > 0), count)
    }

    /// The time of that start, with a practitioner where several have it.
    pub fn at(&self, start: &str) -> Option<Time> {
        let wanted = parse_instant(start)?;
        self.sorted(&|slot| (self.instant(slot) == wanted).then_some(0), 1).pop()
    }

    /// Minutes that the clock is ahead of UTC around an instant: as at the slot that is nearest to it.
    pub fn offset(&self, instant: i64) -> i32 {
        let ranges = self.slots.rows.iter().flat_map(|row| &row.ranges);
        let distance = |day: u32| (i64::from(self.first) * DAY + i64::from(day) * DAY - instant).abs();
        ranges.min_by_key(|range| distance(range.day)).map_or(0, |range| range.offset)
    }

    /// The first `count` by a rank, one for each instant; those without a rank are left out.
    fn sorted(&self, rank: &dyn Fn(Slot) -> Option<i64>, count: usize) -> Vec<Time> {
        let mut kept: Vec<(i64, Time)> = Vec::new();
        for (row, slot) in self.all() {
            let Some(rank) = rank(slot) else { continue };
            let instant = self.instant(slot);
            if let Some((_, same)) = kept.iter_mut().find(|(_, time)| time.instant == instant) {
                same.seats = same.seats.saturating_add(slot.seats).min(9);
                continue;
            }
            let at = kept.iter().position(|(known, _)| *known > rank).unwrap_or(kept.len());
            if at < count {
                kept.insert(at, (rank, self.time(row, slot)));
                kept.truncate(count);
            }
        }
        kept.into_iter().map(|(_, time)| time).collect()
    }

    fn time(&self, row: &Row, slot: Slot) -> Time {
        Time {
            instant: self.instant(slot),
            day: self.day(slot),
            minute: slot.minute,
            offset: slot.offset,
            seats: slot.seats,
            practitioner: row.practitioner.clone(),
            place: row.place.clone(),
        }
    }

    fn day(&self, slot: Slot) -> i32 {
        self.first + slot.day as i32
    }

    fn instant(&self, slot: Slot) -> i64 {
        i64::from(self.first) * DAY + slot.instant()
    }
}

/// A day, ISO 8601; empty outside the years 1–9999.
pub fn iso(day: i32) -> String {
    Date::from_unix(day).map(Date::iso).unwrap_or_default()
}

/// An instant as the gateway writes it: `2026-11-24T01:00:00Z`.
pub fn instant(minutes: i64) -> String {
    let (day, minute) = (minutes.div_euclid(DAY) as i32, minutes.rem_euclid(DAY) as u32);
    [&iso(day), "T", &clock(minute), ":00Z"].concat()
}

/// Minutes since 1970-01-01 of an instant that the gateway wrote.
pub fn parse_instant(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('T')?;
    let mut parts = time.split(':').map(|part| part.get(..2).and_then(|part| part.parse::<i64>().ok()));
    let (hours, minutes) = (parts.next()??, parts.next()??);
    Some(i64::from(date::parse(day).ok()?.to_unix()) * DAY + hours * 60 + minutes)
}

/// Day and minute of an instant on a clock that is so many minutes ahead of UTC.
pub fn on_clock(instant: i64, offset: i32) -> (i32, u32) {
    let minutes = instant + i64::from(offset);
    (minutes.div_euclid(DAY) as i32, minutes.rem_euclid(DAY) as u32)
}

/// A minute of the day: `09:05`.
pub fn clock(minute: u32) -> String {
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &digits(number.into())].concat();
    [&two(minute / 60), ":", &two(minute % 60)].concat()
}
