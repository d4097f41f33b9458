//! What is wrong in the definition of a booking.

use std::collections::BTreeSet;

use crm_protocol::faults::Fault;
use crm_protocol::form::Kind;
use jiff::civil::Date;

use super::{Booking, Closure, Exception, GRAIN, Schedule, Service, Span};
use crate::booking::clock;
use crate::definitions::Site;
use crate::definitions::faults::Faults;

const GRAIN_FIX: &str = "write a multiple of 5 minutes";
const DAY_FIX: &str = "write a day such as \"2026-11-24\"";

impl Booking {
    /// `path` is where it stands in the file.
    pub(in crate::definitions) fn collect_faults(&self, site: &Site, path: &str, faults: &mut Faults) {
        self.collect_key_faults(path, faults);
        for (at, service) in self.services.iter().enumerate() {
            service.collect_faults(self, site, &format!("{path}.services[{at}]"), faults);
        }
        for (at, schedule) in self.schedules.iter().enumerate() {
            schedule.collect_faults(self, &format!("{path}.schedules[{at}]"), faults);
        }
        for (at, closure) in self.closed.iter().enumerate() {
            closure.collect_faults(self, &format!("{path}.closed[{at}]"), faults);
        }
        self.collect_place_faults(path, faults);
        if let Some(his) = &self.his {
            his.collect_faults(site, &format!("{path}.his"), faults);
        }
        within(60, 1_800, self.hold_seconds, &format!("{path}.holdSeconds"), faults);
        within(5, 1_440, self.offer_minutes, &format!("{path}.offerMinutes"), faults);
        for (at, hours) in self.reminders.iter().enumerate() {
            within(1, 336, *hours, &format!("{path}.reminders[{at}]"), faults);
        }
        let blocking = self.blocks.missed > 0 || self.blocks.late > 0;
        if blocking && (self.blocks.days == 0 || self.blocks.within_days == 0) {
            let fix = "say with `withinDays` and `days` over how many days they count, and how long it lasts";
            faults.add(format!("{path}.blocks"), "a block without days", fix);
        }
    }

    fn collect_key_faults(&self, path: &str, faults: &mut Faults) {
        let mut check = |list: &str, keys: Vec<&String>, seen: &mut BTreeSet<String>| {
            for (at, key) in keys.into_iter().enumerate() {
                let path = format!("{path}.{list}[{at}].key");
                faults.name(key, &path);
                faults.unique(seen, key, &path);
            }
        };
        let (departments, services) = (&self.departments, &self.services);
        check("departments", departments.iter().map(|one| &one.key).collect(), &mut BTreeSet::new());
        check("services", services.iter().map(|one| &one.key).collect(), &mut BTreeSet::new());
        check("places", self.places.iter().map(|one| &one.key).collect(), &mut BTreeSet::new());
        // A slot's rows in the database tell practitioners and resources apart by key alone.
        let mut who = BTreeSet::new();
        check("practitioners", self.practitioners.iter().map(|one| &one.key).collect(), &mut who);
        check("resources", self.resources.iter().map(|one| &one.key).collect(), &mut who);
        for (at, practitioner) in self.practitioners.iter().enumerate() {
            within(1, 500, practitioner.seats, &format!("{path}.practitioners[{at}].seats"), faults);
        }
        for (at, resource) in self.resources.iter().enumerate() {
            within(1, 500, resource.seats, &format!("{path}.resources[{at}].seats"), faults);
        }
    }

    fn collect_place_faults(&self, path: &str, faults: &mut Faults) {
        for (at, place) in self.places.iter().enumerate() {
            let path = format!("{path}.places[{at}]");
            if place.map.as_ref().is_some_and(|map| !map.starts_with("https://")) {
                faults.add(
                    format!("{path}.map"),
                    "no address of a map",
                    "write one that starts with https://",
                );
            }
            if place.time_zone.as_ref().is_some_and(|zone| jiff::tz::TimeZone::get(zone).is_err()) {
                faults.add(
                    format!("{path}.timeZone"),
                    "no IANA time zone",
                    "write one such as \"Asia/Shanghai\"",
                );
            }
        }
        for (at, resource) in self.resources.iter().enumerate() {
            if let Some(place) = &resource.place {
                self.known_place(place, &format!("{path}.resources[{at}].place"), faults);
            }
        }
    }

