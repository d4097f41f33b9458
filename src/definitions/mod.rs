//! What an operator writes and `crm-widgets apply` loads: sites, their forms and their connections, in one JSON file.
//!
//! # Layout
//!
//! - [`Definitions`] and [`Site`]: the file's shape and its rules
//! - [`booking`] what can be booked, and when
//! - [`connection`] a CRM set up for a site; `route` who of the CRM's staff gets what
//! - `faults` what is wrong, all at once

use std::collections::BTreeSet;

use crm_protocol::faults::Fault;
use crm_protocol::form::Form;
use crm_protocol::text::{Lang, Text};
use crm_protocol::whole;
use serde::{Deserialize, Serialize};

pub mod booking;
pub mod connection;
mod faults;
mod route;

pub use self::booking::Booking;
pub use self::connection::{Connection, Rate, Secret};
use self::faults::Faults;
pub use self::route::{OneOrMany, Route};

/// A whole file: every site it names is replaced, others are left as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definitions {
    /// Where the JSON Schema for editors is; not read.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The sites.
    pub sites: Vec<Site>,
}

/// One website that embeds elements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Site {
    /// Name in addresses and attributes: 1–64 of `a–z`, `0–9`, `-`.
    pub key: String,
    /// The name visitors know.
    pub name: Text,
    /// Origins whose pages may call the API and frame hosted pages, e.g. `https://www.example.com`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// IANA time zone that decides what "today" is.
    #[serde(default = "utc")]
    pub time_zone: String,
    /// Languages offered; the first is the default.
    pub languages: Vec<Lang>,
    /// Proof of work.
    #[serde(default)]
    pub challenge: ChallengeSettings,
    /// Deviations from the gateway's limits.
    #[serde(default)]
    pub limits: SiteLimits,
    /// The forms.
    #[serde(default)]
    pub forms: Vec<Form>,
    /// What can be booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking: Option<Booking>,
    /// Where submissions go.
    #[serde(default)]
    pub connections: Vec<Connection>,
}

/// Proof of work asked of a page before it may submit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChallengeSettings {
    /// Whether it is asked at all.
    pub enabled: bool,
    /// Work as a power of two: 2^bits hashes on average. 8–20.
    #[serde(deserialize_with = "whole::number")]
    pub bits: u8,
}

impl Default for ChallengeSettings {
    /// 4,096 hashes: some 10 ms of a phone's time, out of sight behind typing.
    fn default() -> Self {
        Self { enabled: true, bits: 12 }
    }
}

/// A site's own limits; the gateway's where missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SiteLimits {
    /// Submissions per minute over all visitors.
    #[serde(deserialize_with = "whole::option")]
    pub submissions_per_minute: Option<u32>,
}

impl Definitions {
    /// Every broken rule; empty when the file may be applied.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let mut keys = BTreeSet::new();
        for (at, site) in self.sites.iter().enumerate() {
            let path = format!("sites[{at}]");
            faults.unique(&mut keys, &site.key, &format!("{path}.key"));
            site.collect_faults(&path, &mut faults);
        }
        faults.0
    }

    /// What may be applied and will hardly be meant, in the form of faults.
    pub fn hints(&self) -> Vec<Fault> {
        let mut hints = Faults::default();
        for (at, site) in self.sites.iter().enumerate() {
            if let Some(booking) = &site.booking {
                booking.collect_hints(&format!("sites[{at}].booking"), &mut hints);
            }
        }
        hints.0
    }
}

impl Site {
    /// The hosted page on which everything is booked; `public_url` is the gateway's own address.
    pub fn booking_page(&self, public_url: &str) -> String {
        format!("{public_url}/b/{}", self.key)
    }

    /// The form of that name.
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id)
    }

    /// The connection of that name.
    pub fn connection(&self, name: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.name == name)
    }

    /// The site's language that suits a reader of `wanted` best; the site's first where none does.
    pub fn language(&self, wanted: Option<&Lang>) -> Lang {
        wanted
            .and_then(|lang| lang.best(self.languages.iter().map(Lang::as_str)))
            .and_then(Lang::parse)
            .or_else(|| self.languages.first().cloned())
            .unwrap_or_default()
    }

    fn collect_faults(&self, path: &str, faults: &mut Faults) {
        faults.name(&self.key, &format!("{path}.key"));
        if self.name.is_blank() {
            faults.add(format!("{path}.name"), "the name is empty", "write the name visitors know");
        }
        if self.languages.is_empty() {
            faults.add(format!("{path}.languages"), "no language", "name at least one, e.g. [\"en\"]");
        }
        if jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            faults.add(
                format!("{path}.timeZone"),
                format!("\"{}\" is no IANA time zone", self.time_zone),
                "write one such as \"Asia/Shanghai\"",
            );
        }
        if !(8..=20).contains(&self.challenge.bits) {
            faults.add(format!("{path}.challenge.bits"), "out of range", "choose 8 to 20");
        }
        self.collect_origin_faults(path, faults);
        self.collect_form_faults(path, faults);
        self.collect_booking_faults(path, faults);
        self.collect_connection_faults(path, faults);
    }

    fn collect_origin_faults(&self, path: &str, faults: &mut Faults) {
        for (at, origin) in self.origins.iter().enumerate() {
            if !is_origin(origin) {
                faults.add(
                    format!("{path}.origins[{at}]"),
                    format!("\"{origin}\" is no origin"),
                    "write scheme and host in small letters without a path, e.g. \"https://www.example.com\"",
                );
            }
        }
    }

    fn collect_form_faults(&self, path: &str, faults: &mut Faults) {
        let mut ids = BTreeSet::new();
        for (at, form) in self.forms.iter().enumerate() {
            let path = format!("{path}.forms[{at}]");
            faults.unique(&mut ids, &form.id, &format!("{path}.id"));
            let inside = |fault: Fault| Fault { path: format!("{path}.{}", fault.path), ..fault };
            faults.0.extend(form.faults().into_iter().map(inside));
        }
    }

    fn collect_booking_faults(&self, path: &str, faults: &mut Faults) {
        if let Some(booking) = &self.booking {
            booking.collect_faults(self, &format!("{path}.booking"), faults);
        }
    }

    fn collect_connection_faults(&self, path: &str, faults: &mut Faults) {
        let mut names = BTreeSet::new();
        for (at, connection) in self.connections.iter().enumerate() {
            let path = format!("{path}.connections[{at}]");
            faults.unique(&mut names, &connection.name, &format!("{path}.name"));
            connection.collect_faults(self, &path, faults);
        }
    }
}

/// Whether `text` is exactly what a browser sends as `Origin` for a web page.
pub fn is_origin(text: &str) -> bool {
    // In a Content-Security-Policy `*` would be any host, and nowhere else.
    url::Url::parse(text).is_ok_and(|url| {
        let scheme = matches!(url.scheme(), "https" | "http");
        scheme && url.origin().ascii_serialization() == text && !text.contains('*')
    })
}

fn utc() -> String {
    "UTC".to_owned()
}
