//! SuiteCRM 8, V8 API.
//!
//! From its source: routes (an update is `PATCH /module`), 400 for an id that is taken, for an unknown attribute, for a
//! filter by a field or with an operator that isn't there, the shape of an error (`errors` is an object), that the type
//! in an answer is the object's name, and that a relationship without records has no `data`. From its documentation:
//! the token request, the media type. From general knowledge: the names of attributes, 415, and that a date that isn't
//! `YYYY-MM-DD HH:MM:SS` is of no use.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{Fault, Field, any, check, from_utc, has, may, said, stamp, text};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, patch, post};

pub const CRM: Crm = Crm {
    name: "suitecrm",
    secrets: &[
        ("client_id", "5f3c1e2a-0000-4000-8000-suiteexample"),
        ("client_secret", "example-suite-secret"),
    ],
    open: &["/Api/access_token", "/legacy/Api/access_token"],
    auth,
    routes,
    fault: |status, message| error(status, message),
    limited: || error(429, "Too Many Requests"),
    fact,
};

const PERSON: &[Field] = &[
    may("first_name", text),
    may("last_name", text),
    may("salutation", text),
    may("email1", text),
    may("phone_mobile", text),
    may("phone_work", text),
    may("phone_home", text),
    may("account_name", text),
    may("title", text),
    may("description", text),
    may("lead_source", text),
    may("lead_source_description", text),
    may("status", text),
    may("website", text),
    may("primary_address_city", text),
    may("primary_address_country", text),
    may("assigned_user_id", text),
];

const NOTE: &[Field] = &[
    may("name", text),
    may("description", text),
    may("parent_type", text),
    may("parent_id", text),
    may("contact_id", text),
    may("assigned_user_id", text),
];

const MEETING: &[Field] = &[
    may("name", text),
    may("description", text),
    may("status", text),
    may("date_start", stamp),
    may("date_end", stamp),
    may("duration_hours", any),
    may("duration_minutes", any),
    may("parent_type", text),
    may("parent_id", text),
    may("location", text),
    may("assigned_user_id", text),
];

fn routes() -> Router<Fake> {
    let mut router = Router::new();
    for base in ["/Api", "/legacy/Api"] {
        let path = |rest: &str| format!("{base}{rest}");
        router = router
            .route(&path("/access_token"), post(token))
            .route(&path("/V8/module"), post(create))
            .route(&path("/V8/module"), patch(change))
            .route(&path("/V8/module/{kind}"), get(list))
            .route(&path("/V8/module/{kind}/{id}"), get(read))
            .route(&path("/V8/module/{kind}/{id}"), delete(remove))
            .route(&path("/V8/module/{kind}/{id}/relationships"), post(relate))
            .route(&path("/V8/module/{kind}/{id}/relationships/{link}"), get(related));
    }
    router
}

fn api(status: u16, body: Value) -> Reply {
    Reply::json(status, body).with("content-type", "application/vnd.api+json")
}

fn error(status: u16, detail: &str) -> Reply {
    api(status, json!({"errors": {"status": status, "title": null, "detail": detail}}))
}

fn token(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    if !is("grant_type", "client_credentials") {
        let message = "The authorization grant type is not supported by the authorization server.";
        return Err(Reply::json(400, json!({"error": "unsupported_grant_type", "message": message})));
    }
    if !is("client_id", CRM.secrets[0].1) || !is("client_secret", CRM.secrets[1].1) {
        return Err(Reply::json(
            401,
            json!({"error": "invalid_client", "message": "Client authentication failed"}),
        ));
    }
    let token = book.mint(Duration::from_secs(3600));
    Ok(Reply::json(200, json!({"token_type": "Bearer", "expires_in": 3600, "access_token": token})))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    if request.credentials("Bearer").is_some_and(|token| book.is_live(token)) {
        return Ok(());
    }
    let message = "The resource owner or authorization server denied the request.";
    Err(Reply::json(
        401,
        json!({"error": "access_denied", "message": message, "hint": "Access token could not be verified"}),
    ))
}

