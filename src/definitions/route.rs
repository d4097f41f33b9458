//! Who of the CRM's staff gets what: a table of routes, the first that fits wins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::faults::Faults;

/// What the path of a condition may start with.
const ROOTS: [&str; 7] = ["answers", "contact", "data", "event", "form", "lang", "site"];

/// One row of a routing table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What must hold, all of it: a path such as `lang`, `form`, `answers.region`, `contact.company` or `event.type`,
    /// and the value or values it may have. The last route has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, OneOrMany>,
    /// What becomes `route.…` in the connector's templates: owner, team, pipeline, whatever the connector asks for.
    #[serde(default)]
    pub set: Map<String, Value>,
}

/// Values that are right, compared as text. An answer with several options fits if one of them does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// This one.
    One(String),
    /// Any of these.
    Many(Vec<String>),
}

impl OneOrMany {
    /// Whether `text` is one of them.
    pub fn includes(&self, text: &str) -> bool {
        match self {
            Self::One(value) => value == text,
            Self::Many(values) => values.iter().any(|value| value == text),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Many(values) if values.is_empty())
    }
}

/// Every event must fit a route, and every route an event.
pub(super) fn collect_faults(routes: &[Route], path: &str, faults: &mut Faults) {
    for (at, route) in routes.iter().enumerate() {
        let path = format!("{path}[{at}]");
        let last = at + 1 == routes.len();
        if last && !route.when.is_empty() {
            let fix = "add a last route without `when`, for all that no other route takes";
            faults.add(format!("{path}.when"), "the last route does not take everything", fix);
        }
        if !last && route.when.is_empty() {
            let fix = "move it to the end, or say in `when` what it is for";
            faults.add(path.clone(), "it takes everything, so the routes after it get nothing", fix);
        }
        for (name, values) in &route.when {
            if !ROOTS.contains(&name.split('.').next().unwrap_or_default()) {
                let fix =
                    "start with answers, contact, data, event, form, lang or site, e.g. \"answers.region\"";
                faults.add(format!("{path}.when.{name}"), format!("\"{name}\" is nothing an event has"), fix);
            }
            if values.is_empty() {
                faults.add(format!("{path}.when.{name}"), "no value would be right", "name at least one");
            }
        }
        for name in route.set.keys() {
            faults.word(name, &format!("{path}.set.{name}"));
        }
    }
}
