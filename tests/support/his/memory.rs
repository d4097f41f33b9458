//! What the server in this process has, and what it does with a request.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::time::Duration;

use super::fake::{Manner, Mishap};
use super::text;

#[derive(Default)]
pub struct Memory {
    pub base: String,
    pub resources: Resources,
    pub made: u32,
    pub manner: Manner,
    pub mishaps: VecDeque<Mishap>,
    pub transactions: usize,
    /// Transactions whose effect is still to come, and after a request for which type.
    pub late: Vec<(&'static str, Value)>,
    /// What searches found, by their query: whoever does not ask anew is answered with it.
    pub found: BTreeMap<String, Value>,
    /// What it was asked: `GET Slot/17`.
    pub asked: Vec<String>,
    /// How long it takes for an answer.
    pub slow: Duration,
    /// Most resources on a page.
    pub page: usize,
    /// Whether it says where the next page is.
    pub ends: bool,
    /// Whether there is always a next page, with the same on it.
    pub endless: bool,
    pub gathering: Option<Arc<Barrier>>,
    pub complaints: Vec<String>,
}

/// By type and id.
type Resources = BTreeMap<(String, String), Value>;

impl Memory {
    pub fn read(&self, kind: &str, id: &str) -> (u16, Value) {
        match self.resources.get(&(kind.to_owned(), id.to_owned())) {
            Some(resource) => (200, resource.clone()),
            None => (404, json!({})),
        }
    }

    pub fn create(&mut self, kind: &str, mut resource: Value) -> (u16, Value) {
        if let Some(fault) = fault(kind, &resource) {
            self.complaints.push(fault.clone());
            return (400, json!({"fault": fault}));
        }
        self.made += 1;
        // Ids are case-sensitive, and may have dots.
        let id = format!("{kind}.{}", self.made);
        resource["id"] = json!(id);
        resource["meta"] = json!({"versionId": "1"});
        self.resources.insert((kind.to_owned(), id), resource.clone());
        (201, resource)
    }

    pub fn update(
        &mut self,
        kind: &str,
        id: &str,
        version: Option<&str>,
        mut resource: Value,
    ) -> (u16, Value) {
        if let Some(fault) = fault(kind, &resource) {
            self.complaints.push(fault.clone());
            return (400, json!({"fault": fault}));
        }
        let Some(known) = self.resources.get_mut(&(kind.to_owned(), id.to_owned())) else {
            return (404, json!({}));
        };
        let present = text(&known["meta"]["versionId"]);
        if version.is_some_and(|version| version != format!("W/\"{present}\"")) {
            let Manner::Odd(status) = self.manner else { return (412, json!({})) };
            return (status, json!({}));
        }
        let next = present.parse::<u32>().expect("a number") + 1;
        resource["id"] = json!(id);
        resource["meta"] = json!({"versionId": next.to_string()});
        *known = resource.clone();
        (200, resource)
    }

    /// What comes late comes after this request.
    pub fn take_effect(&mut self, kind: &str) {
        let (due, later) = std::mem::take(&mut self.late).into_iter().partition(|(after, _)| *after == kind);
        self.late = later;
        let due: Vec<(&str, Value)> = due;
        for (_, bundle) in due {
            self.transaction(&bundle);
        }
    }

    /// Searches, or says again what it has found before.
    pub fn find(&mut self, kind: &str, query: &str, anew: bool) -> (u16, Value) {
        let url = format!("{kind}?{query}");
        if let Some(known) = self.found.get(&url).filter(|_| !anew) {
            return (200, known.clone());
        }
        let (status, found) = self.search(kind, query);
        self.found.insert(url, found.clone());
        (status, found)
    }

    fn search(&self, kind: &str, query: &str) -> (u16, Value) {
        let asked: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let value =
            |name: &str| asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let fits = |resource: &&Value| {
            let by_schedule =
                value("schedule").is_none_or(|wanted| resource["schedule"]["reference"] == wanted);
            let by_slot = value("slot").is_none_or(|wanted| resource["slot"][0]["reference"] == wanted);
            let starts = asked.iter().filter(|(known, _)| known == "start").all(|(_, limit)| {
                let start = text(&resource["start"]).parse::<Timestamp>().expect("an instant");
                let (prefix, limit) = limit.split_at(2);
                let limit = limit.parse::<Timestamp>().expect("an instant");
                match prefix {
                    "ge" => start >= limit,
                    "lt" => start < limit,
                    other => panic!("no such prefix: {other}"),
                }
            });
            by_schedule && by_slot && starts && value("identifier").is_none_or(|wanted| has(resource, wanted))
        };
        let found: Vec<&Value> = self
            .resources
            .iter()
            .filter(|((known, _), _)| known == kind)
            .map(|(_, one)| one)
            .filter(fits)
            .collect();
        let number = |name: &str| value(name).and_then(|text| text.parse::<usize>().ok());
        let (from, size) = (number("_offset").unwrap_or(0), number("_count").unwrap_or(20).min(self.page));
        let page = found.iter().skip(if self.endless { 0 } else { from }).take(size);
        let entries: Vec<Value> =
            page.map(|one| json!({"resource": one, "search": {"mode": "match"}})).collect();
        let mut bundle =
            json!({"resourceType": "Bundle", "type": "searchset", "total": found.len(), "entry": entries});
        if self.endless || (from + size < found.len() && !self.ends) {
            let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("_offset")).collect();
            let url = format!("{}/{kind}?{}&_offset={}", self.base, rest.join("&"), from + size);
            bundle["link"] = json!([{"relation": "next", "url": url}]);
        }
        (200, bundle)
    }

