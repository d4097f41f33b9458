//! Krayin, with its package rest-api.
//!
//! From its source: routes (a lead is stored at `leads/leads`; older versions have `leads`), what is required of a lead
//! and an activity, that a person's e-mail address is unique, the bodies of answers, the filters of lists, that
//! `lead_pipeline_stage_id` and the first of `contact_numbers` are read without asking whether they are there, that a
//! meeting at the time of another is refused unless it names other participants, and that times are those of
//! `APP_TIMEZONE`. From the source of prettus/l5-repository: how a search is written. From general knowledge: the login,
//! validation as 422, 302 for a client that doesn't accept JSON, and 500 for what the database refuses.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{email, filled, from_zone, integer, one_of, said, stamp};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, post, put};
use super::filter::written;

pub const CRM: Crm = Crm {
    name: "krayin",
    secrets: &[("email", "bot@example.com"), ("password", "krayin-example"), ("time_zone", "Asia/Kolkata")],
    open: &["/api/v1/login"],
    auth,
    routes,
    fault: |status, message| Reply::json(status, json!({"message": message})),
    limited: || Reply::json(429, json!({"message": "Too Many Attempts."})).with("retry-after", "2"),
    fact,
};

fn routes() -> Router<Fake> {
    Router::new()
        .route("/api/v1/login", post(login))
        .route("/api/v1/leads", post(create_lead))
        .route("/api/v1/leads", get(list_leads))
        .route("/api/v1/leads/leads", post(create_lead))
        .route("/api/v1/leads/search", get(search_leads))
        .route("/api/v1/leads/{id}", get(read_lead))
        .route("/api/v1/leads/{id}", put(change_lead))
        .route("/api/v1/leads/{id}", delete(remove_lead))
        .route("/api/v1/leads/{id}/activities", get(lead_activities))
        .route("/api/v1/contacts/persons", get(list_persons))
        .route("/api/v1/contacts/persons/search", get(search_persons))
        .route("/api/v1/activities", post(create_activity))
        .route("/api/v1/activities", get(list_activities))
        .route("/api/v1/activities/{id}", get(read_activity))
        .route("/api/v1/activities/{id}", put(change_activity))
        .route("/api/v1/activities/{id}", delete(remove_activity))
}

/// Laravel sends everybody who doesn't say that JSON is welcome to another page.
fn json_only(request: &Request, reply: Reply) -> Reply {
    if request.header("accept").contains("json") {
        return reply;
    }
    Reply::text(302, "accept: application/json is missing").with("location", "/").complaining()
}

fn login(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    if let Some(field) =
        ["email", "password", "device_name"].iter().find(|name| form.get(**name).is_none_or(String::is_empty))
    {
        return Err(invalid(request, field, "is required"));
    }
    if CRM.secrets[..2].iter().any(|(name, value)| form[*name] != *value) {
        return Err(Reply::json(401, json!({"message": "Invalid Email or Password"})));
    }
    let token = format!("1|{}", book.mint(Duration::from_secs(86_400)));
    let user = json!({"id": 1, "name": "Bot", "email": CRM.secrets[0].1});
    Ok(Reply::json(200, json!({"token": token, "data": user, "message": "Logged in successfully."})))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    let token = request.credentials("Bearer").and_then(|token| token.strip_prefix("1|"));
    if token.is_some_and(|token| book.is_live(token)) {
        return Ok(());
    }
    Err(json_only(request, Reply::json(401, json!({"message": "Unauthenticated."}))))
}

fn invalid(request: &Request, field: &str, reason: &str) -> Reply {
    let message = format!("The {field} field {reason}.");
    json_only(request, Reply::json(422, json!({"message": message, "errors": {field: [message]}})))
}

/// What PHP or the database stumbles over.
fn broken(message: &str) -> Reply {
    Reply::json(500, json!({"message": message, "exception": "ErrorException"})).complaining()
}

fn missing() -> Reply {
    Reply::json(404, json!({"message": "No query results for model"}))
}

fn values(person: &Value, name: &str) -> Vec<String> {
    let entries = person[name].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["value"].as_str().map(str::to_owned)).collect()
}

