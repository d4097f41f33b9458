//! Pipedrive, v2 and what is still v1.
//!
//! From its clients: the bodies of persons, leads and activities, which paths are v1, date and time apart. From an issue
//! of n8n: `person_id` of an activity is read-only, with the sentence. From its documentation: the length of a search
//! term, the headers of 429. From general knowledge: the error body, the body of a note, and that v2 refuses unknown
//! members.

use axum::Router;
use jiff::civil::{Date, Time};
use jiff::{Span, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, boolean, check, check_known, date, filled, integer, list, may, must, object, said,
    text, uuid,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, patch, post};

pub const CRM: Crm = Crm {
    name: "pipedrive",
    secrets: &[("token", "0a1b2c3d4e5f60718293a4b5c6d7e8f9example0")],
    open: &[],
    auth,
    routes,
    fault: refuse,
    limited: || {
        refuse(429, "request over limit").with("x-ratelimit-remaining", "0").with("x-ratelimit-reset", "2")
    },
    fact,
};

const PERSON: &[Field] = &[
    must("name", filled),
    may("emails", labelled),
    may("phones", labelled),
    may("org_id", integer),
    may("owner_id", integer),
    may("visible_to", integer),
    may("label_ids", list),
    may("marketing_status", text),
    may("custom_fields", object),
];

const ACTIVITY: &[Field] = &[
    may("subject", filled),
    may("type", |value| {
        super::check::one_of(value, &["call", "meeting", "task", "deadline", "email", "lunch"])
    }),
    may("due_date", date),
    may("due_time", clock),
    may("duration", clock),
    may("participants", participants),
    may("attendees", list),
    may("note", text),
    may("public_description", text),
    may("location", any),
    may("lead_id", uuid),
    may("deal_id", integer),
    may("org_id", integer),
    may("owner_id", integer),
    may("done", boolean),
    may("busy", boolean),
];

const NOTE: &[Field] =
    &[must("content", filled), may("person_id", integer), may("lead_id", uuid), may("deal_id", integer)];
const LEAD: &[Field] = &[
    must("title", filled),
    may("person_id", integer),
    may("organization_id", integer),
    may("label_ids", list),
];

fn routes() -> Router<Fake> {
    let mut router = Router::new()
        .route("/api/v2/persons/search", get(search))
        .route("/api/v2/{kind}", post(create))
        .route("/api/v2/{kind}", get(list_all))
        .route("/api/v2/{kind}/{id}", get(read))
        .route("/api/v2/{kind}/{id}", patch(change))
        .route("/api/v2/{kind}/{id}", delete(remove));
    for base in ["/api/v1", "/v1"] {
        router = router
            .route(&format!("{base}/notes"), post(create_note))
            .route(&format!("{base}/notes"), get(notes))
            .route(&format!("{base}/leads"), post(create_lead))
            .route(&format!("{base}/leads"), get(leads))
            .route(&format!("{base}/leads/{{id}}"), get(read_lead));
    }
    router
}

fn refuse(status: u16, error: &str) -> Reply {
    let body = json!({"success": false, "error": error, "errorCode": status, "error_info": "Please check developers.pipedrive.com"});
    Reply::json(status, body)
}

fn bad(error: &str) -> Reply {
    Reply::json(400, json!({"success": false, "error": error, "code": "ERR_BAD_REQUEST"}))
}

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    let known = request.header("x-api-token") == CRM.secrets[0].1;
    if known { Ok(()) } else { Err(refuse(401, "unauthorized access")) }
}

/// `[{"value": "…", "primary": true, "label": "work"}]`
fn labelled(value: &Value) -> bool {
    const ENTRY: &[Field] = &[must("value", text), may("primary", boolean), may("label", text)];
    let entries = value.as_array();
    entries.is_some_and(|entries| {
        entries.iter().all(|entry| {
            entry.as_object().is_some_and(|entry| check(ENTRY, entry, &Default::default()).is_ok())
        })
    })
}

fn participants(value: &Value) -> bool {
    value.as_array().is_some_and(|all| all.iter().all(|one| integer(&one["person_id"])))
}

/// `HH:MM` or `HH:MM:SS`.
fn clock(value: &Value) -> bool {
    value.as_str().is_some_and(|text| matches!(text.len(), 5 | 8) && text.parse::<Time>().is_ok())
}

fn kind(request: &Request) -> Result<(&str, &'static [Field]), Reply> {
    match request.param("kind") {
        kind @ "persons" => Ok((kind, PERSON)),
        kind @ "activities" => Ok((kind, ACTIVITY)),
        _ => Err(refuse(404, "Unknown method .")),
    }
}

