//! Dynamics 365 on Dataverse, Web API v9.2.
//!
//! From its documentation: 204 with the id only in `OData-EntityId`, upsert by `PATCH` with an id or an alternate key,
//! `If-Match` and `If-None-Match`, 404 for a segment, 429 with `Retry-After`, `$filter`, `$orderby`, `$select` and `$top`,
//! and which reasons of a status an appointment may have in which state. From programs that use it: an appointment's
//! `regardingobjectid_contact_appointment`. From general knowledge: the token request and its errors, `Prefer:
//! return=representation`, the names of the other bindings, the codes of the other errors.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{Fault, Field, boolean, check, from_instant, has, instant, integer, list, may, text};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, patch, post};
use super::filter::{Condition, Kind, Language, Refusal, written};

pub const CRM: Crm = Crm {
    name: "dataverse",
    secrets: &[
        ("tenant", "8f6d2f6e-1111-4222-8333-444455556666"),
        ("client_id", "0d4b1f7e-2222-4333-8444-555566667777"),
        ("client_secret", "abc8Q~example.dataverse.secret"),
    ],
    open: &["/8f6d2f6e-1111-4222-8333-444455556666/oauth2/v2.0/token"],
    auth,
    routes,
    fault: |status, message| error(status, "0x80060888", message),
    limited: || {
        let message = "Number of requests exceeded the limit of 6000 over time window of 300 seconds.";
        error(429, "0x80072322", message).with("retry-after", "2")
    },
    fact,
};

const PERSON: &[Field] = &[
    may("firstname", text),
    may("lastname", text),
    may("subject", text),
    may("companyname", text),
    may("emailaddress1", |value| value.as_str().is_some_and(|text| text.len() <= 100)),
    may("mobilephone", |value| value.as_str().is_some_and(|text| text.len() <= 50)),
    may("telephone1", |value| value.as_str().is_some_and(|text| text.len() <= 50)),
    may("description", text),
    may("jobtitle", text),
    may("websiteurl", text),
    may("leadsourcecode", integer),
    may("donotemail", boolean),
    may("statecode", integer),
    may("statuscode", integer),
    may("address1_city", text),
    may("address1_country", text),
];

const ANNOTATION: &[Field] = &[
    may("subject", text),
    may("notetext", |value| value.as_str().is_some_and(|text| text.chars().count() <= 100_000)),
    may("objectid_contact@odata.bind", text),
    may("objectid_lead@odata.bind", text),
];

const APPOINTMENT: &[Field] = &[
    may("subject", text),
    may("description", text),
    may("location", text),
    may("scheduledstart", instant),
    may("scheduledend", instant),
    may("statecode", integer),
    may("statuscode", integer),
    may("regardingobjectid_contact_appointment@odata.bind", text),
    may("regardingobjectid_lead_appointment@odata.bind", text),
    may("appointment_activity_parties", list),
];

fn routes() -> Router<Fake> {
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token))
        .route("/api/data/v9.2/{target}", post(create))
        .route("/api/data/v9.2/{target}", get(read))
        .route("/api/data/v9.2/{target}", patch(upsert))
        .route("/api/data/v9.2/{target}", delete(remove))
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, json!({"error": {"code": code, "message": message}}))
}