fn validate(book: &Book, request: &Request, given: &Map<String, Value>) -> Result<(), Reply> {
    if !given.get("title").is_some_and(filled) {
        return Err(invalid(request, "title", "is required"));
    }
    if given.get("lead_value").is_some_and(|value| {
        !value.is_null() && value.as_f64().is_none() && said(given, "lead_value").parse::<f64>().is_err()
    }) {
        return Err(invalid(request, "lead_value", "must be a decimal"));
    }
    let person = &given.get("person").cloned().unwrap_or_default();
    let known = !person["id"].is_null();
    if known && book.get("persons", &person["id"].to_string()).is_none() {
        return Err(broken("Attempt to assign property on null"));
    }
    if !known && !filled(&person["name"]) {
        return Err(invalid(request, "person.name", "is required"));
    }
    if person["emails"].as_array().is_some_and(Vec::is_empty) {
        return Err(invalid(request, "person.emails", "is required"));
    }
    if person["contact_numbers"].as_array().is_some_and(Vec::is_empty) {
        return Err(broken("Undefined array key 0"));
    }
    for (name, checked) in [("emails", true), ("contact_numbers", false)] {
        for (index, entry) in person[name].as_array().into_iter().flatten().enumerate() {
            let (value, field) = (&entry["value"], format!("person.{name}.{index}"));
            if !filled(value) || (checked && !email(value)) {
                return Err(invalid(request, &format!("{field}.value"), "must be valid"));
            }
            if !filled(&entry["label"]) {
                return Err(invalid(request, &format!("{field}.label"), "is required"));
            }
            let address = value.as_str().unwrap_or_default();
            let known_id = person["id"].to_string();
            let own = |record: &&Record| !known || record.id != known_id;
            if book
                .all("persons")
                .filter(own)
                .any(|record| values(&show(record), name).iter().any(|other| other == address))
            {
                return Err(invalid(request, &format!("{field}.value"), "has already been taken").expected());
            }
        }
    }
    if !given.contains_key("lead_pipeline_stage_id") {
        return Err(broken("Undefined array key \"lead_pipeline_stage_id\""));
    }
    let wrong = ["lead_source_id", "lead_type_id", "lead_pipeline_stage_id"].into_iter().find(|name| {
        given.get(*name).is_some_and(|value| {
            !value.is_null()
                && !(1..=5)
                    .contains(&value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default())
        })
    });
    wrong.map_or(Ok(()), |name| Err(broken(&format!("Integrity constraint violation: {name}"))))
}

/// The id of the person, who is changed or made.
fn keep_person(book: &mut Book, person: &Value) -> String {
    let mut fields = person.as_object().cloned().unwrap_or_default();
    match fields.remove("id") {
        Some(id) => {
            book.update("persons", &id.to_string(), fields);
            id.to_string()
        }
        None => {
            let id = book.number();
            book.add("persons", id, fields)
        }
    }
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("id".to_owned(), json!(record.id.parse::<u64>().unwrap_or_default()));
    body.insert("created_at".to_owned(), json!(record.created.to_string()));
    Value::Object(body)
}

fn show_lead(book: &Book, lead: &Record) -> Value {
    let mut body = show(lead);
    body["person"] = book.get("persons", lead.linked("persons")).map(show).unwrap_or_default();
    body
}

fn done(data: Value, message: &str) -> Reply {
    Reply::json(200, json!({"data": data, "message": message}))
}

fn create_lead(book: &mut Book, request: &Request) -> Outcome {
    let mut given = request.object();
    validate(book, request, &given)?;
    let person = keep_person(book, &given.remove("person").unwrap_or_default());
    let number = book.number();
    let id = book.add("leads", number, given);
    book.link(("leads", &id), ("persons", &person));
    Ok(done(show_lead(book, book.get("leads", &id).expect("just added")), "Lead created successfully."))
}

fn find<'a>(book: &'a Book, kind: &str, request: &Request) -> Result<&'a Record, Reply> {
    book.get(kind, request.param("id")).ok_or_else(missing)
}

fn read_lead(book: &mut Book, request: &Request) -> Outcome {
    let lead = find(book, "leads", request)?;
    Ok(Reply::json(200, json!({"data": show_lead(book, lead)})))
}

fn change_lead(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, "leads", request)?.id.clone();
    let mut given = request.object();
    validate(book, request, &given)?;
    keep_person(book, &given.remove("person").unwrap_or_default());
    book.update("leads", &id, given);
    read_lead(book, request)
}