fn validate(book: &Book, fields: &[Field], given: &Map<String, Value>) -> Result<(), Reply> {
    if given.contains_key("person_id") {
        return Err(bad(
            "'person_id' is a read-only field. Add a primary participant to set 'person_id' instead. For example: \"participants\": [{ \"person_id\": 1, \"primary\": true }]",
        ));
    }
    check(fields, given, &Default::default()).map_err(|fault| bad(&explain(&fault)))?;
    let keys = given.get("custom_fields").and_then(Value::as_object);
    if let Some(key) = keys.and_then(|keys| keys.keys().find(|key| !book.custom.contains(*key))) {
        return Err(bad(&format!("Validation failed: custom_fields: {key} is not a custom field")));
    }
    let persons = given.get("participants").and_then(Value::as_array).into_iter().flatten();
    exists(book, persons.map(|one| &one["person_id"]))
}

fn explain(fault: &Fault) -> String {
    let (field, reason) = (
        fault.field(),
        match fault {
            Fault::Missing(_) => "is required",
            Fault::Wrong(_) => "has a wrong type",
            Fault::Unknown(_) => "is not allowed",
        },
    );
    format!("Validation failed: {field}: {field} {reason}")
}

fn exists<'a>(book: &Book, ids: impl IntoIterator<Item = &'a Value>) -> Result<(), Reply> {
    let missing = ids.into_iter().find(|id| integer(id) && book.get("persons", &id.to_string()).is_none());
    missing
        .map_or(Ok(()), |id| Err(bad(&format!("Validation failed: person_id: Person {id} does not exist"))))
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    let number = record.id.parse::<u64>();
    body.insert("id".to_owned(), number.map_or_else(|_| json!(record.id), |number| json!(number)));
    if let Some(primary) = body.get("participants").and_then(|all| all.get(0)) {
        body.insert("person_id".to_owned(), primary["person_id"].clone());
    }
    body.insert("add_time".to_owned(), json!(record.created.to_string()));
    Value::Object(body)
}

fn done(status: u16, data: Value) -> Reply {
    Reply::json(status, json!({"success": true, "data": data}))
}

fn add(book: &mut Book, kind: &str, id: String, given: Map<String, Value>) -> Reply {
    book.add(kind, &id, given);
    done(201, show(book.get(kind, &id).expect("just added")))
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    validate(book, fields, &request.object())?;
    let id = book.number().to_string();
    Ok(add(book, kind, id, request.object()))
}

fn find<'a>(book: &'a Book, kind: &str, request: &Request) -> Result<&'a Record, Reply> {
    book.get(kind, request.param("id")).ok_or_else(|| refuse(404, &format!("{kind} not found")))
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    find(book, kind, request).map(|record| done(200, show(record)))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let record = find(book, kind, request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    whole.extend(request.object());
    validate(book, fields, &whole)?;
    book.update(kind, &id, request.object());
    Ok(done(200, show(book.get(kind, &id).expect("just found"))))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    let id = find(book, kind, request)?.id.clone();
    book.remove(kind, &id);
    Ok(done(200, json!({"id": id.parse::<u64>().unwrap_or_default()})))
}

/// Those of a person, if one is named. A listing is no search: it doesn't lag.
fn list_all(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    let person = request.query("person_id");
    let shown =
        book.all(kind).map(show).filter(|record| person.is_empty() || is(&record["person_id"], &person));
    Ok(done(200, shown.collect()))
}

/// Whether a number is written so.
fn is(number: &Value, text: &str) -> bool {
    text.parse().is_ok_and(|wanted: u64| number == wanted)
}

