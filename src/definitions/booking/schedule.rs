//! When somebody works, on the clock of their place, and when not.

use serde::{Deserialize, Serialize};

/// Working hours of a practitioner or resource at a place, week after week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schedule {
    /// Key of the practitioner or resource.
    pub who: String,
    /// Key of the place.
    pub place: String,
    /// Keys of the services done in these hours; all of theirs where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<String>>,
    /// On these days of the week.
    pub days: Vec<Days>,
    /// From when to when, in the order of time.
    pub hours: Vec<Span>,
    /// First day it holds, ISO 8601; always where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day it holds, ISO 8601; for ever where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Every so many weeks, counted from `from`, which is needed then: 1–8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
}

/// A day of the week, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Days {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
    /// Monday to Friday.
    Weekdays,
    /// Every day.
    Daily,
}

/// Two times of one day's clock, `HH:MM`, each a multiple of [`GRAIN`](super::GRAIN) minutes; the second is later, and
/// `24:00` at the latest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The beginning.
    pub from: String,
    /// The end.
    pub to: String,
}

/// A time when nobody works, or somebody does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    /// First day, ISO 8601.
    pub from: String,
    /// Last day; the first where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only these hours of each day; all day where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Span>,
    /// Key of the practitioner or resource; everybody where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Key of the place; everywhere where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Why, for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A change to the schedules that staff makes from one day to the next, without applying a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Exception {
    /// Does not work.
    Closed(Closure),
    /// Works besides their schedule.
    Open {
        /// Key of the practitioner or resource.
        who: String,
        /// Key of the place.
        place: String,
        /// The day, ISO 8601.
        day: String,
        /// From when to when.
        hours: Span,
    },
}

impl Exception {
    /// The last day on which it changes anything, ISO 8601.
    pub fn last_day(&self) -> &str {
        match self {
            Self::Closed(closure) => closure.to.as_deref().unwrap_or(&closure.from),
            Self::Open { day, .. } => day,
        }
    }
}
