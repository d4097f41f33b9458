//! A FHIR R4 server at `/fhir/R4`, with the resources that an enquiry becomes.
//!
//! Tried against medplum's router 5.2: conditional create and update, transactions with `urn:uuid` references, mandatory
//! participants, `OperationOutcome`. From the specification: required elements and their codes, 412 for several matches,
//! `Location`, that an appointment has both start and end or neither. From general knowledge: that references must lead
//! somewhere, as HAPI wants it, and that an unknown search parameter is refused.

mod resources;

use std::time::Duration;

use axum::Router;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::from_instant;
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, post, put};
use resources::{elements, references, validate};

const BASE: &str = "/fhir/R4";

pub const CRM: Crm = Crm {
    name: "fhir",
    secrets: &[
        ("token", "example-fhir-token"),
        ("client_id", "booking-gateway"),
        ("client_secret", "example-fhir-secret"),
    ],
    open: &["/oauth2/token"],
    auth,
    routes,
    fault: |status, message| outcome(status, "not-found", message),
    limited: || outcome(429, "throttled", "Too Many Requests").with("retry-after", "2"),
    fact,
};

fn routes() -> Router<Fake> {
    Router::new()
        .route("/oauth2/token", post(token))
        .route(BASE, post(transaction))
        .route(&format!("{BASE}/"), post(transaction))
        .route(&format!("{BASE}/{{kind}}"), post(create))
        .route(&format!("{BASE}/{{kind}}"), get(search))
        .route(&format!("{BASE}/{{kind}}"), put(change_by))
        .route(&format!("{BASE}/{{kind}}/{{id}}"), get(read))
        .route(&format!("{BASE}/{{kind}}/{{id}}"), put(change))
        .route(&format!("{BASE}/{{kind}}/{{id}}"), delete(remove))
}

fn fhir(status: u16, body: Value) -> Reply {
    Reply::json(status, body).with("content-type", "application/fhir+json")
}

fn outcome(status: u16, code: &str, message: &str) -> Reply {
    let issue = json!({"severity": "error", "code": code, "details": {"text": message}});
    fhir(status, json!({"resourceType": "OperationOutcome", "issue": [issue]}))
}

fn token(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    if !is("grant_type", "client_credentials")
        || !is("client_id", CRM.secrets[1].1)
        || !is("client_secret", CRM.secrets[2].1)
    {
        return Err(Reply::json(
            400,
            json!({"error": "invalid_request", "error_description": "Invalid secret"}),
        ));
    }
    let token = book.mint(Duration::from_secs(3600));
    Ok(Reply::json(200, json!({"token_type": "Bearer", "access_token": token, "expires_in": 3600})))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.credentials("Bearer") {
        Some(given) if given == CRM.secrets[0].1 || book.is_live(given) => Ok(()),
        _ => Err(outcome(401, "login", "Unauthorized")),
    }
}

fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    if request.media_type() != "application/fhir+json" {
        return Err(outcome(415, "not-supported", "Content-Type must be application/fhir+json"));
    }
    request.json().as_object().cloned().ok_or_else(|| outcome(400, "structure", "The body is no JSON object"))
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("id".to_owned(), json!(record.id));
    body.insert("meta".to_owned(), json!({"versionId": "1", "lastUpdated": record.created.to_string()}));
    Value::Object(body)
}

fn stored(book: &Book, status: u16, kind: &str, id: &str) -> Reply {
    let location = format!("{}{BASE}/{kind}/{id}/_history/1", book.url);
    fhir(status, show(book.get(kind, id).expect("it is stored")))
        .with("location", location)
        .with("etag", "W/\"1\"")
}

/// Those which a search's parameters describe.
fn matching<'a>(
    all: impl Iterator<Item = &'a Record>,
    kind: &str,
    query: &str,
) -> Result<Vec<&'a Record>, Reply> {
    let mut tests: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    tests.retain(|(name, _)| {
        !matches!(name.as_str(), "_count" | "_sort" | "_summary" | "_elements" | "_format")
    });
    for (name, _) in &tests {
        let known = match kind {
            "Patient" => &["identifier", "email", "phone", "telecom", "_id"][..],
            "Appointment" => &["identifier", "actor", "patient", "status", "_id"],
            _ => &["identifier", "subject", "patient", "status", "_id"],
        };
        if !known.contains(&name.as_str()) {
            return Err(outcome(
                400,
                "invalid",
                &format!("Unknown search parameter {name} for resource type {kind}"),
            ));
        }
    }
    Ok(all.filter(|record| tests.iter().all(|(name, value)| holds(record, name, value))).collect())
}

