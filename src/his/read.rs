//! What is made of a hospital's resources. What cannot be understood is said, not guessed.

use std::collections::{BTreeMap, BTreeSet};

use crm_protocol::text::Text;
use jiff::Timestamp;
use serde_json::Value;

use super::fhir::{
    self, HealthcareService, Location, Practitioner, PractitionerRole, Schedule, Slot, only, said,
};
use super::words::{Words, key};
use crate::definitions::booking::Practitioner as Person;
use crate::definitions::booking::{Department, GRAIN, His, Place, Service};
use crate::store::Millis;
use crate::store::his::HisSlot;

/// Milliseconds in a minute.
const MINUTE: Millis = 60_000;
/// Longest slot, in minutes.
const LONGEST: Millis = 720;

/// What a server has.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// The server's URL without a slash at the end.
    base: String,
    /// By type and id.
    all: BTreeMap<(String, String), Value>,
}

/// What was understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Departments, services, practitioners and places.
    pub words: Words,
    /// Slots by the hospital's id.
    pub slots: BTreeMap<String, HisSlot>,
    /// What was not understood: what is missing, and the resources in which it is.
    pub unread: BTreeMap<String, Vec<String>>,
}

/// Whose time it is, for what, and where; in keys of ours.
#[derive(Clone, Debug)]
struct Roster {
    practitioner: String,
    department: String,
    place: String,
}

impl Resources {
    /// None yet, of the server at that URL.
    pub fn at(base: &str) -> Self {
        Self { base: base.to_owned(), all: BTreeMap::new() }
    }

    /// Adds resources; those without type or id are none.
    pub fn add(&mut self, resources: Vec<Value>) {
        for mut resource in resources {
            fhir::shorten(&mut resource, &self.base);
            let name = |member: &str| resource[member].as_str().map(str::to_owned);
            if let (Some(kind), Some(id)) = (name("resourceType"), name("id")) {
                self.all.insert((kind, id), resource);
            }
        }
    }

    /// All of one type.
    pub fn all(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.all.iter().filter(move |((known, _), _)| known == kind).map(|(_, resource)| resource)
    }

    /// What schedules, roles and departments refer to and is not here: `Practitioner/17`.
    pub fn missing(&self) -> BTreeSet<String> {
        const READ: [&str; 4] = ["PractitionerRole", "Practitioner", "Location", "HealthcareService"];
        let mut references = Vec::new();
        references.extend(self.all("Schedule").filter_map(fhir::read::<Schedule>).flat_map(|one| one.actor));
        for role in self.all("PractitionerRole").filter_map(fhir::read::<PractitionerRole>) {
            references.extend(role.location.into_iter().chain([role.practitioner]));
        }
        let services = self.all("HealthcareService").filter_map(fhir::read::<HealthcareService>);
        references.extend(services.flat_map(|one| one.location));
        let named = references.iter().flat_map(|reference| {
            READ.into_iter().filter_map(|kind| Some((kind.to_owned(), reference.to(kind)?.to_owned())))
        });
        let unknown = named.filter(|name| !self.all.contains_key(name));
        unknown.map(|(kind, id)| format!("{kind}/{id}")).collect()
    }

    fn get<T: serde::de::DeserializeOwned>(&self, kind: &str, id: &str) -> Option<T> {
        fhir::read(self.all.get(&(kind.to_owned(), id.to_owned()))?)
    }
}

impl Reading {
    /// Makes definitions and slots of the resources.
    pub fn new(resources: &Resources, his: &His) -> Self {
        let mut reading = Self::default();
        reading.read_departments(resources);
        reading.read_places(resources);
        let rosters = reading.read_rosters(resources);
        reading.read_slots(resources, &rosters, his);
        reading
    }

    /// One line for everything that was not understood.
    pub fn lines(&self) -> Vec<String> {
        let line = |(missing, names): (&String, &Vec<String>)| match names.as_slice() {
            [name] => format!("{name}: {missing}"),
            [name, more @ ..] => format!("{name} and {} more: {missing}", more.len()),
            [] => missing.clone(),
        };
        self.unread.iter().map(line).collect()
    }

