//! The resources that a service needs besides its practitioner.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::calendar::Calendar;
use super::occupied::{Occupied, Profile};
use super::runs::Run;
use super::starts::{Frame, Start};
use crate::definitions::booking::Service;
use crate::store::Millis;

/// What the answer's digit can say at most.
pub(super) const MOST_SEATS: u32 = 9;

/// Which resources are free for a service, start by start. Practitioners start at the same times: what was computed for one
/// is kept for the others.
#[derive(Debug)]
pub(super) struct Needs<'a> {
    calendar: &'a Calendar,
    occupied: &'a Occupied,
    now: Millis,
    days: RangeInclusive<i64>,
    /// Each kind once, with how many of it are needed.
    kinds: Vec<(&'a str, u32)>,
    supplies: HashMap<usize, Vec<Vec<Supply<'a>>>>,
    known: HashMap<(usize, Millis), u32>,
}

/// A resource at a place.
#[derive(Debug)]
struct Supply<'a> {
    key: &'a str,
    seats: u32,
    working: Vec<Run>,
    profile: Profile,
}

/// A resource that has a seat free.
#[derive(Clone, Copy, Debug)]
pub(super) struct Free<'a> {
    pub key: &'a str,
    /// How many people it serves at once.
    pub seats: u32,
    left: u32,
}

impl<'a> Needs<'a> {
    pub(super) fn new(
        calendar: &'a Calendar,
        service: &'a Service,
        occupied: &'a Occupied,
        now: Millis,
        days: RangeInclusive<i64>,
    ) -> Self {
        let mut kinds: Vec<(&str, u32)> = Vec::new();
        for kind in &service.needs {
            match kinds.iter_mut().find(|(known, _)| known == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
        Self { calendar, occupied, now, days, kinds, supplies: HashMap::new(), known: HashMap::new() }
    }

    /// How many people can have all that the service needs then: at most [`MOST_SEATS`].
    pub(super) fn seats(&mut self, frame: &Frame<'_>, start: &Start) -> u32 {
        if self.kinds.is_empty() {
            return MOST_SEATS;
        }
        let key = (start.place, start.at);
        if let Some(seats) = self.known.get(&key) {
            return *seats;
        }
        let counts: Vec<u32> = self.kinds.iter().map(|(_, count)| *count).collect();
        let free = self.free(frame, start);
        let seats =
            counts.into_iter().zip(free).map(|(count, free)| enough_for(count, &free)).min().unwrap_or(0);
        self.known.insert(key, seats);
        seats
    }

    /// For each resource needed those that could be it, in the order of the definitions.
    pub(super) fn choices(&mut self, frame: &Frame<'_>, start: &Start) -> Vec<Vec<Free<'a>>> {
        let counts: Vec<u32> = self.kinds.iter().map(|(_, count)| *count).collect();
        let free = self.free(frame, start);
        counts.into_iter().zip(free).flat_map(|(count, free)| (0..count).map(move |_| free.clone())).collect()
    }

    /// For each kind those of it that have a seat free.
    fn free(&mut self, frame: &Frame<'_>, start: &Start) -> Vec<Vec<Free<'a>>> {
        let (slot, taking) = (frame.slot(start), frame.taking(start));
        let free = |supply: &Supply<'a>| {
            let left = supply.left(slot, taking);
            (left > 0).then_some(Free { key: supply.key, seats: supply.seats, left })
        };
        let kinds = self.at(frame, start.place);
        kinds.iter().map(|supplies| supplies.iter().filter_map(free).collect()).collect()
    }

    fn at(&mut self, frame: &Frame<'_>, place: usize) -> &[Vec<Supply<'a>>] {
        let Self { calendar, occupied, now, days, kinds, supplies, .. } = self;
        supplies.entry(place).or_insert_with(|| {
            let supply = |key: &'a String| {
                let worker = calendar.worker(key)?;
                let working = frame.working(worker, place, days.clone());
                Some(Supply { key, seats: worker.seats, working, profile: occupied.profile(key, *now) })
            };
            kinds.iter().map(|(kind, _)| calendar.kind(kind).iter().filter_map(supply).collect()).collect()
        })
    }
}

impl Supply<'_> {
    fn left(&self, slot: Run, taking: Run) -> u32 {
        let later = self.working.partition_point(|run| run.from <= slot.from);
        let works =
            later.checked_sub(1).and_then(|at| self.working.get(at)).is_some_and(|run| run.holds(slot));
        let taken = || self.profile.most(taking.from, taking.to);
        if works { self.seats.saturating_sub(taken()) } else { 0 }
    }
}

/// For how many people there are `count` different resources each.
fn enough_for(count: u32, free: &[Free<'_>]) -> u32 {
    let enough = |people: &u32| free.iter().map(|free| free.left.min(*people)).sum::<u32>() >= count * people;
    (1..=MOST_SEATS).rev().find(enough).unwrap_or(0)
}
