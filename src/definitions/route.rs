//! Who of the CRM's staff gets what: a table of routes, the first that fits wins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::faults::Faults;

/// What the path of a condition may start with: the event's type, or a member of its data.
const ROOTS: [&str; 13] = [
    "answers",
    "contact",
    "event",
    "form",
    "kind",
    "lang",
    "place",
    "practitioner",
    "rating",
    "service",
    "site",
    "status",
    "survey",
];

/// One row of a routing table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What must hold, all of it: `event` (its type) or a path into the event's data such as `lang`, `form`,
    /// `answers.region` or `service`, and the value or values it may have. The last route has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, OneOrMany>,
    /// What becomes `route.…` in the connector's templates: owner, team, pipeline, whatever the connector asks for.
    #[serde(default)]
    pub set: Map<String, Value>,
}

/// Values that are right, as text. An answer with several options fits if one of them does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct OneOrMany(Vec<String>);

impl OneOrMany {
    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl TryFrom<Value> for OneOrMany {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let text = |value: Value| match value {
            Value::String(text) => Ok(text),
            Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
            _ => Err("a condition's value is a text, a number, true or false, or a list of these"),
        };
        let values = if let Value::Array(values) = value { values } else { vec![value] };
        values.into_iter().map(text).collect::<Result<_, _>>().map(Self)
    }
}

impl From<OneOrMany> for Value {
    fn from(values: OneOrMany) -> Self {
        values.0.into()
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
                let fix = &format!("start with one of {}, e.g. \"answers.region\"", ROOTS.join(", "));
                faults.add(format!("{path}.when.{name}"), format!("\"{name}\" is nothing an event has"), fix);
            }
            if values.0.is_empty() {
                faults.add(format!("{path}.when.{name}"), "no value would be right", "name at least one");
            }
        }
        for name in route.set.keys() {
            faults.word(name, &format!("{path}.set.{name}"));
        }
    }
}
