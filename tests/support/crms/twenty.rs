//! Twenty, the REST API of a workspace with the standard objects.
//!
//! From its integration tests: paths, `data.createPerson`, a client's id is kept, 400 for an id that is taken, lists
//! with `pageInfo` and `totalCount`, the filter's grammar, 401. From its documentation: the key. From general knowledge:
//! composite fields, `noteTargets`, `taskTargets`, that e-mail addresses are unique, and what is said of unknown fields.

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, boolean, check, from_instant, has, instant, may, must, one_of, text, uuid,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, patch, post};

pub const CRM: Crm = Crm {
    name: "twenty",
    secrets: &[("api_key", "eyJhbGciOiJIUzI1NiJ9.example.twenty")],
    open: &[],
    auth,
    routes,
    fault: |status, message| error(status, "NotFoundException", message),
    limited: || error(429, "TOO_MANY_REQUESTS", "Too many requests"),
    fact,
};

const PERSON: &[Field] = &[
    may("id", uuid),
    may("name", |value| composite(value, &["firstName", "lastName"])),
    may("emails", |value| composite(value, &["primaryEmail", "additionalEmails"])),
    may("phones", |value| {
        composite(
            value,
            &["primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode", "additionalPhones"],
        )
    }),
    may("jobTitle", text),
    may("city", text),
    may("intro", text),
    may("companyId", uuid),
    may("position", any),
];

const NOTE: &[Field] = &[
    may("id", uuid),
    may("title", text),
    may("bodyV2", |value| composite(value, &["markdown", "blocknote"])),
    may("position", any),
];

const TASK: &[Field] = &[
    may("id", uuid),
    may("title", text),
    may("bodyV2", |value| composite(value, &["markdown", "blocknote"])),
    may("dueAt", instant),
    may("status", |value| one_of(value, &["TODO", "IN_PROGRESS", "DONE"])),
    may("assigneeId", uuid),
];

const EVENT: &[Field] = &[
    may("id", uuid),
    may("title", text),
    may("startsAt", instant),
    may("endsAt", instant),
    may("isCanceled", boolean),
    may("isFullDay", boolean),
    may("description", text),
    may("location", text),
];

const NOTE_TARGET: &[Field] =
    &[may("id", uuid), must("noteId", uuid), may("personId", uuid), may("targetPersonId", uuid)];
const TASK_TARGET: &[Field] =
    &[may("id", uuid), must("taskId", uuid), may("personId", uuid), may("targetPersonId", uuid)];
const PARTICIPANT: &[Field] = &[
    may("id", uuid),
    must("calendarEventId", uuid),
    may("personId", uuid),
    may("handle", text),
    may("displayName", text),
    may("responseStatus", text),
];

/// The plural in paths, the singular, the fields.
const OBJECTS: &[(&str, &str, &[Field])] = &[
    ("people", "person", PERSON),
    ("notes", "note", NOTE),
    ("noteTargets", "noteTarget", NOTE_TARGET),
    ("tasks", "task", TASK),
    ("taskTargets", "taskTarget", TASK_TARGET),
    ("calendarEvents", "calendarEvent", EVENT),
    ("calendarEventParticipants", "calendarEventParticipant", PARTICIPANT),
];

fn routes() -> Router<Fake> {
    Router::new()
        .route("/rest/{kind}", post(create))
        .route("/rest/{kind}", get(list))
        .route("/rest/{kind}/{id}", get(read))
        .route("/rest/{kind}/{id}", patch(change))
        .route("/rest/{kind}/{id}", delete(remove))
}

fn error(status: u16, name: &str, message: &str) -> Reply {
    Reply::json(status, json!({"statusCode": status, "error": name, "messages": [message]}))
}

fn bad(message: &str) -> Reply {
    error(400, "BadRequestException", message)
}

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.credentials("Bearer") {
        Some(token) if token == CRM.secrets[0].1 => Ok(()),
        Some(_) => Err(error(401, "UNAUTHENTICATED", "Token invalid.")),
        None => Err(error(401, "UNAUTHENTICATED", "Missing authentication token")),
    }
}