    fn miss(&mut self, name: String, missing: &str) {
        self.unread.entry(missing.to_owned()).or_default().push(name);
    }

    fn read_departments(&mut self, resources: &Resources) {
        for service in resources.all("HealthcareService").filter_map(fhir::read::<HealthcareService>) {
            let Some(name) = said(service.name.as_ref()) else {
                self.miss(format!("HealthcareService/{}", service.id), "it has no name");
                continue;
            };
            let intro = said(service.comment.as_ref()).map(|intro| Text::from(intro.as_str()));
            self.words.departments.push(Department {
                key: key(&service.id),
                name: name.as_str().into(),
                intro,
            });
        }
    }

    fn read_places(&mut self, resources: &Resources) {
        for location in resources.all("Location").filter_map(fhir::read::<Location>) {
            let Some(name) = said(location.name.as_ref()) else {
                self.miss(format!("Location/{}", location.id), "it has no name");
                continue;
            };
            let address = location.address.line().map(|line| Text::from(line.as_str()));
            let (key, name) = (key(&location.id), name.as_str().into());
            self.words.places.push(Place { key, name, address, map: None, time_zone: None });
        }
    }

    /// Schedules by id.
    fn read_rosters(&mut self, resources: &Resources) -> BTreeMap<String, Roster> {
        let mut rosters = BTreeMap::new();
        for schedule in resources.all("Schedule").filter_map(fhir::read::<Schedule>) {
            match self.roster(resources, &schedule) {
                Ok(roster) => drop(rosters.insert(schedule.id, roster)),
                Err(missing) => self.miss(format!("Schedule/{}", schedule.id), missing),
            }
        }
        rosters
    }

    fn roster(&mut self, resources: &Resources, schedule: &Schedule) -> Result<Roster, &'static str> {
        let role = role_of(resources, schedule);
        let actor = |kind| only(&schedule.actor, kind);
        let who = actor("Practitioner").or_else(|| role.as_ref()?.practitioner.to("Practitioner"));
        let who = who.ok_or("no practitioner: name one PractitionerRole or Practitioner as its actor")?;
        let person: Practitioner =
            resources.get("Practitioner", who).ok_or("its practitioner is not there, or not active")?;
        let name = person.name.iter().find_map(fhir::HumanName::line);
        let name = name.ok_or("its practitioner has no name")?;
        let service = actor("HealthcareService")
            .or_else(|| only(&role.as_ref()?.healthcare_service, "HealthcareService"))
            .ok_or("no service: name one HealthcareService, as its actor or in its PractitionerRole")?;
        let at: HealthcareService =
            resources.get("HealthcareService", service).ok_or("its service is not there, or not active")?;
        let place = actor("Location")
            .or_else(|| only(&role.as_ref()?.location, "Location"))
            .or_else(|| only(&at.location, "Location"))
            .ok_or(
                "no place: name one Location, as its actor, in its PractitionerRole or its HealthcareService",
            )?;
        let roster = Roster { practitioner: key(who), department: key(service), place: key(place) };
        if self.words.places.iter().all(|known| known.key != roster.place) {
            return Err("its place is not there, or has no name");
        }
        if self.words.departments.iter().all(|known| known.key != roster.department) {
            return Err("its service has no name");
        }
        if self.words.practitioners.iter().all(|known| known.key != roster.practitioner) {
            let title = role.and_then(|role| {
                role.code.iter().chain(&role.specialty).find_map(fhir::CodeableConcept::words)
            });
            let title = title.map(|title| Text::from(title.as_str()));
            let (key, name) = (roster.practitioner.clone(), name.as_str().into());
            self.words.practitioners.push(Person { key, name, title, seats: 1, per_day: None });
        }
        Ok(roster)
    }

    fn read_slots(&mut self, resources: &Resources, rosters: &BTreeMap<String, Roster>, his: &His) {
        let mut starts: BTreeMap<(String, Millis), String> = BTreeMap::new();
        // Free ones first: where two begin at the same time, that is the one to have.
        let mut slots: Vec<Slot> = resources.all("Slot").filter_map(fhir::read).collect();
        slots.sort_by_key(|slot| slot.status != "free");
        for slot in slots.into_iter().filter(|slot| slot.status != "entered-in-error") {
            let Some(roster) = slot.schedule.to("Schedule").and_then(|id| rosters.get(id)) else { continue };
            let (start, minutes) = match times(&slot) {
                Ok(times) => times,
                Err(missing) => {
                    self.miss(format!("Slot/{}", slot.id), missing);
                    continue;
                }
            };
            if starts.insert((roster.practitioner.clone(), start), slot.id.clone()).is_some() {
                self.miss(
                    format!("Slot/{}", slot.id),
                    "another slot of its practitioner begins at the same time",
                );
                continue;
            }
            let service = self.service(roster, minutes, his);
            let found = HisSlot {
                id: slot.id.clone(),
                practitioner: roster.practitioner.clone(),
                service,
                place: roster.place.clone(),
                start,
                end: start + minutes * MINUTE,
                free: slot.status == "free",
            };
            self.slots.insert(slot.id, found);
        }
    }

    /// The key of the service of that length in that department.
    fn service(&mut self, roster: &Roster, minutes: Millis, his: &His) -> String {
        let key = format!("{}-{minutes}", roster.department);
        let known = self.words.services.iter().position(|service| service.key == key);
        let at = known.unwrap_or_else(|| {
            let department = self.words.departments.iter().find(|known| known.key == roster.department);
            let name = department.map_or_else(|| Text::from(key.as_str()), |known| known.name.clone());
            self.words.services.push(service(&key, &roster.department, name, minutes, his));
            self.words.services.len() - 1
        });
        if let Some(service) = self.words.services.get_mut(at)
            && !service.practitioners.contains(&roster.practitioner)
        {
            service.practitioners.push(roster.practitioner.clone());
        }
        key
    }
}

