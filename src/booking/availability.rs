//! Which slots are free.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use crm_protocol::booking::{Range, Row, Slots};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::calendar::{Calendar, Worker};
use super::needs::Needs;
use super::occupied::{Cursor, Occupied, Profile};
use super::starts::{Frame, Start};
use super::wall::Wall;
use super::{days, rules};
use crate::definitions::booking::Service;
use crate::store::Millis;

/// How many days after the last open one are looked at to say when slots open next.
const LOOKED_AHEAD: i64 = 31;

/// Days that a visitor looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first.
    pub from: Date,
    /// The last, itself included.
    pub to: Date,
}

/// What is asked for free slots: who works when, what is taken, and the time. Holds that ended before `now` take nothing.
#[derive(Clone, Copy, Debug)]
pub struct Availability<'a> {
    /// The site's definitions.
    pub calendar: &'a Calendar,
    /// What is taken in the days that are asked about.
    pub occupied: &'a Occupied,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Availability<'a> {
    /// The slots of a window that can be booked now, taken ones among them, of one practitioner or of all who do it.
    pub fn slots(&self, service: &Service, practitioner: Option<&str>, window: Window) -> Slots {
        let first = days::number(window.from);
        let days = self.bookable(service).filter(|open| *open.end() >= first);
        let days = days.map(|open| first.max(*open.start())..=days::number(window.to).min(*open.end()));
        let rows = days.map(|days| self.rows(service, practitioner, first, days));
        let opens = self.opens(service, practitioner);
        Slots {
            service: service.key.clone(),
            time_zone: self.calendar.zone().iana_name().unwrap_or("UTC").to_owned(),
            minutes: service.minutes,
            step: service.step(),
            from: window.from.to_string(),
            to: window.to.to_string(),
            offset: self.calendar.zone().to_offset(opens.unwrap_or(self.now)).seconds() / 60,
            opens: opens.map(rfc3339),
            rows: rows.unwrap_or_default(),
        }
    }

    /// When more slots open next, where the service has a release.
    pub fn opens(&self, service: &Service, practitioner: Option<&str>) -> Option<Timestamp> {
        service.release.as_ref()?;
        let zone = self.calendar.zone();
        let last = rules::last_day(service, zone, self.now)?;
        let days = last + 1..=last + LOOKED_AHEAD;
        let frame = Frame::new(self.calendar, service, &days);
        let who = self.calendar.practitioners(service, practitioner);
        days.into_iter().find_map(|day| {
            let opening = rules::opening(service, zone, day)?;
            let earliest = rules::earliest(service, opening);
            let starts =
                |worker: &Worker| frame.starts(worker, day..=day).iter().any(|start| start.at >= earliest);
            who.iter().any(|(_, worker)| starts(worker)).then_some(opening)
        })
    }

    /// The days of which slots can be booked now. Where a place is behind the site's clock, its day may be yesterday.
    pub(super) fn bookable(&self, service: &Service) -> Option<RangeInclusive<i64>> {
        let zone = self.calendar.zone();
        Some(rules::today(zone, self.now) - 1..=rules::last_day(service, zone, self.now)?)
    }

    fn rows(
        &self,
        service: &Service,
        practitioner: Option<&str>,
        first: i64,
        days: RangeInclusive<i64>,
    ) -> Vec<Row> {
        let frame = Frame::new(self.calendar, service, &days);
        let site = Wall::new(self.calendar.zone(), &days);
        let now = self.now.as_millisecond();
        let mut needs = Needs::new(self.calendar, service, self.occupied, now, days.clone());
        let earliest = rules::earliest(service, self.now);
        let mut rows = Vec::new();
        for (key, worker) in self.calendar.practitioners(service, practitioner) {
            let profile = self.occupied.profile(key, now);
            let mut time = Time::new(self, key, worker, &site, &profile);
            let mut strips = Strips { first, step: service.step(), places: Vec::new() };
            for start in frame.starts(worker, days.clone()).iter().filter(|start| start.at >= earliest) {
                let seats = time.seats(&frame, start);
                strips.push(start, if seats > 0 { seats.min(needs.seats(&frame, start)) } else { 0 });
            }
            rows.extend(strips.rows(self.calendar, key));
        }
        rows
    }
}

/// A practitioner's own time.
#[derive(Debug)]
pub(super) struct Time<'a> {
    seats: u32,
    cursor: Cursor<'a>,
    site: &'a Wall,
    /// Most appointments a day, and how many there are on each of the site's days.
    day: Option<(u32, HashMap<i64, u32>)>,
}

impl<'a> Time<'a> {
    pub(super) fn new(
        availability: &Availability<'_>,
        key: &str,
        worker: &Worker,
        site: &'a Wall,
        profile: &'a Profile,
    ) -> Self {
        let count = |most| {
            let mut counts: HashMap<i64, u32> = HashMap::new();
            for taken in availability.occupied.standing(key, availability.now.as_millisecond()) {
                *counts.entry(site.day(taken.from)).or_default() += 1;
            }
            (most, counts)
        };
        Self { seats: worker.seats, cursor: profile.cursor(), site, day: worker.per_day.map(count) }
    }

    /// How many people they can see then.
    pub(super) fn seats(&mut self, frame: &Frame<'_>, start: &Start) -> u32 {
        if !start.free {
            return 0;
        }
        let taking = frame.taking(start);
        let seats = self.seats.saturating_sub(self.cursor.most(taking.from, taking.to));
        let left = |(most, counts): &(u32, HashMap<i64, u32>)| {
            most.saturating_sub(counts.get(&self.site.day(start.at)).copied().unwrap_or(0))
        };
        self.day.as_ref().map_or(seats, |day| seats.min(left(day)))
    }
}

/// Digits on their way to ranges, place by place.
struct Strips {
    first: i64,
    step: u32,
    places: Vec<(usize, Vec<Range>)>,
}

impl Strips {
    /// `seats` is one digit.
    fn push(&mut self, start: &Start, seats: u32) {
        let digit = char::from_digit(seats, 10).unwrap_or('0');
        let Ok(day) = u32::try_from(start.day - self.first) else { return };
        let known = self.places.iter().position(|(place, _)| *place == start.place);
        let at = known.unwrap_or_else(|| {
            self.places.push((start.place, Vec::new()));
            self.places.len() - 1
        });
        let Some((_, ranges)) = self.places.get_mut(at) else { return };
        let step = u64::from(self.step);
        let next = |range: &Range| u64::from(range.minute) + range.seats.len() as u64 * step;
        let follows = |range: &&mut Range| {
            (range.day, range.offset, next(range)) == (day, start.offset, u64::from(start.minute))
        };
        match ranges.last_mut().filter(follows) {
            Some(range) => range.seats.push(digit),
            None => {
                ranges.push(Range { day, minute: start.minute, offset: start.offset, seats: digit.into() })
            }
        }
    }

    fn rows(self, calendar: &Calendar, practitioner: &str) -> impl Iterator<Item = Row> {
        self.places.into_iter().filter_map(move |(place, ranges)| {
            let (place, _) = calendar.places().get(place)?;
            Some(Row { practitioner: practitioner.to_owned(), place: place.clone(), ranges })
        })
    }
}

/// The instant as text, to the second.
pub fn rfc3339(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// The instant of a number of milliseconds; the nearest there is beyond the years that can be written.
pub fn instant(at: Millis) -> Timestamp {
    let span = SignedDuration::from_millis(at);
    Timestamp::from_duration(span).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