    pub fn transaction(&mut self, bundle: &Value) -> (u16, Value) {
        let before = self.resources.clone();
        let mut entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        // The specification's order, whatever is written: POST before PUT.
        entries.sort_by_key(|entry| entry["request"]["method"] != "POST");
        let (mut answers, mut names) = (Vec::new(), Vec::<(String, String)>::new());
        for entry in &entries {
            let mut resource = entry["resource"].to_string();
            for (urn, reference) in &names {
                resource = resource.replace(urn, reference);
            }
            let resource: Value = serde_json::from_str(&resource).expect("JSON");
            let (status, made) = self.entry(&entry["request"], resource);
            if status >= 300 && self.manner != Manner::InPart {
                if self.manner != Manner::Halfway {
                    self.resources = before;
                }
                return (status, json!({}));
            }
            let urn = text(&entry["fullUrl"]);
            if urn.starts_with("urn:") {
                names.push((urn, format!("{}/{}", text(&made["resourceType"]), text(&made["id"]))));
            }
            answers.push(json!({"response": {"status": status.to_string()}}));
        }
        (200, json!({"resourceType": "Bundle", "type": "transaction-response", "entry": answers}))
    }

    fn entry(&mut self, request: &Value, resource: Value) -> (u16, Value) {
        let url = text(&request["url"]);
        match (request["method"].as_str(), url.split_once('/')) {
            (Some("POST"), None) => {
                if let Some(wanted) =
                    request["ifNoneExist"].as_str().and_then(|query| query.strip_prefix("identifier="))
                    && let Some(known) = self
                        .resources
                        .values()
                        .find(|one| one["resourceType"] == url.as_str() && has(one, wanted))
                {
                    return (200, known.clone());
                }
                self.create(&url, resource)
            }
            (Some("PUT"), Some((kind, id))) => {
                let careless = matches!(self.manner, Manner::Careless | Manner::CarelessInTransactions);
                let version = request["ifMatch"].as_str().filter(|_| !careless);
                self.update(kind, id, version, resource)
            }
            _ => (400, json!({})),
        }
    }
}

fn has(resource: &Value, identifier: &str) -> bool {
    let written = |one: &Value| format!("{}|{}", text(&one["system"]), text(&one["value"]));
    resource["identifier"].as_array().is_some_and(|all| all.iter().any(|one| written(one) == identifier))
}

/// Whether it only tries the server out, and books nothing.
pub fn is_trial(bundle: &Value) -> bool {
    let of_slots = |entry: &Value| entry["resource"]["resourceType"] == "Slot";
    bundle["entry"].as_array().is_some_and(|entries| entries.iter().all(of_slots))
}

/// What a validator would complain about, as far as this server has to do with it.
fn fault(kind: &str, resource: &Value) -> Option<String> {
    let needed: &[&str] = match kind {
        "Slot" => &["schedule", "status", "start", "end"],
        "Appointment" => &["status", "participant", "start", "end"],
        "Schedule" => &["actor"],
        _ => &[],
    };
    if resource["resourceType"] != kind {
        return Some(format!("no {kind}: {resource}"));
    }
    if let Some(missing) = needed.iter().find(|member| resource[**member].is_null()) {
        return Some(format!("{kind} without {missing}"));
    }
    let participants = resource["participant"].as_array();
    if participants.is_some_and(|all| all.iter().any(|one| one["status"].is_null() || one["actor"].is_null()))
    {
        return Some("a participant without actor or status".to_owned());
    }
    empty(resource).then(|| format!("something empty in {resource}"))
}

/// FHIR's JSON has no null, no empty text, list or object (<https://hl7.org/fhir/R4/json.html>).
fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty() || items.iter().any(empty),
        Value::Object(members) => members.is_empty() || members.values().any(empty),
        _ => false,
    }
}