/// An object with none but these members.
fn composite(value: &Value, members: &[&str]) -> bool {
    value.as_object().is_some_and(|object| object.keys().all(|name| members.contains(&name.as_str())))
}

fn object(request: &Request) -> Result<(&'static str, &'static str, &'static [Field]), Reply> {
    let kind = request.param("kind");
    let found = OBJECTS.iter().find(|(plural, ..)| *plural == kind);
    found.copied().ok_or_else(|| bad(&format!("object '{kind}' not found")))
}

fn capital(name: &str) -> String {
    format!("{}{}", name[..1].to_uppercase(), &name[1..])
}

fn validate(book: &Book, singular: &str, fields: &[Field], given: &Map<String, Value>) -> Result<(), Reply> {
    check(fields, given, &book.custom).map_err(|fault| match fault {
        Fault::Unknown(field) => bad(&format!("Object {singular} doesn't have any \"{field}\" field.")),
        Fault::Missing(field) => bad(&format!("{field} is required")),
        Fault::Wrong(field) => bad(&format!("Invalid value for field \"{field}\"")),
    })?;
    for (reference, kind) in [
        ("noteId", "notes"),
        ("taskId", "tasks"),
        ("personId", "people"),
        ("targetPersonId", "people"),
        ("calendarEventId", "calendarEvents"),
    ] {
        let id = given.get(reference).and_then(Value::as_str);
        if id.is_some_and(|id| book.get(kind, id).is_none()) {
            return Err(error(
                400,
                "QueryFailedError",
                &format!("violates foreign key constraint on {reference}"),
            ));
        }
    }
    Ok(())
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("id".to_owned(), json!(record.id));
    body.insert("createdAt".to_owned(), json!(record.created.to_string()));
    Value::Object(body)
}

fn address(fields: &Map<String, Value>) -> String {
    fields.get("emails").and_then(|emails| emails["primaryEmail"].as_str()).unwrap_or_default().to_lowercase()
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, singular, fields) = object(request)?;
    let mut given = request.object();
    validate(book, singular, fields, &given)?;
    let id = given.remove("id").and_then(|id| id.as_str().map(str::to_owned));
    let id = id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let email = address(&given);
    let taken = book.get(kind, &id).is_some()
        || (!email.is_empty() && book.all(kind).any(|record| address(&record.fields) == email));
    if taken {
        let message = "duplicate key value violates unique constraint";
        return Err(error(400, "QueryFailedError", message).expected());
    }
    book.add(kind, &id, given);
    let made = show(book.get(kind, &id).expect("just added"));
    Ok(Reply::json(201, json!({"data": {format!("create{}", capital(singular)): made}})))
}

fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let (kind, ..) = object(request)?;
    book.get(kind, request.param("id")).ok_or_else(|| error(404, "NotFoundException", "Record not found"))
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    let (_, singular, _) = object(request)?;
    find(book, request).map(|record| Reply::json(200, json!({"data": {singular: show(record)}})))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let (kind, singular, fields) = object(request)?;
    let record = find(book, request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    whole.extend(request.object());
    validate(book, singular, fields, &whole)?;
    book.update(kind, &id, request.object());
    let changed = show(book.get(kind, &id).expect("just found"));
    Ok(Reply::json(200, json!({"data": {format!("update{}", capital(singular)): changed}})))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let (kind, singular, _) = object(request)?;
    let id = find(book, request)?.id.clone();
    book.remove(kind, &id);
    Ok(Reply::json(200, json!({"data": {format!("delete{}", capital(singular)): {"id": id}}})))
}