fn token(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    let refuse = |status: u16, error: &str, description: &str| {
        Err(Reply::json(status, json!({"error": error, "error_description": description})))
    };
    if request.media_type() != "application/x-www-form-urlencoded" || !is("grant_type", "client_credentials")
    {
        return refuse(
            400,
            "invalid_request",
            "AADSTS900144: The request body must contain the following parameter: 'grant_type'.",
        );
    }
    if !is("client_id", CRM.secrets[1].1) || !is("client_secret", CRM.secrets[2].1) {
        return refuse(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    if !is("scope", &format!("{}/.default", book.url)) {
        return refuse(400, "invalid_scope", "AADSTS1002012: The provided value for scope is not valid.");
    }
    let token = book.mint(Duration::from_secs(3599));
    Ok(Reply::json(
        200,
        json!({"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token}),
    ))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    if request.credentials("Bearer").is_some_and(|token| book.is_live(token)) {
        return Ok(());
    }
    Err(Reply::text(401, "")
        .with("www-authenticate", "Bearer authorization_uri=https://login.example.com/oauth2/authorize"))
}

/// `contacts`, `contacts(GUID)` or `leads(key='value')`: the set, and the key if there is one.
fn target(request: &Request) -> (&str, Option<&str>) {
    let target = request.param("target");
    match target.strip_suffix(')').and_then(|target| target.split_once('(')) {
        Some((set, key)) => (set, Some(key)),
        None => (target, None),
    }
}

fn set(name: &str) -> Result<(&'static [Field], &'static str), Reply> {
    match name {
        "contacts" => Ok((PERSON, "contact")),
        "leads" => Ok((PERSON, "lead")),
        "annotations" => Ok((ANNOTATION, "annotation")),
        "appointments" => Ok((APPOINTMENT, "appointment")),
        _ => Err(error(404, "0x8006088a", &format!("Resource not found for the segment '{name}'."))),
    }
}

fn validate(book: &Book, name: &str, given: &Map<String, Value>) -> Result<(), Reply> {
    let (fields, entity) = set(name)?;
    check(fields, given, &book.custom).map_err(|fault| match fault {
        Fault::Unknown(field) => error(
            400,
            "0x80048d19",
            &format!("The property '{field}' does not exist on type 'Microsoft.Dynamics.CRM.{entity}'."),
        ),
        fault => error(
            400,
            "0x80048d19",
            &format!("Cannot convert the value of '{}' to the expected type", fault.field()),
        ),
    })?;
    if name == "appointments" {
        check_state(given)?;
    }
    let parties = given.get("appointment_activity_parties").and_then(Value::as_array).into_iter().flatten();
    let bound = given.iter().chain(parties.filter_map(Value::as_object).flatten());
    for (name, value) in bound.filter(|(name, _)| name.ends_with("@odata.bind")) {
        let reference =
            value.as_str().and_then(|path| path.trim_start_matches('/').strip_suffix(')')?.split_once('('));
        let (kind, id) =
            reference.ok_or_else(|| error(400, "0x80048d19", &format!("{name} is no resource path")))?;
        if book.get(kind, id).is_none() {
            return Err(error(404, "0x80040217", &format!("Entity '{kind}' With Id = {id} Does Not Exist")));
        }
    }
    Ok(())
}

/// Open is free or tentative, completed and cancelled have a reason each, scheduled is busy or out of office.
fn check_state(given: &Map<String, Value>) -> Result<(), Reply> {
    let state = |name: &str| given.get(name).and_then(Value::as_i64);
    match (state("statecode"), state("statuscode")) {
        (None, None) | (Some(0..=3), None) | (Some(0), Some(1 | 2)) => Ok(()),
        (Some(1), Some(3)) | (Some(2), Some(4)) | (Some(3), Some(5 | 6)) => Ok(()),
        (state, reason) => {
            let message = format!("{reason:?} is not a valid status code for state code {state:?}");
            Err(error(400, "0x80048408", &message))
        }
    }
}

fn stored(book: &mut Book, request: &Request, kind: &str, id: &str) -> Reply {
    let address = format!("{}/api/data/v9.2/{kind}({id})", book.url);
    if request.header("prefer").contains("return=representation") {
        let body = show(book.get(kind, id).expect("it is there"));
        return Reply::json(201, body).with("odata-entityid", address);
    }
    Reply::text(204, "").with("odata-version", "4.0").with("odata-entityid", address)
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, key) = target(request);
    validate(book, kind, &request.object())?;
    if key.is_some() || request.media_type() != "application/json" {
        return Err(error(405, "0x80060888", "The requested resource does not support http method 'POST'."));
    }
    let id = uuid::Uuid::new_v4().to_string();
    book.add(kind, &id, request.object());
    Ok(stored(book, request, kind, &id))
}

/// What a key leads to.
struct Keyed<'a> {
    found: Option<&'a Record>,
    /// The id of a new record, if none was found.
    id: String,
    /// How a new record begins.
    begun: Map<String, Value>,
}

fn by_key<'a>(book: &'a Book, kind: &str, key: &str) -> Result<Keyed<'a>, Reply> {
    if let Some((name, value)) = key.split_once('=') {
        let value = value.trim_matches('\'').replace("''", "'");
        if !book.custom.contains(name) {
            return Err(error(
                400,
                "0x80060888",
                &format!("The key property '{name}' is not an alternate key"),
            ));
        }
        let found = book.all(kind).find(|record| record.text(name) == value);
        let begun = Map::from_iter([(name.to_owned(), json!(value))]);
        return Ok(Keyed { found, id: uuid::Uuid::new_v4().to_string(), begun });
    }
    if uuid::Uuid::try_parse(key).is_err() {
        return Err(error(400, "0x80060888", &format!("Error in query syntax: {key}")));
    }
    Ok(Keyed { found: book.get(kind, key), id: key.to_owned(), begun: Map::new() })
}

