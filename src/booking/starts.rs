//! At which instants a service may start by the schedules, whatever is taken.

use std::ops::RangeInclusive;

use super::calendar::{Calendar, Opening, Worker};
use super::days::{DAY, MINUTE};
use super::runs::{self, Run};
use super::shift::Shift;
use super::wall::{Stretch, Wall};
use crate::definitions::booking::Service;
use crate::store::Millis;

/// A start of a service on the clock of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    /// The instant.
    pub at: Millis,
    /// The day that the clock shows, as a number.
    pub day: i64,
    /// The minute of that day.
    pub minute: u32,
    /// Minutes that the clock is ahead of UTC.
    pub offset: i32,
    /// The place, counted as in the calendar.
    pub place: usize,
    /// Whether it can be had at all: a hospital may have given it to somebody else.
    pub free: bool,
}

/// A service on some days: the clocks of all places on those days.
#[derive(Clone, Debug)]
pub(super) struct Frame<'a> {
    service: &'a Service,
    length: Millis,
    step: Millis,
    walls: Vec<Wall>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(calendar: &Calendar, service: &'a Service, days: &RangeInclusive<i64>) -> Self {
        let walls = calendar.places().iter().map(|(_, zone)| Wall::new(zone, days)).collect();
        let minutes = |minutes| Millis::from(minutes) * MINUTE;
        Self { service, length: minutes(service.minutes), step: minutes(service.step()), walls }
    }

    /// The slot that starts there.
    pub(super) fn slot(&self, start: &Start) -> Run {
        Run { from: start.at, to: start.at + self.length }
    }

    /// What the slot takes, with the pauses before and after.
    pub(super) fn taking(&self, start: &Start) -> Run {
        let Run { from, to } = self.slot(start);
        Run {
            from: from - Millis::from(self.service.before) * MINUTE,
            to: to + Millis::from(self.service.after) * MINUTE,
        }
    }

    /// When the practitioner may start it on those days, in the order of time, each instant once: where two schedules have
    /// the same, the first one says at which place.
    pub(super) fn starts(&self, worker: &Worker, days: RangeInclusive<i64>) -> Vec<Start> {
        let mut starts = self.openings(worker, &days);
        for day in days {
            for shift in
                worker.shifts.iter().filter(|shift| shift.is_on(day) && shift.does(&self.service.key))
            {
                self.add_shift(worker, shift, day, &mut starts);
            }
        }
        // Stable, so that the first schedule's comes first.
        starts.sort_by_key(|start| start.at);
        starts.dedup_by_key(|start| start.at);
        starts
    }

    /// When a resource works for the service at the place.
    pub(super) fn working(&self, worker: &Worker, place: usize, days: RangeInclusive<i64>) -> Vec<Run> {
        let at = |place: usize| move |known: Option<usize>| known.is_none_or(|known| known == place);
        let Some(wall) = self.walls.get(place).filter(|_| at(place)(worker.place)) else { return Vec::new() };
        let shifts =
            worker.shifts.iter().filter(|shift| at(place)(shift.place) && shift.does(&self.service.key));
        let runs = |shift: &Shift, day| {
            shift
                .spans
                .iter()
                .flat_map(|span| shift.runs(day, *span, place, wall, &worker.closed))
                .collect::<Vec<_>>()
        };
        let on = |shift: &&Shift, day| shift.is_on(day);
        let days = days.flat_map(|day| {
            shifts.clone().filter(move |shift| on(shift, day)).map(move |shift| (shift, day))
        });
        runs::join(days.flat_map(|(shift, day)| runs(shift, day)).collect())
    }

    /// The slots of the service that were laid out one by one.
    fn openings(&self, worker: &Worker, days: &RangeInclusive<i64>) -> Vec<Start> {
        let start = |opening: &Opening| {
            let (at, place) = (opening.start, opening.place);
            let ahead = self.walls.get(place)?.ahead(at);
            let (day, minute) = ((at + ahead).div_euclid(DAY), (at + ahead).rem_euclid(DAY) / MINUTE);
            let (minute, offset) = (minute as u32, ahead.div_euclid(MINUTE) as i32);
            days.contains(&day).then_some(Start { at, day, minute, offset, place, free: opening.free })
        };
        let ours = |opening: &&Opening| {
            opening.service == self.service.key && opening.end - opening.start == self.length
        };
        worker.openings.iter().filter(ours).filter_map(start).collect()
    }

    fn add_shift(&self, worker: &Worker, shift: &Shift, day: i64, starts: &mut Vec<Start>) {
        let Some((place, wall)) = shift.place.and_then(|place| Some((place, self.walls.get(place)?))) else {
            return;
        };
        for span in &shift.spans {
            let runs = shift.runs(day, *span, place, wall, &worker.closed);
            let mut runs = runs.into_iter().peekable();
            for piece in wall.pieces(day, *span) {
                for (at, minute) in self.grid(piece, day, span.0) {
                    let slot = Run { from: at, to: at + self.length };
                    while runs.next_if(|run| run.to < slot.to).is_some() {}
                    if runs.peek().is_some_and(|run| run.holds(slot)) {
                        let offset = piece.ahead.div_euclid(MINUTE) as i32;
                        starts.push(Start { at, day, minute, offset, place, free: true });
                    }
                }
            }
        }
    }

    /// The instants of a piece at which the clock shows `first`, or some steps later, with what it shows.
    fn grid(&self, piece: Stretch, day: i64, first: u32) -> impl Iterator<Item = (Millis, u32)> + use<> {
        let (step, length) = (self.step, self.length);
        let midnight = day * DAY - piece.ahead;
        let first = midnight + Millis::from(first) * MINUTE;
        let minute = move |at: Millis| ((at - midnight) / MINUTE) as u32;
        // A definition without a length has no slots rather than endless ones.
        let skipped = if step > 0 { (piece.from - first + step - 1).max(0) / step } else { 0 };
        let begin = Some(first + skipped * step).filter(|_| step > 0 && length > 0);
        std::iter::successors(begin, move |at| Some(at + step))
            .take_while(move |at| *at < piece.to)
            .map(move |at| (at, minute(at)))
    }
}