/// A module's fields and what it calls one of its records.
fn module(name: &str) -> Result<(&'static [Field], &'static str), Reply> {
    match name {
        "Leads" => Ok((PERSON, "Lead")),
        "Contacts" => Ok((PERSON, "Contact")),
        "Notes" => Ok((NOTE, "Note")),
        "Meetings" => Ok((MEETING, "Meeting")),
        _ => Err(error(400, &format!("Module {name} does not exist"))),
    }
}

/// A record as it was sent.
struct Sent {
    kind: String,
    id: Option<String>,
    attributes: Map<String, Value>,
}

fn data(book: &Book, request: &Request) -> Result<Sent, Reply> {
    if request.media_type() != "application/vnd.api+json" {
        return Err(error(415, "Content-Type must be application/vnd.api+json"));
    }
    let body = request.json();
    let data =
        body["data"].as_object().ok_or_else(|| error(400, "The required option \"data\" is missing."))?;
    let kind = said(data, "type").to_owned();
    let (fields, object) = module(&kind)?;
    if let Some(member) = data.keys().find(|name| !matches!(name.as_str(), "type" | "id" | "attributes")) {
        return Err(error(400, &format!("The option \"{member}\" does not exist.")));
    }
    let attributes = data.get("attributes").map_or(Some(Map::new()), |given| given.as_object().cloned());
    let attributes = attributes
        .ok_or_else(|| error(400, "The option \"attributes\" is expected to be of type \"array\""))?;
    check(fields, &attributes, &book.custom).map_err(|fault| match fault {
        Fault::Unknown(field) => error(400, &format!("Property {field} in {object} module is invalid")),
        fault => error(400, &format!("Property {} in {object} module has an invalid value", fault.field())),
    })?;
    let id = data.get("id").and_then(Value::as_str).map(str::to_owned);
    if id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 36) {
        return Err(error(400, "The option \"id\" is invalid"));
    }
    Ok(Sent { kind, id, attributes })
}

fn show(record: &Record) -> Value {
    let object = module(&record.kind).map_or("", |(_, object)| object);
    json!({"type": object, "id": record.id, "attributes": record.fields, "relationships": {}})
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let Sent { kind, id, attributes } = data(book, request)?;
    let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    if book.get(&kind, &id).is_some() {
        return Err(error(400, &format!("Bean {kind} with id {id} is already exist")).expected());
    }
    book.add(&kind, &id, attributes);
    Ok(api(201, json!({"data": show(book.get(&kind, &id).expect("just added"))})))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let Sent { kind, id, attributes } = data(book, request)?;
    let id = id.ok_or_else(|| error(400, "The required option \"id\" is missing."))?;
    let missing = || error(400, &format!("{kind} module with id {id} is not found"));
    book.get(&kind, &id).ok_or_else(missing)?;
    book.update(&kind, &id, attributes);
    Ok(api(201, json!({"data": show(book.get(&kind, &id).expect("just found"))})))
}

fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let (kind, id) = (request.param("kind"), request.param("id"));
    module(kind)?;
    book.get(kind, id).ok_or_else(|| error(400, &format!("{kind} module with id {id} is not found")))
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    find(book, request).map(|record| api(200, json!({"data": show(record)})))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, request)?.id.clone();
    book.remove(request.param("kind"), &id);
    Ok(api(200, json!({"meta": {"message": format!("Record with id {id} is deleted")}})))
}

