//! A FHIR R4 server for schedules and slots, in this process: as strict as the specification, or as careless as told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio::time::{Duration, timeout};

use super::{Fhir, text};

/// What it does about versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Refuses what is not of the present version, and all of a transaction with it.
    #[default]
    Sound,
    /// Ignores `If-Match` and `ifMatch`.
    Careless,
    /// Ignores `ifMatch` in transactions.
    CarelessInTransactions,
    /// Does the rest of a transaction of which it refuses a part.
    InPart,
    /// Refuses a transaction of which it refuses a part, and has done what stands before that part.
    Halfway,
    /// Answers this status to whatever is of another version.
    Odd(u16),
}

/// What happens to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// This status, without effect.
    Refuse(u16),
    /// It takes effect, and what is answered is this status.
    Lose(u16),
    /// No effect and no answer.
    Hang,
    /// No answer, and the effect comes after the next request for this type was answered.
    Late(&'static str),
}

/// A server that lives as long as the test's runtime.
#[derive(Clone)]
pub struct Hospital {
    pub fhir: Fhir,
    state: Arc<Mutex<Memory>>,
}

#[derive(Default)]
struct Memory {
    base: String,
    resources: Resources,
    made: u32,
    manner: Manner,
    mishaps: VecDeque<Mishap>,
    transactions: usize,
    /// Transactions whose effect is still to come, and after a request for which type.
    late: Vec<(&'static str, Value)>,
    /// What searches found, by their query: whoever does not ask anew is answered with it.
    found: BTreeMap<String, Value>,
    /// What it was asked: `GET Slot/17`.
    asked: Vec<String>,
    /// How long it takes for an answer.
    slow: Duration,
    /// Most resources on a page.
    page: usize,
    /// Whether it says where the next page is.
    ends: bool,
    gathering: Option<Arc<Barrier>>,
    complaints: Vec<String>,
}

/// By type and id.
type Resources = BTreeMap<(String, String), Value>;

impl Hospital {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/fhir", listener.local_addr().expect("an address"));
        let state = Memory { base: base.clone(), page: 100, ..Memory::default() };
        let hospital = Self { fhir: Fhir { base }, state: Arc::new(Mutex::new(state)) };
        let router = Router::new().fallback(serve).with_state(hospital.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        hospital
    }

    pub fn behave(&self, manner: Manner) {
        self.state().manner = manner;
    }

    /// The next transactions, in this order.
    pub fn mishap(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.state().mishaps.extend(mishaps);
    }

    /// Gives no more than so many resources at once.
    pub fn page(&self, size: usize) {
        self.state().page = size;
    }

    /// Gives no more than so many, and no link to the rest.
    pub fn end_after(&self, size: usize) {
        let mut state = self.state();
        (state.page, state.ends) = (size, true);
    }

    /// Gives links to the rest again.
    pub fn go_on(&self) {
        self.state().ends = false;
    }

    /// Does no transaction before so many are there, or a second has passed: all of them have read the same.
    pub fn gather(&self, transactions: usize) {
        self.state().gathering = Some(Arc::new(Barrier::new(transactions)));
    }

    /// Takes so long for every answer.
    pub fn slow(&self, pause: Duration) {
        self.state().slow = pause;
    }

    /// Deletes what is at that path: `Slot/17`.
    pub fn remove(&self, path: &str) {
        let (kind, id) = path.split_once('/').expect("a type and an id");
        assert!(self.state().resources.remove(&(kind.to_owned(), id.to_owned())).is_some(), "{path}");
    }

    /// What it was asked so far: `GET Slot/17`.
    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    /// How many transactions it was sent.
    pub fn transactions(&self) -> usize {
        self.state().transactions
    }

    /// What was no FHIR in what it was sent.
    pub fn complaints(&self) -> Vec<String> {
        self.state().complaints.clone()
    }

    fn state(&self) -> MutexGuard<'_, Memory> {
        self.state.lock().expect("no test has failed with it")
    }
}

async fn serve(
    State(hospital): State<Hospital>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches("/fhir").trim_matches('/').to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let pause = {
        let mut state = hospital.state();
        state.asked.push(format!("{method} {path}"));
        state.slow
    };
    tokio::time::sleep(pause).await;
    let (status, answer) = match (method.as_str(), parts.as_slice()) {
        ("POST", [""]) => {
            let mishap = {
                let mut state = hospital.state();
                let trial = is_trial(&body);
                state.transactions += usize::from(!trial);
                if trial { None } else { state.mishaps.pop_front() }
            };
            let gathering = hospital.state().gathering.clone();
            if let Some(barrier) = gathering.filter(|_| !is_trial(&body)) {
                _ = timeout(Duration::from_secs(1), barrier.wait()).await;
            }
            match mishap {
                Some(Mishap::Hang) => std::future::pending().await,
                Some(Mishap::Refuse(status)) => (status, json!({})),
                Some(Mishap::Lose(status)) => {
                    hospital.state().transaction(&body);
                    (status, json!({}))
                }
                Some(Mishap::Late(kind)) => {
                    hospital.state().late.push((kind, body));
                    std::future::pending().await
                }
                None => hospital.state().transaction(&body),
            }
        }
        ("GET", [kind]) => {
            let anew = headers.get("cache-control").is_some_and(|value| value == "no-cache");
            hospital.state().find(kind, uri.query().unwrap_or_default(), anew)
        }
        ("GET", [kind, id]) => hospital.state().read(kind, id),
        ("POST", [kind]) => hospital.state().create(kind, body),
        ("PUT", [kind, id]) => {
            let version = headers.get("if-match").and_then(|value| value.to_str().ok()).map(str::to_owned);
            let mut state = hospital.state();
            let version = version.filter(|_| state.manner != Manner::Careless);
            state.update(kind, id, version.as_deref(), body)
        }
        _ => (405, json!({})),
    };
    hospital.state().take_effect(parts[0]);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [("content-type", "application/fhir+json")], answer.to_string()).into_response()
}

impl Memory {
    fn read(&self, kind: &str, id: &str) -> (u16, Value) {
        match self.resources.get(&(kind.to_owned(), id.to_owned())) {
            Some(resource) => (200, resource.clone()),
            None => (404, json!({})),
        }
    }

    fn create(&mut self, kind: &str, mut resource: Value) -> (u16, Value) {
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

    fn update(&mut self, kind: &str, id: &str, version: Option<&str>, mut resource: Value) -> (u16, Value) {
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
    fn take_effect(&mut self, kind: &str) {
        let (due, later) = std::mem::take(&mut self.late).into_iter().partition(|(after, _)| *after == kind);
        self.late = later;
        let due: Vec<(&str, Value)> = due;
        for (_, bundle) in due {
            self.transaction(&bundle);
        }
    }

    /// Searches, or says again what it has found before.
    fn find(&mut self, kind: &str, query: &str, anew: bool) -> (u16, Value) {
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
        let page = found.iter().skip(from).take(size);
        let entries: Vec<Value> =
            page.map(|one| json!({"resource": one, "search": {"mode": "match"}})).collect();
        let mut bundle =
            json!({"resourceType": "Bundle", "type": "searchset", "total": found.len(), "entry": entries});
        if from + size < found.len() && !self.ends {
            let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("_offset")).collect();
            let url = format!("{}/{kind}?{}&_offset={}", self.base, rest.join("&"), from + size);
            bundle["link"] = json!([{"relation": "next", "url": url}]);
        }
        (200, bundle)
    }

    fn transaction(&mut self, bundle: &Value) -> (u16, Value) {
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
fn is_trial(bundle: &Value) -> bool {
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
