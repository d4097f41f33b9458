//! A service: what it takes, who does it, and the rules for booking it.

use crm_protocol::text::Text;
use crm_protocol::whole;
use serde::{Deserialize, Serialize};

/// Something that takes some minutes of somebody's time. `minutes`, `step`, `before` and `after` are multiples of
/// [`GRAIN`](super::GRAIN).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Service {
    /// Name in addresses.
    pub key: String,
    /// Key of its department.
    pub department: String,
    /// The name visitors see.
    pub name: Text,
    /// A sentence about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    /// How long it takes: 5–720 minutes.
    #[serde(deserialize_with = "whole::number")]
    pub minutes: u32,
    /// Minutes from one start to the next; `minutes` where missing.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Minutes before it in which its practitioner and resources do nothing else.
    #[serde(default, deserialize_with = "whole::number")]
    pub before: u32,
    /// The same after it.
    #[serde(default, deserialize_with = "whole::number")]
    pub after: u32,
    /// It can be booked until so many minutes before it starts.
    #[serde(default, deserialize_with = "whole::number")]
    pub notice: u32,
    /// It can be booked for today and so many days after: 0–366.
    #[serde(default = "four_weeks", deserialize_with = "whole::number")]
    pub window: u32,
    /// When the slots of a day open; as soon as the day is in the window where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// Keys of the practitioners who do it.
    pub practitioners: Vec<String>,
    /// Kinds of resources of which it needs one each, at the practitioner's place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Id of the form that is asked before booking.
    pub form: String,
    /// The field by which a person is known again, e.g. a resident identity number; the form's first phone number, else
    /// its first e-mail address, where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// How much one person may book.
    #[serde(default)]
    pub limits: Limits,
    /// The staff confirms each appointment.
    #[serde(default)]
    pub approval: bool,
    /// Its owner may cancel until so many minutes before it starts.
    #[serde(default, deserialize_with = "whole::number")]
    pub cancel: u32,
    /// Its owner may move it until so many minutes before it starts.
    #[serde(default, deserialize_with = "whole::number", rename = "move")]
    pub change: u32,
    /// Whether people may wait for a slot that becomes free.
    #[serde(default)]
    pub waitlist: bool,
    /// What to bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bring: Option<Text>,
}

/// 放号: the slots of a day open together, some days before, at a time of the site's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Days before: 0–366.
    #[serde(deserialize_with = "whole::number")]
    pub days: u32,
    /// `HH:MM`.
    pub at: String,
}

/// Most open appointments that one person may have at the same time; no limit where missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Of this service.
    #[serde(deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub open: Option<u32>,
    /// On one day, of any service.
    #[serde(deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
    /// On one day in this service's department.
    #[serde(deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub per_department: Option<u32>,
    /// On one day with one practitioner.
    #[serde(deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub per_practitioner: Option<u32>,
}

impl Service {
    /// Minutes from one start to the next.
    pub fn step(&self) -> u32 {
        self.step.unwrap_or(self.minutes)
    }
}

fn four_weeks() -> u32 {
    28
}
