//! Every way to do a slot, best first: the store takes the first that it can.

use std::collections::HashSet;

use jiff::Timestamp;

use super::availability::{Availability, Time};
use super::calendar::Worker;
use super::candidate::{Candidate, Taking};
use super::days::DAY;
use super::needs::{Free, Needs};
use super::occupied::{ceil, floor};
use super::rules;
use super::runs::Run;
use super::starts::{Frame, Start};
use super::wall::Wall;
use crate::definitions::booking::Service;
use crate::store::Millis;

/// Most ways that are tried: the store locks all that they take.
pub const MOST: usize = 64;

/// The start is in no schedule, or no rule allows to book it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOffered;

/// Somebody who could do it.
struct Able<'a> {
    key: &'a str,
    worker: &'a Worker,
    start: Start,
    load: Millis,
}

impl<'a> Availability<'a> {
    /// Every way to do the slot that starts then, at most [`MOST`]: of one practitioner, or of all who do it, with the
    /// least load that day first, each with every choice of free resources. None when all are taken.
    ///
    /// # Errors
    /// [`NotOffered`].
    pub fn candidates(
        &self,
        service: &'a Service,
        practitioner: Option<&str>,
        start: Timestamp,
    ) -> Result<Vec<Candidate>, NotOffered> {
        let (at, now) = (start.as_millisecond(), self.now.as_millisecond());
        // On the clock of its place it may be a day earlier or later.
        let days = at.div_euclid(DAY) - 2..=at.div_euclid(DAY) + 2;
        let frame = Frame::new(self.calendar, service, &days);
        let site = Wall::new(self.calendar.zone(), &days);
        let able = self.able(service, practitioner, at, &frame, &site);
        if able.is_empty() {
            return Err(NotOffered);
        }
        let mut needs = Needs::new(self.calendar, service, self.occupied, now, days);
        let mut found = Vec::new();
        for one in &able {
            let profile = self.occupied.profile(one.key, now);
            if Time::new(self, one.key, one.worker, &site, &profile).seats(&frame, &one.start) > 0 {
                let choices = needs.choices(&frame, &one.start);
                let ways = one.candidates(self, &frame, &choices);
                found.extend(ways.into_iter().take(MOST - found.len()));
            }
        }
        Ok(found)
    }

    /// Who has that start on their schedule, with the least load first. Of equals the first in the definitions.
    fn able(
        &self,
        service: &'a Service,
        practitioner: Option<&str>,
        at: Millis,
        frame: &Frame<'_>,
        site: &Wall,
    ) -> Vec<Able<'a>> {
        let bookable = self.bookable(service).filter(|_| at >= rules::earliest(service, self.now));
        let Some(days) = bookable else { return Vec::new() };
        let near = at.div_euclid(DAY) - 1..=at.div_euclid(DAY) + 1;
        let today = site.pieces(site.day(at), (0, 1_440));
        let (from, to) = today.fold((at, at), |(from, to), piece| (from.min(piece.from), to.max(piece.to)));
        let able = |(key, worker): (&'a str, &'a Worker)| {
            let starts = frame.starts(worker, near.clone());
            let start = starts.into_iter().find(|start| start.at == at && days.contains(&start.day))?;
            let load = self.occupied.load(key, from, to, self.now.as_millisecond());
            Some(Able { key, worker, start, load })
        };
        let mut able: Vec<_> =
            self.calendar.practitioners(service, practitioner).into_iter().filter_map(able).collect();
        // A team's load is shared among its seats: a/s < b/t is a·t < b·s.
        let share = |one: &Able<'_>, other: &Able<'_>| {
            one.load.saturating_mul(Millis::from(other.worker.seats.max(1)))
        };
        able.sort_by(|one, other| share(one, other).cmp(&share(other, one)));
        able
    }
}

impl Able<'_> {
    /// Every choice of one of each, none twice.
    fn candidates(
        &self,
        asked: &Availability<'_>,
        frame: &Frame<'_>,
        choices: &[Vec<Free<'_>>],
    ) -> Vec<Candidate> {
        let (Run { from, to }, slot) = (frame.taking(&self.start), frame.slot(&self.start));
        let taking =
            |key: &str, seats| Taking { resource: key.to_owned(), from: floor(from), to: ceil(to), seats };
        let mut ways = vec![vec![taking(self.key, self.worker.seats)]];
        for choice in choices {
            // Two of a kind are the same two in either order.
            let mut seen = HashSet::new();
            let grown = |way: &Vec<Taking>| {
                let way = way.clone();
                choice.iter().filter_map(move |free| with(&way, taking(free.key, free.seats)))
            };
            ways = ways.iter().flat_map(grown).filter(|way| seen.insert(way.clone())).take(MOST).collect();
        }
        let place =
            asked.calendar.places().get(self.start.place).map(|(key, _)| key.clone()).unwrap_or_default();
        let candidate = |takings: Vec<Taking>| {
            let practitioner = self.key.to_owned();
            Candidate { practitioner, place: place.clone(), start: slot.from, end: slot.to, takings }
        };
        ways.into_iter().map(candidate).collect()
    }
}

/// The way with one taking more, in the order of the resources; `None` where it has that resource already.
fn with(way: &[Taking], more: Taking) -> Option<Vec<Taking>> {
    let at = way.binary_search_by(|taking| taking.resource.cmp(&more.resource)).err()?;
    let mut way = way.to_vec();
    way.insert(at, more);
    Some(way)
}