fn remove_lead(book: &mut Book, request: &Request) -> Outcome {
    find(book, "leads", request)?;
    book.remove("leads", request.param("id"));
    Ok(Reply::json(200, json!({"message": "Lead deleted successfully."})))
}

/// Columns are compared, whatever isn't a column is ignored; the newest first, ten to a page.
fn page(records: Vec<Value>, request: &Request, columns: &[&str]) -> Reply {
    let passes = |record: &Value| {
        columns.iter().all(|column| {
            let wanted = request.query(column);
            let has = record[column].as_str().map_or_else(|| record[column].to_string(), str::to_owned);
            wanted.is_empty() || wanted.split(',').any(|one| one.trim() == has)
        })
    };
    let found: Vec<Value> = records.into_iter().filter(passes).collect();
    let (total, limit) = (found.len(), request.query("limit").parse().unwrap_or(10));
    let data: Vec<Value> = found.into_iter().rev().take(limit).collect();
    Reply::json(200, json!({"data": data, "meta": {"current_page": 1, "per_page": limit, "total": total}}))
}

fn list_leads(book: &mut Book, request: &Request) -> Outcome {
    let all = book.all("leads").map(|lead| show_lead(book, lead)).collect();
    Ok(page(all, request, &["id", "title", "description", "status", "lead_source_id", "person_id"]))
}

fn list_persons(book: &mut Book, request: &Request) -> Outcome {
    Ok(page(book.all("persons").map(show).collect(), request, &["id", "name", "unique_id"]))
}

/// The columns that a search of leads may look at.
const LEAD: &[&str] = &[
    "title",
    "lead_value",
    "status",
    "user_id",
    "person_id",
    "lead_source_id",
    "lead_type_id",
    "lead_pipeline_id",
    "lead_pipeline_stage_id",
];

fn search_leads(book: &mut Book, request: &Request) -> Outcome {
    let row = |lead: &Record| {
        let mut row = show_lead(book, lead);
        row["person_id"] = row["person"]["id"].clone();
        row
    };
    search(book.all("leads").map(row).collect(), request, LEAD)
}

fn search_persons(book: &mut Book, request: &Request) -> Outcome {
    let columns = ["name", "emails", "contact_numbers", "organization_id", "job_title", "user_id"];
    search(book.all("persons").map(show).collect(), request, &columns)
}

/// `search=column:term&searchFields=column:like`; without `searchFields` a column must equal the term. A list is
/// compared as its JSON. Whatever follows a further colon or semicolon is ignored.
fn search(records: Vec<Value>, request: &Request, columns: &[&str]) -> Outcome {
    let (search, fields) = (request.query("search"), request.query("searchFields"));
    let (column, term) = search.split_once(':').unwrap_or_default();
    let term = term.split([':', ';']).next().unwrap_or_default().replace("\\_", "_");
    let (field, condition) = fields.split_once(':').unwrap_or((&fields, "="));
    if !columns.contains(&column) || !(field.is_empty() || field == column) {
        return Err(broken(&format!("Fields are not accepted: {column} {field}")));
    }
    let passes = |record: &Value| {
        let has = written(&record[column]);
        if condition == "like" { has.contains(&term) } else { has == term }
    };
    let limit = request.query("limit").parse().unwrap_or(10);
    let found: Vec<Value> = records.into_iter().filter(passes).take(limit).collect();
    Ok(Reply::json(200, json!({"data": found})))
}

fn check_activity(book: &Book, request: &Request, given: &Map<String, Value>) -> Result<(), Reply> {
    let kind = said(given, "type");
    if !given.get("type").is_some_and(|kind| one_of(kind, &["note", "call", "meeting", "lunch", "file"])) {
        return Err(invalid(request, "type", "is required"));
    }
    let needed: &[&str] = if kind == "note" { &["comment"] } else { &["schedule_from", "schedule_to"] };
    if let Some(field) = needed.iter().find(|name| !given.get(**name).is_some_and(filled)) {
        return Err(invalid(request, field, "is required"));
    }
    if let Some(field) = ["schedule_from", "schedule_to"]
        .iter()
        .find(|name| given.get(**name).is_some_and(|time| !stamp(time)))
    {
        return Err(broken(&format!("Invalid datetime format: {field}")));
    }
    let lead = given.get("lead_id").cloned().unwrap_or_default();
    if !lead.is_null() && (!integer(&lead) || book.get("leads", &lead.to_string()).is_none()) {
        return Err(broken("Integrity constraint violation: lead_activities.lead_id"));
    }
    Ok(())
}

