//! What can be booked at a site, and when: departments, services, practitioners, places, resources, weekly schedules.
//!
//! # Layout
//!
//! - [`Booking`] the whole, with who is in it
//! - [`service`] what takes how long, and the rules for booking it
//! - [`schedule`] when somebody works, and when not
//! - [`his`] what a hospital's information system owns of it
//! - `faults` what is wrong in one, `hints` what is hardly meant

use crm_protocol::text::Text;
use crm_protocol::whole;
use serde::{Deserialize, Serialize};

mod faults;
mod hints;
pub mod his;
pub mod schedule;
pub mod service;

pub use self::his::His;
pub use self::schedule::{Closure, Days, Exception, Schedule, Span};
pub use self::service::{Limits, Release, Service};

/// Every start, length and pause is a multiple of so many minutes.
pub const GRAIN: u32 = 5;

/// Everything about booking at a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Booking {
    /// In the order they are shown.
    #[serde(default)]
    pub departments: Vec<Department>,
    /// In the order they are shown.
    #[serde(default)]
    pub services: Vec<Service>,
    /// In the order they are shown.
    #[serde(default)]
    pub practitioners: Vec<Practitioner>,
    /// Where people go.
    #[serde(default)]
    pub places: Vec<Place>,
    /// Rooms, chairs and devices that services need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// Who works when and where.
    #[serde(default)]
    pub schedules: Vec<Schedule>,
    /// Holidays and other times when nobody, or somebody, does not work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<Closure>,
    /// A hospital's information system that owns departments, practitioners and slots. What is written here besides is
    /// added to what is read there, and wins where both have the same key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub his: Option<His>,
    /// What follows from not coming.
    #[serde(default)]
    pub blocks: Blocks,
    /// Seconds for which a slot is kept while its visitor fills in the form: 60–1,800.
    #[serde(default = "five_minutes", deserialize_with = "whole::number")]
    pub hold_seconds: u32,
    /// Minutes for which a slot that became free is kept for the next person on the waitlist: 5–1,440.
    #[serde(default = "thirty", deserialize_with = "whole::number")]
    pub offer_minutes: u32,
    /// Hours before an appointment at which its owner is reminded, each 1–336.
    #[serde(default = "a_day")]
    pub reminders: Vec<u32>,
}

/// A department.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Name in addresses: 1–64 of `a–z`, `0–9`, `-`.
    pub key: String,
    /// The name visitors see.
    pub name: Text,
    /// A sentence about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
}

/// Who does services: a person, or a team that sees several people at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Practitioner {
    /// Name in addresses; no resource has the same.
    pub key: String,
    /// The name visitors see.
    pub name: Text,
    /// Rank or field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// How many people it sees at the same time: 1–500.
    #[serde(default = "one", deserialize_with = "whole::number")]
    pub seats: u32,
    /// Most appointments a day, over all services; no limit where missing.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
}

/// A place where services are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// Name in addresses.
    pub key: String,
    /// The name visitors see.
    pub name: Text,
    /// The address, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Text>,
    /// `https://…` of a map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// IANA time zone of its clocks; the site's where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// Something that a service needs besides its practitioner. Without a schedule of its own it is always there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its name; no practitioner has the same.
    pub key: String,
    /// What it is one of, e.g. `chair`: services need kinds.
    pub kind: String,
    /// Where it is; everywhere where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How many people use it at the same time: 1–500.
    #[serde(default = "one", deserialize_with = "whole::number")]
    pub seats: u32,
}

/// People who do not come, or cancel too late, cannot book for a while.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Blocks {
    /// After so many missed appointments within `within_days`; never where 0.
    #[serde(deserialize_with = "whole::number")]
    pub missed: u32,
    /// After so many cancellations later than the service's deadline, which only staff can make; never where 0.
    #[serde(deserialize_with = "whole::number")]
    pub late: u32,
    /// Days over which they are counted.
    #[serde(deserialize_with = "whole::number")]
    pub within_days: u32,
    /// Days until they may book again.
    #[serde(deserialize_with = "whole::number")]
    pub days: u32,
}

impl Booking {
    /// The service of that key.
    pub fn service(&self, key: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.key == key)
    }

    /// The practitioner of that key.
    pub fn practitioner(&self, key: &str) -> Option<&Practitioner> {
        self.practitioners.iter().find(|practitioner| practitioner.key == key)
    }

    /// The place of that key.
    pub fn place(&self, key: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.key == key)
    }

    /// How many people that practitioner or resource serves at once; one where there is no such.
    pub fn seats(&self, key: &str) -> u32 {
        let practitioner = self.practitioner(key).map(|practitioner| practitioner.seats);
        let resource = || self.resources.iter().find(|resource| resource.key == key).map(|found| found.seats);
        practitioner.or_else(resource).unwrap_or(1)
    }
}

fn one() -> u32 {
    1
}

fn thirty() -> u32 {
    30
}

fn five_minutes() -> u32 {
    300
}

fn a_day() -> Vec<u32> {
    vec![24]
}