    fn known_place(&self, key: &str, path: &str, faults: &mut Faults) {
        if self.place(key).is_none() {
            let places = self.places.iter().map(|place| place.key.as_str()).collect::<Vec<_>>().join(", ");
            faults.add(
                path.to_owned(),
                format!("there is no place \"{key}\""),
                &format!("choose from {places}"),
            );
        }
    }

    fn known_who(&self, key: &str, path: &str, faults: &mut Faults) {
        let practitioners = self.practitioners.iter().map(|one| one.key.as_str());
        let known: Vec<&str> =
            practitioners.chain(self.resources.iter().map(|one| one.key.as_str())).collect();
        if !known.contains(&key) {
            let message = format!("there is no practitioner or resource \"{key}\"");
            faults.add(path.to_owned(), message, &format!("choose from {}", known.join(", ")));
        }
    }
}

impl Service {
    fn collect_faults(&self, booking: &Booking, site: &Site, path: &str, faults: &mut Faults) {
        if booking.departments.iter().all(|department| department.key != self.department) {
            let message = format!("there is no department \"{}\"", self.department);
            faults.add(
                format!("{path}.department"),
                message,
                "write the key of one of the list `departments`",
            );
        }
        within(5, 720, self.minutes, &format!("{path}.minutes"), faults);
        within(5, 720, self.step(), &format!("{path}.step"), faults);
        within(0, 240, self.before, &format!("{path}.before"), faults);
        within(0, 240, self.after, &format!("{path}.after"), faults);
        within(0, 366, self.window, &format!("{path}.window"), faults);
        let grained = [
            ("minutes", self.minutes),
            ("step", self.step()),
            ("before", self.before),
            ("after", self.after),
        ];
        for (member, _) in grained.into_iter().filter(|(_, minutes)| minutes % GRAIN != 0) {
            faults.add(format!("{path}.{member}"), "no multiple of 5", GRAIN_FIX);
        }
        if let Some(release) = &self.release {
            within(0, 366, release.days, &format!("{path}.release.days"), faults);
            if clock::minute(&release.at).is_none() {
                faults.add(format!("{path}.release.at"), "no time of day", "write one such as \"07:00\"");
            }
        }
        self.collect_reference_faults(booking, site, path, faults);
    }

    fn collect_reference_faults(&self, booking: &Booking, site: &Site, path: &str, faults: &mut Faults) {
        if self.practitioners.is_empty() {
            faults.add(format!("{path}.practitioners"), "nobody does it", "write the key of at least one");
        }
        for (at, key) in self.practitioners.iter().enumerate() {
            if booking.practitioner(key).is_none() {
                let message = format!("there is no practitioner \"{key}\"");
                let fix = "write the key of one of the list `practitioners`";
                faults.add(format!("{path}.practitioners[{at}]"), message, fix);
            }
        }
        for (at, kind) in self.needs.iter().enumerate() {
            if booking.resources.iter().all(|resource| resource.kind != *kind) {
                let message = format!("there is no resource of the kind \"{kind}\"");
                faults.add(format!("{path}.needs[{at}]"), message, "add one to the list `resources`");
            }
        }
        collect_form_faults(site, &self.form, self.patient.as_ref(), path, faults);
    }
}

impl Schedule {
    fn collect_faults(&self, booking: &Booking, path: &str, faults: &mut Faults) {
        booking.known_who(&self.who, &format!("{path}.who"), faults);
        booking.known_place(&self.place, &format!("{path}.place"), faults);
        if self.days.is_empty() {
            faults.add(format!("{path}.days"), "no day", "write some of mon, tue, wed, thu, fri, sat, sun");
        }
        let mut end = 0;
        for (at, span) in self.hours.iter().enumerate() {
            let path = format!("{path}.hours[{at}]");
            span.collect_faults(&path, faults);
            if let Some((from, to)) = clock::span(span) {
                if from < end {
                    faults.add(
                        path,
                        "begins before the one before it ends",
                        "write them in the order of time",
                    );
                }
                end = to;
            }
        }
        if self.hours.is_empty() {
            faults.add(format!("{path}.hours"), "no hours", "write at least one {\"from\": …, \"to\": …}");
        }
        for (at, key) in self.services.iter().flatten().enumerate() {
            if booking.service(key).is_none() {
                let fix = "write the key of one of the list `services`";
                faults.add(format!("{path}.services[{at}]"), format!("there is no service \"{key}\""), fix);
            }
        }
        day(self.from.as_ref(), &format!("{path}.from"), faults);
        day(self.to.as_ref(), &format!("{path}.to"), faults);
        if let Some(every) = self.every {
            within(1, 8, every, &format!("{path}.every"), faults);
            if self.from.is_none() {
                faults.add(
                    format!("{path}.from"),
                    "missing",
                    "write the day from which the weeks are counted",
                );
            }
        }
    }
}

