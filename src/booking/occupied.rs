//! What is taken: the intervals of holds and appointments, by practitioner and resource.

use std::collections::HashMap;
use std::sync::Arc;

use super::candidate::Taking;
use super::days::MINUTE;
use crate::definitions::booking::GRAIN;
use crate::store::Millis;

/// Milliseconds of a bucket of the store.
pub(super) const BUCKET: Millis = GRAIN as Millis * MINUTE;

/// One seat of a practitioner or resource, from `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The beginning, with the pause before.
    pub from: Millis,
    /// The end, with the pause after.
    pub to: Millis,
    /// When the hold it belongs to ends; missing for an appointment.
    pub until: Option<Millis>,
}

/// Everything that is taken in some days. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Occupied(HashMap<String, Arc<[Interval]>>);

impl Occupied {
    /// The intervals of each practitioner and resource, in any order.
    pub fn new(taken: impl IntoIterator<Item = (String, Interval)>) -> Self {
        let mut lists: HashMap<String, Vec<Interval>> = HashMap::new();
        for (resource, interval) in taken {
            lists.entry(resource).or_default().push(interval);
        }
        Self(lists.into_iter().map(|(resource, list)| (resource, sorted(list))).collect())
    }

    /// Replaces all that is taken of one practitioner or resource.
    pub fn replace(&mut self, resource: String, intervals: Vec<Interval>) {
        self.0.insert(resource, sorted(intervals));
    }

    /// The same without one appointment's own intervals, to look for another slot for it.
    pub fn without(&self, takings: &[Taking]) -> Self {
        let mut left = self.clone();
        for taking in takings {
            let intervals = left.intervals(&taking.resource);
            let own = |one: &Interval| (one.from, one.to, one.until) == (taking.from, taking.to, None);
            if let Some(at) = intervals.iter().position(own) {
                let others = intervals.iter().enumerate().filter(|(other, _)| *other != at);
                left.0.insert(taking.resource.clone(), others.map(|(_, interval)| *interval).collect());
            }
        }
        left
    }

    /// Most seats in use in any bucket of 5 minutes that reaches into [`from`, `to`).
    pub fn taken(&self, resource: &str, from: Millis, to: Millis, now: Millis) -> u32 {
        self.profile(resource, now).most(from, to)
    }

    /// Milliseconds between `from` and `to` that are taken, each as often as seats are.
    pub(super) fn load(&self, resource: &str, from: Millis, to: Millis, now: Millis) -> Millis {
        let inside = |interval: &Interval| (interval.to.min(to) - interval.from.max(from)).max(0);
        self.standing(resource, now).map(inside).sum()
    }

    /// What is taken of that practitioner or resource, without holds that have ended.
    pub(super) fn standing(&self, resource: &str, now: Millis) -> impl Iterator<Item = &Interval> {
        let stands = move |interval: &&Interval| interval.until.is_none_or(|until| until > now);
        self.intervals(resource).iter().filter(stands)
    }

    /// How many seats are in use when.
    pub(super) fn profile(&self, resource: &str, now: Millis) -> Profile {
        let lasting = |interval: &&Interval| interval.from < interval.to;
        let bucket = |interval: &Interval| (floor(interval.from), ceil(interval.to));
        let buckets = || self.standing(resource, now).filter(lasting).map(bucket);
        let mut ends: Vec<Millis> = buckets().map(|(_, to)| to).collect();
        ends.sort_unstable();
        let mut profile = Profile(Vec::with_capacity(ends.len() * 2));
        let mut ends = ends.into_iter().peekable();
        for (from, _) in buckets() {
            while let Some(end) = ends.next_if(|end| *end <= from) {
                profile.end(end);
            }
            profile.begin(from);
        }
        ends.for_each(|end| profile.end(end));
        profile
    }

    fn intervals(&self, resource: &str) -> &[Interval] {
        self.0.get(resource).map_or(&[], |intervals| intervals)
    }
}

/// Seats in use, from each instant to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile(Vec<(Millis, u32)>);

impl Profile {
    /// Most seats in use in any bucket of 5 minutes that reaches into [`from`, `to`).
    pub(super) fn most(&self, from: Millis, to: Millis) -> u32 {
        self.most_after(self.passed(floor(from)), ceil(to))
    }

    /// For many questions that mostly come in the order of time.
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { profile: self, passed: 0 }
    }

    /// How many steps are before that instant or at it.
    fn passed(&self, at: Millis) -> usize {
        self.0.partition_point(|(step, _)| *step <= at)
    }

    /// Most seats in use from the last step that has passed to before `to`.
    fn most_after(&self, passed: usize, to: Millis) -> u32 {
        let before = passed.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |(_, seats)| *seats);
        let inside = self.0.iter().skip(passed).take_while(|(at, _)| *at < to);
        inside.map(|(_, seats)| *seats).fold(before, u32::max)
    }

    fn begin(&mut self, at: Millis) {
        self.step(at, |seats| seats + 1);
    }

    fn end(&mut self, at: Millis) {
        self.step(at, |seats| seats - 1);
    }

    fn step(&mut self, at: Millis, change: impl Fn(u32) -> u32) {
        match self.0.last_mut() {
            Some((last, seats)) if *last == at => *seats = change(*seats),
            last => {
                let seats = change(last.map_or(0, |(_, seats)| *seats));
                self.0.push((at, seats));
            }
        }
    }
}

/// A place in a profile.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    profile: &'a Profile,
    /// How many steps are before or at the last question's beginning.
    passed: usize,
}

impl Cursor<'_> {
    /// As [`Profile::most`].
    pub(super) fn most(&mut self, from: Millis, to: Millis) -> u32 {
        let (from, to) = (floor(from), ceil(to));
        let is_passed = |step: usize| self.profile.0.get(step).is_some_and(|(at, _)| *at <= from);
        if self.passed > 0 && !is_passed(self.passed - 1) {
            self.passed = self.profile.passed(from);
        }
        while is_passed(self.passed) {
            self.passed += 1;
        }
        self.profile.most_after(self.passed, to)
    }
}

/// The bucket's beginning.
pub(super) fn floor(at: Millis) -> Millis {
    at.div_euclid(BUCKET) * BUCKET
}

/// The beginning of the first bucket that is not before.
pub(super) fn ceil(at: Millis) -> Millis {
    floor(at + BUCKET - 1)
}

fn sorted(mut intervals: Vec<Interval>) -> Arc<[Interval]> {
    intervals.sort_by_key(|interval| interval.from);
    intervals.into()
}
