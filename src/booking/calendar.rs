//! A site's definitions compiled once per revision: who works when and where, as minutes and day numbers.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use super::shift::{Closed, Shift};
use crate::definitions::booking::{Booking, Closure, Exception, Place, Schedule, Service};
use crate::store::Millis;
use crate::store::his::HisSlot;

/// Who works when and where. What cannot be read in the definitions is left out of it.
///
/// The last word counts: a closure cuts the schedules, an exception cuts or adds to all that was said before it.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    places: Vec<(String, TimeZone)>,
    workers: HashMap<String, Worker>,
    /// Keys of the resources of each kind, in the order they are written.
    kinds: HashMap<String, Vec<String>>,
}

/// A practitioner or resource.
#[derive(Clone, Debug)]
pub struct Worker {
    /// How many people it serves at the same time.
    pub seats: u32,
    /// Most appointments a day.
    pub per_day: Option<u32>,
    /// Where it works, and when; in the order of the definitions.
    pub shifts: Vec<Shift>,
    /// Slots that somebody else has laid out for it, one by one.
    pub openings: Vec<Opening>,
    /// When it does not.
    pub closed: Vec<Closed>,
    /// Where it stands, counted as in the calendar; everywhere where missing.
    pub place: Option<usize>,
}

/// One slot of a service, as a hospital's information system has it.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Key of the service.
    pub service: String,
    /// Its start.
    pub start: Millis,
    /// Its end.
    pub end: Millis,
    /// Whether it can be had.
    pub free: bool,
    /// The place, counted as in the calendar.
    pub place: usize,
}

impl Calendar {
    /// Compiles a site's definitions. `zone` is the site's.
    pub fn new(booking: &Booking, exceptions: &[Exception], zone: &TimeZone) -> Self {
        let places =
            booking.places.iter().filter_map(|place| Some((place.key.clone(), clock_of(place, zone)?)));
        let mut calendar = Self {
            zone: zone.clone(),
            places: places.collect(),
            workers: HashMap::new(),
            kinds: HashMap::new(),
        };
        calendar.add_workers(booking);
        let scheduled: HashSet<&str> =
            booking.schedules.iter().map(|schedule| schedule.who.as_str()).collect();
        for resource in booking.resources.iter().filter(|resource| !scheduled.contains(resource.key.as_str()))
        {
            calendar.add_shift(&resource.key, Some(Shift::always()));
        }
        booking.schedules.iter().for_each(|schedule| calendar.schedule(schedule));
        for (layer, closure) in (1..).zip(&booking.closed) {
            calendar.close(closure, layer);
        }
        for (layer, exception) in (1 + booking.closed.len()..).zip(exceptions) {
            match exception {
                Exception::Closed(closure) => calendar.close(closure, layer),
                Exception::Open { who, place, day, hours } => {
                    let place = calendar.place(place);
                    calendar.add_shift(who, place.and_then(|place| Shift::open(day, hours, place, layer)));
                }
            }
        }
        calendar
    }

    /// Adds slots that a hospital's information system has laid out.
    pub fn with_slots(mut self, slots: &[HisSlot]) -> Self {
        for slot in slots {
            let Some(place) = self.place(&slot.place) else { continue };
            let HisSlot { start, end, free, .. } = *slot;
            let opening = Opening { service: slot.service.clone(), start, end, free, place };
            if let Some(worker) = self.workers.get_mut(&slot.practitioner) {
                worker.openings.push(opening);
            }
        }
        self
    }

    /// The site's time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The time zone of the place of that key.
    pub fn place_zone(&self, key: &str) -> Option<&TimeZone> {
        self.places.iter().find(|(known, _)| known == key).map(|(_, zone)| zone)
    }

    /// Key and time zone of every place.
    pub(super) fn places(&self) -> &[(String, TimeZone)] {
        &self.places
    }

    /// The practitioner or resource of that key.
    pub(super) fn worker(&self, key: &str) -> Option<&Worker> {
        self.workers.get(key)
    }

    /// Keys of the resources of that kind.
    pub(super) fn kind(&self, kind: &str) -> &[String] {
        self.kinds.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Who does the service, each once, in the order of the definitions; only that one where one is asked for.
    pub(super) fn practitioners<'a>(
        &'a self,
        service: &'a Service,
        only: Option<&str>,
    ) -> Vec<(&'a str, &'a Worker)> {
        let mut seen = HashSet::new();
        let keys = service.practitioners.iter().filter(|key| only.is_none_or(|only| only == *key));
        keys.filter(|key| seen.insert(*key))
            .filter_map(|key| Some((key.as_str(), self.worker(key)?)))
            .collect()
    }

    fn add_workers(&mut self, booking: &Booking) {
        for one in &booking.practitioners {
            self.workers.insert(one.key.clone(), Worker::new(one.seats, one.per_day, None));
        }
        for one in &booking.resources {
            let place = one.place.as_ref().map(|place| self.place(place));
            // A place that nobody knows is not "everywhere".
            if let None | Some(Some(_)) = place {
                self.workers.insert(one.key.clone(), Worker::new(one.seats, None, place.flatten()));
                self.kinds.entry(one.kind.clone()).or_default().push(one.key.clone());
            }
        }
    }

    fn schedule(&mut self, schedule: &Schedule) {
        let place = self.place(&schedule.place);
        self.add_shift(&schedule.who, place.and_then(|place| Shift::scheduled(schedule, place)));
    }

    fn close(&mut self, closure: &Closure, layer: usize) {
        let place = closure.place.as_ref().map(|place| self.place(place));
        let (None | Some(Some(_))) = place else { return };
        let Some(closed) = Closed::new(closure, place.flatten(), layer) else { return };
        let whom = closure.who.as_ref();
        for (_, worker) in self.workers.iter_mut().filter(|(key, _)| whom.is_none_or(|whom| whom == *key)) {
            worker.closed.push(closed.clone());
        }
    }

    fn add_shift(&mut self, who: &str, shift: Option<Shift>) {
        if let Some(worker) = self.workers.get_mut(who) {
            worker.shifts.extend(shift);
        }
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.places.iter().position(|(known, _)| known == key)
    }
}

impl Worker {
    fn new(seats: u32, per_day: Option<u32>, place: Option<usize>) -> Self {
        Self { seats, per_day, place, shifts: Vec::new(), openings: Vec::new(), closed: Vec::new() }
    }
}

fn clock_of(place: &Place, site: &TimeZone) -> Option<TimeZone> {
    match &place.time_zone {
        Some(name) => TimeZone::get(name).ok(),
        None => Some(site.clone()),
    }
}