fn upsert(book: &mut Book, request: &Request) -> Outcome {
    let (kind, key) = target(request);
    let key = key.ok_or_else(|| {
        error(405, "0x80060888", "The requested resource does not support http method 'PATCH'.")
    })?;
    validate(book, kind, &request.object())?;
    let Keyed { found, id, begun: mut fields } = by_key(book, kind, key)?;
    let found = found.map(|record| record.id.clone());
    match (found, request.header("if-match"), request.header("if-none-match")) {
        (Some(_), _, "*") => {
            Err(error(412, "0x80040237", "A record with matching key values already exists."))
        }
        (None, "*", _) => Err(error(404, "0x80040217", &format!("{kind} With Id = {id} Does Not Exist"))),
        (Some(id), ..) => {
            book.update(kind, &id, request.object());
            Ok(stored(book, request, kind, &id))
        }
        (None, ..) => {
            fields.extend(request.object());
            book.add(kind, &id, fields);
            Ok(stored(book, request, kind, &id))
        }
    }
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let (kind, key) = target(request);
    set(kind)?;
    let Keyed { found, id, .. } = by_key(book, kind, key.unwrap_or_default())?;
    let id = found
        .map(|record| record.id.clone())
        .ok_or_else(|| error(404, "0x80040217", &format!("{kind} With Id = {id} Does Not Exist")))?;
    book.remove(kind, &id);
    Ok(Reply::text(204, ""))
}

/// The whole record with what Dataverse adds; references as `_objectid_value` and `_regardingobjectid_value`.
fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.retain(|name, _| !name.contains("@odata.bind"));
    body.insert(format!("{}id", record.kind.trim_end_matches('s')), json!(record.id));
    body.insert("createdon".to_owned(), json!(record.created.to_string()));
    match record.kind.as_str() {
        "appointments" => {
            body.insert("activityid".to_owned(), json!(record.id));
            body.insert("_regardingobjectid_value".to_owned(), json!(bound(record, "regardingobjectid")));
        }
        "annotations" => {
            body.insert("_objectid_value".to_owned(), json!(bound(record, "objectid")));
            return Value::Object(body);
        }
        _ => {}
    }
    body.entry("statecode").or_insert(json!(0));
    body.entry("statuscode").or_insert(json!(1));
    Value::Object(body)
}