fn holds(record: &Record, name: &str, value: &str) -> bool {
    let entries = |name: &str| record.fields.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    match name {
        "_id" => record.id == value,
        "status" => record.text("status") == value,
        "identifier" => {
            let (system, value) =
                value.split_once('|').map_or((None, value), |(system, value)| (Some(system), value));
            entries("identifier")
                .iter()
                .any(|one| one["value"] == value && system.is_none_or(|system| one["system"] == system))
        }
        "email" | "phone" | "telecom" => entries("telecom")
            .iter()
            .any(|one| (name == "telecom" || one["system"] == name) && one["value"] == value),
        _ => {
            let wanted = if value.contains('/') { value.to_owned() } else { format!("Patient/{value}") };
            references(&Value::Object(record.fields.clone())).contains(&wanted)
        }
    }
}

/// The one that is there already; 412 for several.
fn existing(book: &Book, kind: &str, query: &str) -> Result<Option<String>, Reply> {
    let found = matching(book.all(kind), kind, query)?;
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.id.clone())),
        _ => Err(outcome(412, "multiple-matches", "Multiple matches")),
    }
}

fn insert(book: &mut Book, kind: &str, mut resource: Map<String, Value>, condition: &str) -> Outcome {
    validate(book, kind, &resource)?;
    if !condition.is_empty()
        && let Some(id) = existing(book, kind, condition)?
    {
        return Ok(stored(book, 200, kind, &id));
    }
    resource.remove("id");
    let id = uuid::Uuid::new_v4().to_string();
    book.add(kind, &id, resource);
    Ok(stored(book, 201, kind, &id))
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    insert(book, request.param("kind"), body(request)?, request.header("if-none-exist"))
}

/// Conditional update.
fn change_by(book: &mut Book, request: &Request) -> Outcome {
    let kind = request.param("kind");
    update(book, kind, body(request)?, &request.query)
}

fn update(book: &mut Book, kind: &str, resource: Map<String, Value>, query: &str) -> Outcome {
    if query.is_empty() {
        return Err(outcome(400, "invalid", "A conditional update needs search parameters"));
    }
    elements(kind)?;
    match existing(book, kind, query)? {
        None => insert(book, kind, resource, ""),
        Some(id) => replace(book, kind, &id, resource),
    }
}

fn replace(book: &mut Book, kind: &str, id: &str, mut resource: Map<String, Value>) -> Outcome {
    validate(book, kind, &resource)?;
    if resource.remove("id").is_some_and(|given| given != id) {
        return Err(outcome(400, "invalid", "The id in the resource is not the id in the address"));
    }
    book.get_mut(kind, id).expect("looked for").fields = resource;
    Ok(stored(book, 200, kind, id))
}

fn find(book: &Book, request: &Request) -> Result<String, Reply> {
    let (kind, id) = (request.param("kind"), request.param("id"));
    elements(kind)?;
    let missing = || outcome(404, "not-found", "Not found");
    book.get(kind, id).map(|record| record.id.clone()).ok_or_else(missing)
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, request)?;
    Ok(stored(book, 200, request.param("kind"), &id))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, request)?;
    replace(book, request.param("kind"), &id, body(request)?)
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, request)?;
    book.remove(request.param("kind"), &id);
    Ok(Reply::text(204, ""))
}

fn search(book: &mut Book, request: &Request) -> Outcome {
    let kind = request.param("kind");
    elements(kind)?;
    let found = matching(book.indexed(kind), kind, &request.query)?;
    let entries: Vec<Value> = found.iter().map(|record| {
        json!({"fullUrl": format!("{}{BASE}/{kind}/{}", book.url, record.id), "resource": show(record), "search": {"mode": "match"}})
    }).collect();
    Ok(fhir(
        200,
        json!({"resourceType": "Bundle", "type": "searchset", "total": entries.len(), "entry": entries}),
    ))
}