impl Closure {
    fn collect_faults(&self, booking: &Booking, path: &str, faults: &mut Faults) {
        day(Some(&self.from), &format!("{path}.from"), faults);
        day(self.to.as_ref(), &format!("{path}.to"), faults);
        let parsed = |text: &String| text.parse::<Date>().ok();
        if self.to.as_ref().and_then(parsed).is_some_and(|to| Some(to) < parsed(&self.from)) {
            faults.add(
                format!("{path}.to"),
                "before `from`",
                "write the last day, or leave it out for one day",
            );
        }
        if let Some(hours) = &self.hours {
            hours.collect_faults(&format!("{path}.hours"), faults);
        }
        if let Some(who) = &self.who {
            booking.known_who(who, &format!("{path}.who"), faults);
        }
        if let Some(place) = &self.place {
            booking.known_place(place, &format!("{path}.place"), faults);
        }
    }
}

impl Exception {
    /// Every broken rule; empty when staff may change the schedules so.
    pub fn faults(&self, booking: &Booking) -> Vec<Fault> {
        let mut faults = Faults::default();
        match self {
            Self::Closed(closure) => closure.collect_faults(booking, "closed", &mut faults),
            Self::Open { who, place, day: date, hours } => {
                booking.known_who(who, "open.who", &mut faults);
                booking.known_place(place, "open.place", &mut faults);
                day(Some(date), "open.day", &mut faults);
                hours.collect_faults("open.hours", &mut faults);
            }
        }
        faults.0
    }
}

impl Span {
    fn collect_faults(&self, path: &str, faults: &mut Faults) {
        let grained = |text: &str| clock::minute(text).is_some_and(|minute| minute % GRAIN == 0);
        for (member, text) in [("from", &self.from), ("to", &self.to)] {
            if !grained(text) {
                let message = format!("\"{text}\" is no time of day on a multiple of 5 minutes");
                faults.add(format!("{path}.{member}"), message, "write one such as \"08:30\"");
            }
        }
        if grained(&self.from) && grained(&self.to) && clock::span(self).is_none() {
            faults.add(
                format!("{path}.to"),
                "not after `from`",
                "write a later time, \"24:00\" at the latest",
            );
        }
    }
}

fn day(text: Option<&String>, path: &str, faults: &mut Faults) {
    if let Some(text) = text.filter(|text| text.parse::<Date>().is_err()) {
        faults.add(path.to_owned(), format!("\"{text}\" is no day"), DAY_FIX);
    }
}

pub(super) fn within(least: u32, most: u32, value: u32, path: &str, faults: &mut Faults) {
    if !(least..=most).contains(&value) {
        faults.add(path.to_owned(), "out of range", &format!("choose {least} to {most}"));
    }
}

/// What is wrong with the form that is asked before booking, and with the field by which a person is known again.
pub(super) fn collect_form_faults(
    site: &Site,
    form: &str,
    patient: Option<&String>,
    path: &str,
    faults: &mut Faults,
) {
    let Some(form) = site.form(form) else {
        let message = format!("there is no form \"{form}\"");
        return faults.add(format!("{path}.form"), message, "write the id of one of the site's forms");
    };
    for field in form.fields().filter(|field| field.kind == Kind::File) {
        let message = format!("the form asks for a file with \"{}\", and booking takes none", field.name);
        let fix = "remove that field, or name a form without files";
        faults.add(format!("{path}.form"), message, fix);
    }
    if patient.is_some_and(|name| form.field(name).is_none()) {
        let fix = "write the name of one of its fields";
        faults.add(format!("{path}.patient"), "the form has no such field", fix);
    }
}