/// The id in `name_…@odata.bind`, or an empty text.
fn bound(record: &Record, name: &str) -> String {
    let binding = record.fields.iter().find(|(key, _)| key.starts_with(name) && key.ends_with("@odata.bind"));
    let path = binding.and_then(|(_, path)| path.as_str()).unwrap_or_default();
    path.split_once('(').map_or(String::new(), |(_, id)| id.trim_end_matches(')').to_owned())
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    let (kind, key) = target(request);
    set(kind)?;
    let select = request.query("$select");
    let selected: Vec<&str> = select.split(',').filter(|name| !name.is_empty()).collect();
    for name in &selected {
        known(book, kind, name)?;
    }
    if let Some(key) = key {
        let Keyed { found, id, .. } = by_key(book, kind, key)?;
        let missing = || {
            let reply = error(404, "0x80040217", &format!("{kind} With Id = {id} Does Not Exist"));
            if key.contains('=') { reply.expected() } else { reply }
        };
        let shown = |record| Reply::json(200, choose(show(record), &selected));
        return found.map(shown).ok_or_else(missing);
    }
    let condition =
        Condition::read(&request.query("$filter"), Language::Odata, &|name| column(book, kind, name));
    let condition = condition.map_err(|refusal| match refusal {
        Refusal::Malformed => error(400, "0x80060888", "Syntax error in $filter"),
        Refusal::Unknown(name) => unknown(kind, &name),
        Refusal::Mistyped(name) => error(
            400,
            "0x80060888",
            &format!("A binary operator with incompatible types was detected: {name}"),
        ),
    })?;
    let mut found: Vec<Value> = book.all(kind).map(show).filter(|record| condition.holds(record)).collect();
    let order = request.query("$orderby");
    let (by, direction) = order.split_once(' ').unwrap_or((&order, "asc"));
    if !by.is_empty() {
        known(book, kind, by)?;
        found.sort_by_key(|record| written(&record[by]));
    }
    match direction {
        "asc" => {}
        "desc" => found.reverse(),
        other => return Err(error(400, "0x80060888", &format!("Syntax error in $orderby: {other}"))),
    }
    found.truncate(request.query("$top").parse().unwrap_or(5000));
    let found: Vec<Value> = found.into_iter().map(|record| choose(record, &selected)).collect();
    let context = format!("{}/api/data/v9.2/$metadata#{kind}", book.url);
    Ok(Reply::json(200, json!({"@odata.context": context, "value": found})))
}

/// The properties that are selected, or all.
fn choose(mut record: Value, selected: &[&str]) -> Value {
    if let Some(members) = record.as_object_mut().filter(|_| !selected.is_empty()) {
        members.retain(|name, _| selected.contains(&name.as_str()));
    }
    record
}

fn unknown(kind: &str, name: &str) -> Reply {
    let entity = kind.trim_end_matches('s');
    let message =
        format!("Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{entity}'.");
    error(400, "0x0", &message)
}

fn known(book: &Book, kind: &str, name: &str) -> Result<(), Reply> {
    column(book, kind, name).map(|_| ()).ok_or_else(|| unknown(kind, name))
}

/// What a property holds, if records of that kind have it.
fn column(book: &Book, kind: &str, name: &str) -> Option<Kind> {
    let (fields, entity) = set(kind).ok()?;
    match (kind, name) {
        (_, "createdon") | ("appointments", "scheduledstart" | "scheduledend") => Some(Kind::Instant),
        ("appointments", "activityid" | "_regardingobjectid_value") => Some(Kind::Uuid),
        ("annotations", "_objectid_value") => Some(Kind::Uuid),
        (_, name) if name == format!("{entity}id") => Some(Kind::Uuid),
        _ if name.contains('@') || !has(fields, name, &book.custom) => None,
        (_, "statecode" | "statuscode" | "leadsourcecode") => Some(Kind::Integer),
        (_, "donotemail") => Some(Kind::Boolean),
        _ => Some(Kind::Text),
    }
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    Some(match record.kind.as_str() {
        "annotations" => Fact::Note(Note { id, person: bound(record, "objectid"), text: text("notetext") }),
        "appointments" => Fact::Meeting(Meeting {
            id,
            person: bound(record, "regardingobjectid"),
            start: from_instant(record.text("scheduledstart")),
            end: from_instant(record.text("scheduledend")),
            cancelled: record.fields.get("statecode") == Some(&json!(2)),
        }),
        _ => {
            let phone = if text("mobilephone").is_empty() { text("telephone1") } else { text("mobilephone") };
            Fact::Person(Person { id, email: text("emailaddress1"), phone })
        }
    })
}