/// Whether a meeting is at the time of another activity of one of its participants; of any, if it names none.
fn overlaps(book: &Book, given: &Map<String, Value>) -> bool {
    let (from, to) = (said(given, "schedule_from"), said(given, "schedule_to"));
    let participants = |fields: &Map<String, Value>| {
        let named = fields.get("participants").filter(|named| !named.is_null());
        named.map(|named| named["persons"].as_array().cloned().unwrap_or_default())
    };
    let mine = participants(given);
    let together = |other: &Record| {
        let others = participants(&other.fields).unwrap_or_default();
        mine.as_ref().is_none_or(|mine| mine.iter().any(|person| others.contains(person)))
    };
    let at_the_time = |other: &Record| {
        let (start, end) = (other.text("schedule_from"), other.text("schedule_to"));
        !start.is_empty() && start <= to && end >= from
    };
    book.all("activities").any(|other| at_the_time(other) && together(other))
}

fn create_activity(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    check_activity(book, request, &given)?;
    if said(&given, "type") == "meeting" && overlaps(book, &given) {
        return Err(Reply::json(
            400,
            json!({"message": "The duration is overlapping with another activity."}),
        ));
    }
    let lead = given.get("lead_id").map(Value::to_string);
    let number = book.number();
    let id = book.add("activities", number, given);
    if let Some(lead) = lead {
        book.link(("activities", &id), ("leads", &lead));
    }
    Ok(done(
        show_activity(book.get("activities", &id).expect("just added")),
        "Activity created successfully.",
    ))
}

/// Without its lead: the answer doesn't have it.
fn show_activity(record: &Record) -> Value {
    let mut body = show(record);
    if let Some(body) = body.as_object_mut() {
        body.remove("lead_id");
    }
    body
}

fn list_activities(book: &mut Book, request: &Request) -> Outcome {
    let all = book.all("activities").map(show_activity).collect();
    Ok(page(all, request, &["id", "title", "type", "comment", "schedule_from"]))
}

fn lead_activities(book: &mut Book, request: &Request) -> Outcome {
    let lead = find(book, "leads", request)?;
    let linked = lead.links.iter().rev().filter(|(kind, _)| kind == "activities");
    let found: Vec<Value> = linked.filter_map(|(kind, id)| book.get(kind, id)).map(show_activity).collect();
    Ok(Reply::json(200, json!({"data": found})))
}

fn read_activity(book: &mut Book, request: &Request) -> Outcome {
    find(book, "activities", request).map(|record| Reply::json(200, json!({"data": show_activity(record)})))
}

fn change_activity(book: &mut Book, request: &Request) -> Outcome {
    let record = find(book, "activities", request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    whole.extend(request.object());
    check_activity(book, request, &whole)?;
    book.update("activities", &id, request.object());
    read_activity(book, request)
}

fn remove_activity(book: &mut Book, request: &Request) -> Outcome {
    find(book, "activities", request)?;
    book.remove("activities", request.param("id"));
    Ok(Reply::json(200, json!({"message": "Activity deleted successfully."})))
}

fn fact(book: &Book, record: &Record) -> Option<Fact> {
    let id = record.id.clone();
    let person = record.linked("leads").to_owned();
    match (record.kind.as_str(), record.text("type")) {
        ("leads", _) => {
            let body = show_lead(book, record);
            let first = |name: &str| values(&body["person"], name).into_iter().next().unwrap_or_default();
            Some(Fact::Person(Person { id, email: first("emails"), phone: first("contact_numbers") }))
        }
        ("activities", "meeting") => Some(Fact::Meeting(Meeting {
            id,
            person,
            start: from_zone(record.text("schedule_from"), CRM.secrets[2].1),
            end: from_zone(record.text("schedule_to"), CRM.secrets[2].1),
            cancelled: false,
        })),
        ("activities", _) => Some(Fact::Note(Note { id, person, text: record.text("comment").to_owned() })),
        _ => None,
    }
}