fn search(book: &mut Book, request: &Request) -> Outcome {
    let (term, exact) = (request.query("term").to_lowercase(), request.query("exact_match") == "true");
    if term.chars().count() < if exact { 1 } else { 2 } {
        return Err(bad("term must be at least 2 characters long"));
    }
    let fields = if request.query("fields").is_empty() {
        "name,email,phone".to_owned()
    } else {
        request.query("fields")
    };
    if let Some(field) = fields
        .split(',')
        .find(|field| !matches!(*field, "name" | "email" | "phone" | "notes" | "custom_fields"))
    {
        return Err(bad(&format!("fields: {field} is not allowed")));
    }
    let matches =
        |text: &str| if exact { text.to_lowercase() == term } else { text.to_lowercase().contains(&term) };
    let passes = |record: &&Record| {
        fields.split(',').any(|field| match field {
            "name" => matches(record.text("name")),
            "email" => values(record, "emails").iter().any(|text| matches(text)),
            "phone" => values(record, "phones").iter().any(|text| matches(text)),
            "custom_fields" => record
                .fields
                .get("custom_fields")
                .and_then(Value::as_object)
                .is_some_and(|fields| fields.values().any(|value| value.as_str().is_some_and(matches))),
            _ => false,
        })
    };
    let limit = request.query("limit").parse().unwrap_or(100);
    let item = |record: &Record| {
        json!({"result_score": 0.5, "item": {"id": show(record)["id"], "type": "person",
        "name": record.text("name"), "emails": values(record, "emails"), "phones": values(record, "phones")}})
    };
    let items: Vec<Value> = book.indexed("persons").filter(passes).take(limit).map(item).collect();
    Ok(Reply::json(
        200,
        json!({"success": true, "data": {"items": items}, "additional_data": {"next_cursor": null}}),
    ))
}

fn values(record: &Record, name: &str) -> Vec<String> {
    let entries = record.fields.get(name).and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry["value"].as_str().map(str::to_owned)).collect()
}

fn create_note(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    check_known(NOTE, &given).map_err(|fault| bad(&explain(&fault)))?;
    if !["person_id", "lead_id", "deal_id"].iter().any(|name| given.contains_key(*name)) {
        return Err(bad("One of deal_id, lead_id, org_id, person_id is required"));
    }
    exists(book, given.get("person_id"))?;
    let lead = said(&given, "lead_id");
    if !lead.is_empty() && book.get("leads", lead).is_none() {
        return Err(bad("Lead does not exist"));
    }
    let id = book.number().to_string();
    Ok(add(book, "notes", id, given))
}

fn notes(book: &mut Book, request: &Request) -> Outcome {
    let (person, lead) = (request.query("person_id"), request.query("lead_id"));
    let shown = book.all("notes").map(show).filter(|note| {
        (person.is_empty() || is(&note["person_id"], &person)) && (lead.is_empty() || note["lead_id"] == lead)
    });
    Ok(done(200, shown.collect()))
}

fn create_lead(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    check_known(LEAD, &given).map_err(|fault| bad(&explain(&fault)))?;
    if !given.contains_key("person_id") && !given.contains_key("organization_id") {
        return Err(bad("A lead must be linked to a person or an organization."));
    }
    exists(book, given.get("person_id"))?;
    Ok(add(book, "leads", uuid::Uuid::new_v4().to_string(), given))
}

fn leads(book: &mut Book, request: &Request) -> Outcome {
    let person = request.query("person_id");
    let passes = |lead: &Value| person.is_empty() || is(&lead["person_id"], &person);
    Ok(done(200, book.all("leads").map(show).filter(passes).collect()))
}

fn read_lead(book: &mut Book, request: &Request) -> Outcome {
    find(book, "leads", request).map(|record| done(200, show(record)))
}

fn fact(book: &Book, record: &Record) -> Option<Fact> {
    let id = record.id.clone();
    let reference = |record: &Record| record.fields.get("person_id").map_or(String::new(), Value::to_string);
    match record.kind.as_str() {
        "persons" => {
            let first = |name: &str| values(record, name).into_iter().next().unwrap_or_default();
            Some(Fact::Person(Person { id, email: first("emails"), phone: first("phones") }))
        }
        "notes" => {
            let lead = book.get("leads", record.text("lead_id"));
            let person = lead.map_or_else(|| reference(record), reference);
            Some(Fact::Note(Note { id, person, text: record.text("content").to_owned() }))
        }
        "activities" if record.text("type") == "meeting" => {
            let person = show(record)["person_id"].clone();
            let (start, end) = times(record).unwrap_or_default();
            let person = if person.is_null() { String::new() } else { person.to_string() };
            Some(Fact::Meeting(Meeting { id, person, start, end, cancelled: false }))
        }
        _ => None,
    }
}

/// Date, time and duration, which are in UTC, as start and end.
fn times(record: &Record) -> Option<(String, String)> {
    let (day, time): (Date, Time) =
        (record.text("due_date").parse().ok()?, record.text("due_time").parse().ok()?);
    let length: Time = record.text("duration").parse().unwrap_or_default();
    let start = day.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
    let end = start.checked_add(Span::new().hours(length.hour()).minutes(length.minute())).ok()?;
    let text = |time: jiff::Zoned| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Some((text(start), text(end)))
}