/// `filter=field.sub[eq]:"x",other[in]:[a,b]`, all of which hold.
fn list(book: &mut Book, request: &Request) -> Outcome {
    let (kind, singular, fields) = object(request)?;
    let mut tests = Vec::new();
    for part in split(&request.query("filter")) {
        let parsed = part.split_once('[').and_then(|(field, rest)| Some((field, rest.split_once("]:")?)));
        let (field, (operator, value)) =
            parsed.ok_or_else(|| bad(&format!("'filter' invalid for '{part}'")))?;
        let top = field.split('.').next().unwrap_or_default();
        if top != "id" && top != "createdAt" && !has(fields, top, &book.custom) {
            return Err(bad(&format!("Object {singular} doesn't have any \"{top}\" field.")));
        }
        if !matches!(operator, "eq" | "neq" | "in" | "like" | "ilike" | "startsWith") {
            return Err(bad(&format!("'filter' invalid operator '{operator}'")));
        }
        tests.push((field.to_owned(), operator.to_owned(), value.to_owned()));
    }
    let limit = request.query("limit").parse().unwrap_or(60_usize).min(60);
    let passes =
        |record: &&Record| tests.iter().all(|(field, operator, value)| holds(record, field, operator, value));
    let found: Vec<Value> = book.all(kind).filter(passes).map(show).collect();
    let (total, more) = (found.len(), found.len() > limit);
    let page: Vec<Value> = found.into_iter().take(limit).collect();
    Ok(Reply::json(
        200,
        json!({"data": {kind: page}, "totalCount": total,
        "pageInfo": {"hasNextPage": more, "startCursor": null, "endCursor": null}}),
    ))
}

/// At commas that are neither quoted nor in a list.
fn split(filter: &str) -> Vec<String> {
    let (mut parts, mut quoted, mut depth) = (vec![String::new()], false, 0_i32);
    for c in filter.chars() {
        quoted ^= c == '"';
        depth += i32::from(!quoted && c == '[') - i32::from(!quoted && c == ']');
        match parts.last_mut() {
            Some(part) if c != ',' || quoted || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn holds(record: &Record, field: &str, operator: &str, value: &str) -> bool {
    let has = show(record)
        .pointer(&format!("/{}", field.replace('.', "/")))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let value = value.trim_matches('"');
    match operator {
        "eq" => has == value,
        "neq" => has != value,
        "in" => value.trim_matches(['[', ']']).split(',').any(|one| one.trim_matches('"') == has),
        "startsWith" => has.starts_with(value),
        _ => has.to_lowercase().contains(&value.trim_matches('%').to_lowercase()),
    }
}

/// Who a note, a task or an event is about, through its target.
fn target(book: &Book, kind: &str, reference: &str, id: &str) -> String {
    let person = |target: &Record| {
        let person = target.text("personId");
        if person.is_empty() { target.text("targetPersonId").to_owned() } else { person.to_owned() }
    };
    book.all(kind).find(|target| target.text(reference) == id).map_or(String::new(), person)
}

fn fact(book: &Book, record: &Record) -> Option<Fact> {
    let (id, part) = (record.id.clone(), |name: &str, member: &str| {
        record.fields.get(name).and_then(|value| value[member].as_str()).unwrap_or_default().to_owned()
    });
    match record.kind.as_str() {
        "people" => {
            let phone = part("phones", "primaryPhoneCallingCode") + &part("phones", "primaryPhoneNumber");
            Some(Fact::Person(Person { id, email: part("emails", "primaryEmail"), phone }))
        }
        "notes" => {
            let person = target(book, "noteTargets", "noteId", &id);
            Some(Fact::Note(Note { id, person, text: part("bodyV2", "markdown") }))
        }
        "tasks" => {
            let (person, time) =
                (target(book, "taskTargets", "taskId", &id), from_instant(record.text("dueAt")));
            let cancelled = record.text("status") == "DONE";
            Some(Fact::Meeting(Meeting { id, person, start: time, end: String::new(), cancelled }))
        }
        "calendarEvents" => Some(Fact::Meeting(Meeting {
            person: target(book, "calendarEventParticipants", "calendarEventId", &id),
            id,
            start: from_instant(record.text("startsAt")),
            end: from_instant(record.text("endsAt")),
            cancelled: record.fields.get("isCanceled") == Some(&json!(true)),
        })),
        _ => None,
    }
}