/// The role that a schedule is of: its actor, or the only one of its practitioner.
fn role_of(resources: &Resources, schedule: &Schedule) -> Option<PractitionerRole> {
    if let Some(id) = only(&schedule.actor, "PractitionerRole") {
        return resources.get("PractitionerRole", id);
    }
    let who = only(&schedule.actor, "Practitioner")?;
    let roles = resources.all("PractitionerRole").filter_map(fhir::read::<PractitionerRole>);
    let mut roles = roles.filter(|role| role.practitioner.to("Practitioner") == Some(who));
    let first = roles.next()?;
    roles.next().is_none().then_some(first)
}

/// Start and minutes.
fn times(slot: &Slot) -> Result<(Millis, Millis), &'static str> {
    let instant = |text: &str| text.parse::<Timestamp>().map(Timestamp::as_millisecond);
    let (Ok(start), Ok(end)) = (instant(&slot.start), instant(&slot.end)) else {
        return Err("its start or end is no instant");
    };
    let grain = Millis::from(GRAIN) * MINUTE;
    if start % grain != 0 || end % grain != 0 {
        return Err("it begins or ends between two marks of five minutes");
    }
    match (end - start) / MINUTE {
        minutes @ 1..=LONGEST => Ok((start, minutes)),
        _ => Err("it is not 5 minutes to 12 hours long"),
    }
}

fn service(key: &str, department: &str, name: Text, minutes: Millis, his: &His) -> Service {
    Service {
        key: key.to_owned(),
        department: department.to_owned(),
        name,
        intro: None,
        minutes: u32::try_from(minutes).unwrap_or_default(),
        step: None,
        before: 0,
        after: 0,
        notice: his.notice,
        window: his.window,
        release: None,
        practitioners: Vec::new(),
        needs: Vec::new(),
        form: his.form.clone(),
        patient: his.patient.clone(),
        limits: his.limits.clone(),
        // The hospital confirms.
        approval: true,
        cancel: his.cancel,
        change: his.change,
        waitlist: false,
        bring: None,
    }
}