/// All entries or none. References to other entries by their `fullUrl` lead to what these have become.
fn transaction(book: &mut Book, request: &Request) -> Outcome {
    let bundle = Value::Object(body(request)?);
    if bundle["resourceType"] != "Bundle" || bundle["type"] != "transaction" {
        return Err(outcome(400, "value", "A Bundle of type transaction is expected"));
    }
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    let answers = book.atomically(|book| {
        let mut known: Vec<(String, String)> = Vec::new();
        let mut answers = Vec::new();
        for entry in &entries {
            let mut text = entry["resource"].to_string();
            for (full, path) in &known {
                text = text.replace(&format!("\"{full}\""), &format!("\"{path}\""));
            }
            if let Some(open) = references(&serde_json::from_str(&text).unwrap_or_default()).iter().find(|path| path.starts_with("urn:")) {
                return Err(outcome(400, "not-found", &format!("{open} is no fullUrl of an earlier entry")));
            }
            let resource: Value = serde_json::from_str(&text).unwrap_or_default();
            let reply = entry_of(book, &entry["request"], resource)?;
            let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            let path = format!("{}/{}", body["resourceType"].as_str().unwrap_or_default(), body["id"].as_str().unwrap_or_default());
            if let Some(full) = entry["fullUrl"].as_str() {
                known.push((full.to_owned(), path.clone()));
            }
            let status = if reply.status == 201 { "201 Created" } else { "200 OK" };
            answers.push(json!({"resource": body, "response": {"status": status, "location": format!("{path}/_history/1"), "etag": "W/\"1\""}}));
        }
        Ok(answers)
    })?;
    Ok(fhir(200, json!({"resourceType": "Bundle", "type": "transaction-response", "entry": answers})))
}

fn entry_of(book: &mut Book, request: &Value, resource: Value) -> Outcome {
    let resource = resource
        .as_object()
        .cloned()
        .ok_or_else(|| outcome(400, "required", "Missing required property Bundle.entry.resource"))?;
    let url = request["url"]
        .as_str()
        .ok_or_else(|| outcome(400, "required", "Missing required property Bundle.entry.request.url"))?;
    match (request["method"].as_str(), url.split_once('?'), url.split_once('/')) {
        (Some("POST"), None, None) => {
            insert(book, url, resource, request["ifNoneExist"].as_str().unwrap_or_default())
        }
        (Some("PUT"), Some((kind, query)), _) => update(book, kind, resource, query),
        (Some("PUT"), None, Some((kind, id))) if book.get(kind, id).is_some() => {
            replace(book, kind, id, resource)
        }
        _ => Err(outcome(400, "value", "Invalid Bundle.entry.request")),
    }
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let id = record.id.clone();
    let all = references(&Value::Object(record.fields.clone()));
    let person = all.iter().find_map(|path| path.strip_prefix("Patient/")).unwrap_or_default().to_owned();
    let entries = |name: &str| record.fields.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    match record.kind.as_str() {
        "Patient" => {
            let telecom = entries("telecom");
            let first = |system: &str| {
                let found = telecom.iter().find(|one| one["system"] == system);
                found.and_then(|one| one["value"].as_str()).unwrap_or_default().to_owned()
            };
            Some(Fact::Person(Person { id, email: first("email"), phone: first("phone") }))
        }
        "Communication" => {
            let texts: Vec<String> = entries("payload")
                .iter()
                .filter_map(|one| one["contentString"].as_str().map(str::to_owned))
                .collect();
            Some(Fact::Note(Note { id, person, text: texts.join("\n") }))
        }
        "DocumentReference" => {
            let data = entries("content")
                .first()
                .and_then(|one| BASE64_STANDARD.decode(one["attachment"]["data"].as_str()?).ok());
            Some(Fact::Note(Note {
                id,
                person,
                text: String::from_utf8(data.unwrap_or_default()).unwrap_or_default(),
            }))
        }
        "Appointment" => Some(Fact::Meeting(Meeting {
            id,
            person,
            start: from_instant(record.text("start")),
            end: from_instant(record.text("end")),
            cancelled: record.text("status") == "cancelled",
        })),
        _ => None,
    }
}