/// `filter[field][eq]=…`, one level; e-mail addresses are not in the module's table.
fn list(book: &mut Book, request: &Request) -> Outcome {
    let (fields, object) = module(request.param("kind"))?;
    let mut tests = Vec::new();
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(request.query.as_bytes()).into_owned().collect();
    for (key, value) in &pairs {
        let Some(rest) = key.strip_prefix("filter[").filter(|rest| *rest != "operator]") else { continue };
        let (field, operator) = rest.trim_end_matches(']').split_once("][").unwrap_or((rest, ""));
        let unknown = !has(fields, field, &book.custom);
        if field == "email1" || (unknown && !matches!(field, "id" | "date_entered")) {
            return Err(error(400, &format!("Filter field {field} in {object} module is not found")));
        }
        if !matches!(operator.to_lowercase().as_str(), "eq" | "neq") {
            return Err(error(400, &format!("Filter operator {operator} is invalid")));
        }
        tests.push((field, operator.eq_ignore_ascii_case("eq"), value));
    }
    let passes = |record: &&Record| {
        tests.iter().all(|(field, equal, value)| {
            let has = if *field == "id" { &record.id } else { record.text(field) };
            has.eq_ignore_ascii_case(value) == *equal
        })
    };
    let found: Vec<Value> = book.all(request.param("kind")).filter(passes).map(show).collect();
    Ok(api(200, json!({"data": found})))
}

fn relate(book: &mut Book, request: &Request) -> Outcome {
    let record = find(book, request)?;
    let (kind, id) = (record.kind.clone(), record.id.clone());
    if request.media_type() != "application/vnd.api+json" {
        return Err(error(415, "Content-Type must be application/vnd.api+json"));
    }
    let body = request.json();
    let (to, other) =
        (body["data"]["type"].as_str().unwrap_or_default(), body["data"]["id"].as_str().unwrap_or_default());
    module(to)?;
    book.get(to, other).ok_or_else(|| error(400, &format!("{to} module with id {other} is not found")))?;
    book.link((&kind, &id), (to, other));
    Ok(api(
        201,
        json!({"meta": {"message": format!("{to} with id {other} has been added to {kind} with id {id}")}}),
    ))
}

/// What is linked, or has the record as its parent.
fn related(book: &mut Book, request: &Request) -> Outcome {
    let record = find(book, request)?;
    let link = request.param("link");
    let kind = match link {
        "notes" => "Notes",
        "meetings" => "Meetings",
        "leads" => "Leads",
        "contacts" => "Contacts",
        _ => return Err(error(400, &format!("Cannot load relationship {link} for {} module", record.kind))),
    };
    let child = |other: &&Record| {
        let parent = other.text("parent_type") == record.kind && other.text("parent_id") == record.id;
        parent || record.links.contains(&(kind.to_owned(), other.id.clone()))
    };
    let (_, object) = module(kind)?;
    let found: Vec<Value> = book.all(kind).filter(child).map(|other| {
        json!({"type": object, "id": other.id, "links": {"self": format!("/V8/module/{object}/{}", other.id)}})
    }).collect();
    let message = format!("There is no relationship set in {} module with {link} link field", record.kind);
    Ok(api(
        200,
        if found.is_empty() { json!({"meta": {"message": message}}) } else { json!({"data": found}) },
    ))
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    let linked = [record.linked("Leads"), record.linked("Contacts")]
        .into_iter()
        .find(|id| !id.is_empty())
        .unwrap_or_default();
    let person = if text("parent_id").is_empty() { linked.to_owned() } else { text("parent_id") };
    Some(match record.kind.as_str() {
        "Notes" => Fact::Note(Note { id, person, text: text("description") }),
        "Meetings" => Fact::Meeting(Meeting {
            id,
            person,
            start: from_utc(record.text("date_start")),
            end: end(record),
            cancelled: record.text("status") == "Not Held",
        }),
        _ => {
            let phone =
                if text("phone_mobile").is_empty() { text("phone_work") } else { text("phone_mobile") };
            Fact::Person(Person { id, email: text("email1"), phone })
        }
    })
}

/// The end, or the start and the duration.
fn end(record: &Record) -> String {
    if !record.text("date_end").is_empty() {
        return from_utc(record.text("date_end"));
    }
    let part = |name: &str| {
        let value = record.fields.get(name).cloned().unwrap_or_default();
        value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
    };
    let start = super::check::civil(record.text("date_start")).unwrap_or_default();
    let length = jiff::Span::new().hours(part("duration_hours")).minutes(part("duration_minutes"));
    let end = start.checked_add(length).unwrap_or_default();
    from_utc(&end.strftime("%Y-%m-%d %H:%M:%S").to_string())
}
