//! The free slots of one answer, by day and by time.

use crm_protocol::booking::{Held, Range, Row, Slot, Slots};
use crm_protocol::check::date::{self, Date};
use crm_protocol::words::clock;

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
    /// That of a slot that is kept.
    pub fn of(held: &Held) -> Self {
        let instant = parse_instant(&held.start).unwrap_or_default();
        let (day, minute) = on_clock(instant, held.offset);
        let (practitioner, place) = (held.practitioner.clone(), held.place.clone());
        Self { instant, day, minute, offset: held.offset, seats: 1, practitioner, place }
    }

    /// As the value of the button that takes it.
    pub fn slot(&self) -> String {
        [&self.start(), ",", &self.practitioner].concat()
    }

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

    /// The runs of slots of a day or of all days, each with its row, row after row. A large clinic has ten thousands of
    /// slots: those of other days are not looked at one by one.
    fn ranges(&self, day: Option<i32>) -> impl Iterator<Item = (&'a Row, &'a Range)> + use<'a> {
        let Self { slots, who, first, .. } = *self;
        let rows = slots.rows.iter().filter(move |row| who.is_none_or(|who| row.practitioner == who));
        let all = rows.flat_map(|row| row.ranges.iter().map(move |range| (row, range)));
        all.filter(move |(_, range)| day.is_none_or(|day| first + range.day as i32 == day))
    }

    /// How many times a day has.
    pub fn count(&self, day: i32) -> usize {
        let mut instants = Vec::new();
        for (_, range) in self.ranges(Some(day)) {
            for slot in range.free(self.slots.step) {
                let instant = self.instant(slot);
                if let Err(at) = instants.binary_search(&instant) {
                    instants.insert(at, instant);
                }
            }
        }
        instants.len()
    }

    /// The first day with a free time.
    pub fn first_free(&self) -> Option<i32> {
        let some = self.ranges(None).filter(|(_, range)| range.seats.bytes().any(|seats| seats != b'0'));
        some.map(|(_, range)| self.day(range.day)).min()
    }

    /// The times of a day in order, one for each instant.
    pub fn times(&self, day: i32) -> Vec<Time> {
        self.sorted(Some(day), &|_| Some(0), usize::MAX)
    }

    /// The soonest times.
    pub fn soonest(&self, count: usize) -> Vec<Time> {
        let mut times = Vec::new();
        for day in self.first..=self.last {
            times.extend(self.times(day));
            if times.len() >= count {
                break;
            }
        }
        times.truncate(count);
        times
    }

    /// The times that are nearest to an instant, other than that.
    pub fn nearest(&self, to: i64, count: usize) -> Vec<Time> {
        self.sorted(None, &|instant| Some((instant - to).abs()).filter(|distance| *distance > 0), count)
    }

    /// The time of that start, with a practitioner where several have it.
    pub fn at(&self, start: &str) -> Option<Time> {
        let wanted = parse_instant(start)?;
        self.sorted(None, &|instant| (instant == wanted).then_some(0), 1).pop()
    }

    /// Minutes that the clock is ahead of UTC around an instant: as at the slot that is nearest to it.
    pub fn offset(&self, instant: i64) -> i32 {
        let ranges = self.slots.rows.iter().flat_map(|row| &row.ranges);
        let distance = |day: u32| (i64::from(self.first) * DAY + i64::from(day) * DAY - instant).abs();
        ranges.min_by_key(|range| distance(range.day)).map_or(self.slots.offset, |range| range.offset)
    }

    /// The first `count` of a day or of all days by the rank of their instant, then in the order of time, one for each
    /// instant; those without a rank are left out.
    fn sorted(&self, day: Option<i32>, rank: &dyn Fn(i64) -> Option<i64>, count: usize) -> Vec<Time> {
        let mut kept: Vec<((i64, i64), Time)> = Vec::new();
        for (row, range) in self.ranges(day) {
            for slot in range.free(self.slots.step) {
                let instant = self.instant(slot);
                let Some(rank) = rank(instant) else { continue };
                match kept.binary_search_by_key(&(rank, instant), |(known, _)| *known) {
                    Ok(at) => {
                        if let Some((_, same)) = kept.get_mut(at) {
                            same.seats = same.seats.saturating_add(slot.seats).min(9);
                        }
                    }
                    Err(at) if at < count => {
                        kept.insert(at, ((rank, instant), self.time(row, slot)));
                        kept.truncate(count);
                    }
                    Err(_) => {}
                }
            }
        }
        kept.into_iter().map(|(_, time)| time).collect()
    }

    fn time(&self, row: &Row, slot: Slot) -> Time {
        Time {
            instant: self.instant(slot),
            day: self.day(slot.day),
            minute: slot.minute,
            offset: slot.offset,
            seats: slot.seats,
            practitioner: row.practitioner.clone(),
            place: row.place.clone(),
        }
    }

    fn day(&self, of_window: u32) -> i32 {
        self.first + of_window as i32
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
