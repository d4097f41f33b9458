//! A clinic as an operator writes it, to be changed by each test.

use crm_widgets::booking::{Availability, Calendar, Candidate, Interval, NotOffered, Occupied, Window};
use crm_widgets::definitions::Booking;
use crm_widgets::definitions::booking::Exception;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A booking, what staff changed in it, and what is taken.
#[derive(Clone)]
pub struct Clinic {
    pub booking: Booking,
    pub exceptions: Vec<Exception>,
    pub zone: TimeZone,
    pub occupied: Occupied,
    pub now: Timestamp,
}

impl Clinic {
    /// One doctor, `li`, on weekdays from 09:00 to 12:00 in Shanghai, and the service `checkup` of 30 minutes. It is the
    /// evening of Sunday 2026-11-22.
    pub fn new() -> Self {
        let booking = json!({
            "departments": [{"key": "general", "name": "General"}],
            "services": [{
                "key": "checkup", "department": "general", "name": "Check-up", "minutes": 30, "practitioners": ["li"],
                "form": "details",
            }],
            "practitioners": [{"key": "li", "name": "Dr. Li"}],
            "places": [{"key": "lakeside", "name": "Lakeside"}],
            "schedules": [
                {"who": "li", "place": "lakeside", "days": ["weekdays"], "hours": [{"from": "09:00", "to": "12:00"}]}
            ],
        });
        Self {
            booking: serde_json::from_value(booking).expect("a booking"),
            exceptions: Vec::new(),
            zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
            occupied: Occupied::default(),
            now: at("2026-11-22T12:00:00Z"),
        }
    }

    /// The same with other definitions: the members given replace the booking's.
    pub fn with(mut self, changes: Value) -> Self {
        let mut booking = serde_json::to_value(&self.booking).expect("JSON");
        for (member, value) in changes.as_object().expect("an object") {
            booking[member] = value.clone();
        }
        self.booking = serde_json::from_value(booking).expect("a booking");
        self
    }

    /// The same with other rules of the service `checkup`.
    pub fn service(self, changes: Value) -> Self {
        let mut service = serde_json::to_value(&self.booking.services[0]).expect("JSON");
        for (member, value) in changes.as_object().expect("an object") {
            service[member] = value.clone();
        }
        self.with(json!({"services": [service]}))
    }

    /// The same in another zone.
    pub fn zone(mut self, zone: &str) -> Self {
        self.zone = TimeZone::get(zone).expect("a zone");
        self
    }

    /// The same at another time.
    pub fn now(mut self, now: &str) -> Self {
        self.now = at(now);
        self
    }

    /// The same where staff has said so.
    pub fn exceptions(mut self, exceptions: Value) -> Self {
        self.exceptions = serde_json::from_value(exceptions).expect("exceptions");
        self
    }

    /// The same with that taken of a practitioner or resource.
    pub fn taken(self, taken: &[(&str, &str, &str)]) -> Self {
        let interval = |from, to| Interval { from: millis(from), to: millis(to), until: None };
        let taken = taken.iter().map(|(resource, from, to)| ((*resource).to_owned(), interval(from, to)));
        Self { occupied: Occupied::new(taken), ..self }
    }

    pub fn calendar(&self) -> Calendar {
        Calendar::new(&self.booking, &self.exceptions, &self.zone)
    }

    /// Asks about the first service.
    pub fn ask<T>(&self, ask: impl FnOnce(Availability<'_>) -> T) -> T {
        ask(Availability { calendar: &self.calendar(), occupied: &self.occupied, now: self.now })
    }

    /// The slots of these days as `practitioner@place day HH:MM+offset seats`, day after day a line each range.
    pub fn slots(&self, from: &str, to: &str) -> Vec<String> {
        let service = &self.booking.services[0];
        let slots = self.ask(|availability| availability.slots(service, None, window(from, to)));
        let mut lines = Vec::new();
        for row in &slots.rows {
            for range in &row.ranges {
                let time = format!("{:02}:{:02}", range.minute / 60, range.minute % 60);
                lines.push(format!(
                    "{}@{} {} {time}{:+} {}",
                    row.practitioner, row.place, range.day, range.offset, range.seats
                ));
            }
        }
        lines
    }

    /// The instants of the free slots of these days, row after row.
    pub fn instants(&self, from: &str, to: &str) -> Vec<String> {
        let (service, window) = (&self.booking.services[0], window(from, to));
        let slots = self.ask(|availability| availability.slots(service, None, window));
        let midnight = window.from.to_zoned(TimeZone::UTC).expect("a day").timestamp();
        let instant = |minutes| midnight + SignedDuration::from_mins(minutes);
        slots.free().map(|(_, slot)| instant(slot.instant()).to_string()).collect()
    }

    /// The ways to do the first service then.
    pub fn ways(&self, practitioner: Option<&str>, start: &str) -> Result<Vec<Candidate>, NotOffered> {
        self.ask(|availability| availability.candidates(&self.booking.services[0], practitioner, at(start)))
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub fn millis(text: &str) -> i64 {
    at(text).as_millisecond()
}

pub fn window(from: &str, to: &str) -> Window {
    Window { from: from.parse().expect("a day"), to: to.parse().expect("a day") }
}
