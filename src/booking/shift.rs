//! When somebody works, and when not, as read from the definitions. What cannot be read is no shift.

use super::runs::{self, Run};
use super::wall::Wall;
use super::{clock, days};
use crate::definitions::booking::{Closure, Days, Schedule, Span};

/// Working hours on some days, on the clock of a place.
#[derive(Clone, Debug)]
pub struct Shift {
    /// The place, counted as in the calendar; wherever it is asked for where missing.
    pub place: Option<usize>,
    /// Minutes of the day, from and to, in the order of time.
    pub spans: Vec<(u32, u32)>,
    services: Option<Vec<String>>,
    /// Bit 0 is Monday.
    weekdays: u32,
    first: i64,
    last: i64,
    /// A week in which it is worked, and how many weeks later again.
    every: Option<(i64, i64)>,
    layer: usize,
}

/// A time when nobody works, or somebody does not.
#[derive(Clone, Debug)]
pub struct Closed {
    place: Option<usize>,
    first: i64,
    last: i64,
    span: (u32, u32),
    layer: usize,
}

const DAYS_OF_A_WEEK: u32 = 0b111_1111;
/// Minutes of a day, from and to.
pub(super) const WHOLE_DAY: (u32, u32) = (0, 1_440);

impl Shift {
    /// What a schedule says. Weeks begin on Monday: `every` counts from the one that `from` is in, as a rule of RFC 5545
    /// does.
    pub fn scheduled(schedule: &Schedule, place: usize) -> Option<Self> {
        let first = schedule.from.as_deref().map_or(Some(i64::MIN), days::parse)?;
        let last = schedule.to.as_deref().map_or(Some(i64::MAX), days::parse)?;
        let every = match schedule.every {
            Some(_) if schedule.from.is_none() => return None,
            Some(weeks) => Some((days::week(first), Some(i64::from(weeks)).filter(|weeks| *weeks > 0)?)),
            None => None,
        };
        Some(Self {
            place: Some(place),
            spans: schedule.hours.iter().filter_map(clock::span).collect(),
            services: schedule.services.clone(),
            weekdays: schedule.days.iter().map(|days| bits(*days)).fold(0, |all, bits| all | bits),
            first,
            last,
            every,
            layer: 0,
        })
    }

    /// Hours of one day, whatever was closed in the layers below.
    pub fn open(day: &str, hours: &Span, place: usize, layer: usize) -> Option<Self> {
        let day = days::parse(day)?;
        let spans = vec![clock::span(hours)?];
        Some(Self { place: Some(place), spans, first: day, last: day, layer, ..Self::always() })
    }

    /// Day and night.
    pub fn always() -> Self {
        Self {
            place: None,
            spans: vec![WHOLE_DAY],
            services: None,
            weekdays: DAYS_OF_A_WEEK,
            first: i64::MIN,
            last: i64::MAX,
            every: None,
            layer: 0,
        }
    }

    /// Whether it is worked on that day.
    pub fn is_on(&self, day: i64) -> bool {
        let week = |(from, weeks): (i64, i64)| (days::week(day) - from) % weeks == 0;
        (self.first..=self.last).contains(&day)
            && self.weekdays & (1 << days::weekday(day)) != 0
            && self.every.is_none_or(week)
    }

    /// Whether that service is done in it.
    pub fn does(&self, service: &str) -> bool {
        self.services.as_ref().is_none_or(|services| services.iter().any(|key| key == service))
    }

    /// When it is worked on that day from one minute to the other.
    pub fn runs(&self, day: i64, span: (u32, u32), place: usize, wall: &Wall, closed: &[Closed]) -> Vec<Run> {
        let run = |(from, to)| Run { from, to };
        let runs = |span| wall.pieces(day, span).map(|piece| run((piece.from, piece.to)));
        let holes =
            closed.iter().filter(|closed| closed.cuts(self, day, place)).flat_map(|closed| runs(closed.span));
        holes.fold(runs::join(runs(span).collect()), runs::cut)
    }
}

impl Closed {
    /// What a closure says.
    pub fn new(closure: &Closure, place: Option<usize>, layer: usize) -> Option<Self> {
        let first = days::parse(&closure.from)?;
        let last = closure.to.as_deref().map_or(Some(first), days::parse)?;
        let span = closure.hours.as_ref().map_or(Some(WHOLE_DAY), clock::span)?;
        Some(Self { place, first, last, span, layer })
    }

    fn cuts(&self, shift: &Shift, day: i64, place: usize) -> bool {
        shift.layer < self.layer
            && (self.first..=self.last).contains(&day)
            && self.place.is_none_or(|closed| closed == place)
    }
}

fn bits(days: Days) -> u32 {
    match days {
        Days::Mon => 1,
        Days::Tue => 1 << 1,
        Days::Wed => 1 << 2,
        Days::Thu => 1 << 3,
        Days::Fri => 1 << 4,
        Days::Sat => 1 << 5,
        Days::Sun => 1 << 6,
        Days::Weekdays => 0b1_1111,
        Days::Daily => DAYS_OF_A_WEEK,
    }
}
