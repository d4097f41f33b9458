//! Salesforce, REST API v60 and later.
//!
//! From its documentation: the token's answer with `instance_url` and without `expires_in`, upsert by external id and
//! its statuses, composite requests, the header of duplicate rules, errors as arrays, 403 `REQUEST_LIMIT_EXCEEDED`, and
//! from its SOQL reference: what a query looks like.
//! From general knowledge: the sentences, the bodies of Task, Event and ContentNote, 400 `DUPLICATES_DETECTED`, that
//! long texts cannot be filtered by, and what is required.

use std::time::Duration;

use axum::Router;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, boolean, check, date, email, filled, from_instant, has, instant, integer, may, must,
    said, text,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, patch, post};
use super::filter::{Condition, Kind, Language, Refusal, written};

pub const CRM: Crm = Crm {
    name: "salesforce",
    secrets: &[("client_id", "3MVG9example.consumer.key"), ("client_secret", "E4F2EXAMPLE5SECRET")],
    open: &["/services/oauth2/token"],
    auth,
    routes,
    fault: |status, message| error(status, "NOT_FOUND", message),
    limited: || error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    fact,
};

const PERSON: &[Field] = &[
    must("LastName", filled),
    may("FirstName", text),
    may("Salutation", text),
    may("Company", filled),
    may("Email", email),
    may("Phone", text),
    may("MobilePhone", text),
    may("Title", text),
    may("Website", text),
    may("LeadSource", text),
    may("Status", text),
    may("Rating", text),
    may("Description", text),
    may("City", text),
    may("Country", text),
    may("OwnerId", text),
    may("HasOptedOutOfEmail", boolean),
];

const TASK: &[Field] = &[
    may("WhoId", text),
    may("WhatId", text),
    may("Subject", text),
    may("Description", text),
    may("Status", text),
    may("Priority", text),
    may("ActivityDate", date),
    may("Type", text),
    may("TaskSubtype", text),
    may("OwnerId", text),
];

const EVENT: &[Field] = &[
    must("StartDateTime", instant),
    must("EndDateTime", instant),
    may("WhoId", text),
    may("WhatId", text),
    may("Subject", text),
    may("Description", text),
    may("Location", text),
    may("DurationInMinutes", integer),
    may("ShowAs", text),
    may("OwnerId", text),
];

const NOTE: &[Field] = &[must("Title", filled), must("Content", |value| decoded(value).is_some())];
const LINK: &[Field] = &[
    must("ContentDocumentId", text),
    must("LinkedEntityId", text),
    may("ShareType", text),
    may("Visibility", any),
];

fn routes() -> Router<Fake> {
    let objects = "/services/data/{version}/sobjects/{kind}";
    Router::new()
        .route("/services/oauth2/token", post(token))
        .route(objects, post(create))
        .route(&format!("{objects}/{{id}}"), get(read))
        .route(&format!("{objects}/{{id}}"), patch(change))
        .route(&format!("{objects}/{{id}}"), delete(remove))
        .route(&format!("{objects}/{{key}}/{{value}}"), get(read))
        .route(&format!("{objects}/{{key}}/{{value}}"), patch(upsert))
        .route("/services/data/{version}/composite", post(composite))
        .route("/services/data/{version}/query", get(query))
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, json!([{"message": message, "errorCode": code}]))
}

fn token(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    let refuse = |error: &str| Reply::json(400, json!({"error": error, "error_description": error}));
    if request.media_type() != "application/x-www-form-urlencoded" || !is("grant_type", "client_credentials")
    {
        return Err(refuse("unsupported_grant_type"));
    }
    if !is("client_id", CRM.secrets[0].1) || !is("client_secret", CRM.secrets[1].1) {
        return Err(refuse("invalid_client"));
    }
    let token = book.mint(Duration::from_secs(7200));
    Ok(Reply::json(
        200,
        json!({"access_token": token, "instance_url": book.url, "id": format!("{}/id/00D/005", book.url),
            "token_type": "Bearer", "issued_at": "1795420800000", "signature": "c2lnbmF0dXJl"}),
    ))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.credentials("Bearer") {
        Some(token) if book.is_live(token) => Ok(()),
        _ => Err(error(401, "INVALID_SESSION_ID", "Session expired or invalid")),
    }
}

/// A type's fields and how its ids begin.
fn kind(kind: &str) -> Result<(&'static [Field], &'static str), Reply> {
    match kind {
        "Lead" => Ok((PERSON, "00Q")),
        "Contact" => Ok((PERSON, "003")),
        "Task" => Ok((TASK, "00T")),
        "Event" => Ok((EVENT, "00U")),
        "ContentNote" => Ok((NOTE, "069")),
        "ContentDocumentLink" => Ok((LINK, "06A")),
        _ => Err(error(404, "NOT_FOUND", "The requested resource does not exist")),
    }
}

fn decoded(value: &Value) -> Option<String> {
    String::from_utf8(BASE64_STANDARD.decode(value.as_str()?).ok()?).ok()
}

fn validate(
    book: &Book,
    name: &str,
    given: &Map<String, Value>,
    whole: &Map<String, Value>,
) -> Result<(), Reply> {
    let (fields, _) = kind(name)?;
    let fault = match check(fields, whole, &book.custom) {
        Ok(()) if name == "Lead" && said(whole, "Company").is_empty() => {
            Err(Fault::Missing("Company".to_owned()))
        }
        other => other,
    };
    fault.map_err(|fault| match fault {
        Fault::Missing(field) => {
            let message = format!("Required fields are missing: [{field}]");
            Reply::json(
                400,
                json!([{"message": message, "errorCode": "REQUIRED_FIELD_MISSING", "fields": [field]}]),
            )
        }
        Fault::Unknown(field) => {
            error(400, "INVALID_FIELD", &format!("No such column '{field}' on sobject of type {name}"))
        }
        Fault::Wrong(field) if field == "Email" => {
            let message = format!("Email: invalid email address: {}", whole[&field]);
            Reply::json(
                400,
                json!([{"message": message, "errorCode": "INVALID_EMAIL_ADDRESS", "fields": [field]}]),
            )
        }
        Fault::Wrong(field) => error(400, "JSON_PARSER_ERROR", &format!("Cannot deserialize {field}")),
    })?;
    for reference in ["WhoId", "WhatId", "LinkedEntityId", "ContentDocumentId"] {
        let id = said(given, reference);
        if !id.is_empty() && !book.records().iter().any(|record| record.id == id) {
            return Err(error(
                400,
                "INVALID_CROSS_REFERENCE_KEY",
                &format!("invalid cross reference id: {id}"),
            ));
        }
    }
    Ok(())
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    store(book, request.param("kind"), request.object(), request.header("sforce-duplicate-rule-header"))
}

/// Stores a new record, unless the rule against duplicates hinders it.
fn store(book: &mut Book, name: &str, given: Map<String, Value>, rule: &str) -> Outcome {
    let (_, prefix) = kind(name)?;
    validate(book, name, &given, &given)?;
    let address = said(&given, "Email");
    let same = |record: &&Record| !address.is_empty() && record.text("Email").eq_ignore_ascii_case(address);
    if let Some(found) =
        book.all(name).find(same).filter(|_| !rule.replace(' ', "").contains("allowSave=true"))
    {
        let matches = json!([{"matchRecords": [{"record": {"Id": found.id}}]}]);
        let body = json!([{"errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?",
            "duplicateResult": {"allowSave": true, "matchResults": matches}}]);
        return Err(Reply::json(400, body).expected());
    }
    let id = format!("{prefix}5g000000{:04}AAA", book.number());
    book.add(name, &id, given);
    Ok(Reply::json(201, json!({"id": id, "success": true, "errors": []})))
}

/// A record by its id, or by a field that is unique.
fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let name = request.param("kind");
    kind(name)?;
    let missing = || error(404, "NOT_FOUND", "The requested resource does not exist");
    if let Some(id) = request.params.get("id") {
        return book.get(name, id).ok_or_else(missing);
    }
    let (key, value) = (request.param("key"), request.param("value"));
    book.all(name).find(|record| record.text(key) == value).ok_or_else(|| missing().expected())
}

/// The whole record, or what `fields` asks for.
fn read(book: &mut Book, request: &Request) -> Outcome {
    let record = find(book, request)?;
    let wanted = request.query("fields");
    let wanted: Vec<&str> = wanted.split(',').filter(|field| !field.is_empty()).collect();
    known(book, &record.kind, &wanted)?;
    Ok(Reply::json(200, show(record, &wanted)))
}

/// Refuses fields that a type doesn't have.
fn known(book: &Book, name: &str, fields: &[&str]) -> Result<(), Reply> {
    match fields.iter().find(|field| column(book, name, field).is_none()) {
        Some(field) => {
            let message = format!("No such column '{field}' on entity '{name}'.");
            Err(error(400, "INVALID_FIELD", &message))
        }
        None => Ok(()),
    }
}

/// What a field of a type holds, if the type has it.
fn column(book: &Book, name: &str, field: &str) -> Option<Kind> {
    match (name, field) {
        (_, "CreatedDate" | "LastModifiedDate" | "SystemModstamp") => Some(Kind::Instant),
        ("Event", "StartDateTime" | "EndDateTime") => Some(Kind::Instant),
        (_, "IsDeleted") | ("Lead", "IsConverted") => Some(Kind::Boolean),
        ("Lead" | "Contact", "HasOptedOutOfEmail") => Some(Kind::Boolean),
        (_, "Id") | ("Lead", "ConvertedContactId") => Some(Kind::Text),
        _ => {
            let (fields, _) = kind(name).ok()?;
            has(fields, field, &book.custom).then_some(Kind::Text)
        }
    }
}

/// Everything, or the fields that are asked for.
fn show(record: &Record, fields: &[&str]) -> Value {
    let mut body = whole(record);
    body.retain(|name, _| fields.is_empty() || fields.contains(&name.as_str()));
    body.insert("Id".to_owned(), json!(record.id));
    body.insert("attributes".to_owned(), json!({"type": record.kind}));
    Value::Object(body)
}

/// With what Salesforce adds.
fn whole(record: &Record) -> Map<String, Value> {
    let mut body = record.fields.clone();
    let created = json!(record.created.to_string());
    body.extend([
        ("Id".to_owned(), json!(record.id)),
        ("CreatedDate".to_owned(), created.clone()),
        ("LastModifiedDate".to_owned(), created.clone()),
        ("SystemModstamp".to_owned(), created),
        ("IsDeleted".to_owned(), json!(false)),
    ]);
    if record.kind == "Lead" {
        body.entry("IsConverted").or_insert(json!(false));
        body.entry("ConvertedContactId").or_insert(Value::Null);
    }
    body
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let record = find(book, request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    whole.extend(request.object());
    validate(book, request.param("kind"), &request.object(), &whole)?;
    book.update(request.param("kind"), &id, request.object());
    Ok(Reply::text(204, ""))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    find(book, request)?;
    book.remove(request.param("kind"), request.param("id"));
    Ok(Reply::text(204, ""))
}

fn upsert(book: &mut Book, request: &Request) -> Outcome {
    let (name, key, value) = (request.param("kind"), request.param("key"), request.param("value"));
    let mut given = request.object();
    if !book.custom.contains(key) {
        return Err(error(404, "NOT_FOUND", &format!("Provided external ID field does not exist: {key}")));
    }
    if given.contains_key(key) {
        return Err(error(
            400,
            "INVALID_FIELD",
            &format!("The {key} field should not be specified in the sobject data."),
        ));
    }
    if let Ok(record) = find(book, request) {
        let (id, mut whole) = (record.id.clone(), record.fields.clone());
        whole.extend(given.clone());
        validate(book, name, &given, &whole)?;
        book.update(name, &id, given);
        return Ok(Reply::json(200, json!({"id": id, "success": true, "errors": [], "created": false})));
    }
    given.insert(key.to_owned(), json!(value));
    let created = store(book, name, given, request.header("sforce-duplicate-rule-header"))?;
    let mut body: Value = serde_json::from_slice(&created.body).expect("our own JSON");
    body["created"] = json!(true);
    Ok(Reply::json(201, body))
}

/// Up to 25 creations and upserts in one; HTTP 200 whatever became of them.
fn composite(book: &mut Book, request: &Request) -> Outcome {
    let body = request.json();
    let parts = body["compositeRequest"].as_array().filter(|parts| parts.len() <= 25);
    let parts =
        parts.ok_or_else(|| error(400, "JSON_PARSER_ERROR", "compositeRequest must have 1 to 25 members"))?;
    let mut answers: Vec<Value> = Vec::new();
    let mut complaint = false;
    for part in parts {
        let mut text = part.to_string();
        for answer in &answers {
            let reference = format!("@{{{}.id}}", answer["referenceId"].as_str().unwrap_or_default());
            text = text.replace(&reference, answer["body"]["id"].as_str().unwrap_or(&reference));
        }
        let part: Value = serde_json::from_str(&text).expect("our own JSON");
        let reply = subrequest(book, request, &part).unwrap_or_else(|refusal| refusal);
        complaint |= matches!(reply.status, 400 | 404 | 405)
            && !String::from_utf8_lossy(&reply.body).contains("DUPLICATES");
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        answers.push(json!({"body": body, "httpHeaders": {}, "httpStatusCode": reply.status, "referenceId": part["referenceId"]}));
    }
    let reply = Reply::json(200, json!({"compositeResponse": answers}));
    Ok(if complaint { reply.complaining() } else { reply })
}

fn subrequest(book: &mut Book, request: &Request, part: &Value) -> Outcome {
    let path = part["url"].as_str().unwrap_or_default();
    let names: Vec<&str> = path.trim_start_matches('/').split('/').skip(4).collect();
    let params: Vec<(&str, &str)> = match names.as_slice() {
        [kind] => vec![("kind", kind)],
        [kind, id] => vec![("kind", kind), ("id", id)],
        [kind, key, value] => vec![("kind", kind), ("key", key), ("value", value)],
        _ => return Err(error(404, "NOT_FOUND", "The requested resource does not exist")),
    };
    let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let inner = Request { body: part["body"].to_string().into(), params, ..request.clone() };
    match (part["method"].as_str(), names.len()) {
        (Some("POST"), 1) => create(book, &inner),
        (Some("PATCH"), 2) => change(book, &inner),
        (Some("PATCH"), 3) => upsert(book, &inner),
        (Some("GET"), 2 | 3) => read(book, &inner),
        _ => Err(error(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed")),
    }
}

/// `SELECT a, b FROM Kind [WHERE condition] [ORDER BY c [ASC|DESC]] [LIMIT n]`
fn query(book: &mut Book, request: &Request) -> Outcome {
    let soql = request.query("q");
    let malformed = || error(400, "MALFORMED_QUERY", &format!("unexpected token in: {soql}"));
    let (fields, rest) =
        soql.strip_prefix("SELECT ").and_then(|rest| rest.split_once(" FROM ")).ok_or_else(malformed)?;
    let (rest, limit) = rest.rsplit_once(" LIMIT ").unwrap_or((rest, "2000"));
    let (rest, order) = rest.rsplit_once(" ORDER BY ").unwrap_or((rest, "CreatedDate"));
    let (name, condition) = rest.split_once(" WHERE ").unwrap_or((rest, ""));
    let (name, order) = (name.trim(), order.split_whitespace().collect::<Vec<_>>());
    let limit = limit.trim().parse().map_err(|_| malformed())?;
    let fields: Vec<&str> = fields.split(',').map(str::trim).collect();
    let (by, descending) = match order.as_slice() {
        [by] | [by, "ASC"] => (*by, false),
        [by, "DESC"] => (*by, true),
        _ => return Err(malformed()),
    };
    kind(name)?;
    known(book, name, &fields)?;
    known(book, name, &[by])?;
    // Long texts are shown, but nothing is found by them.
    let filterable = |field: &str| if field == "Description" { None } else { column(book, name, field) };
    let condition =
        Condition::read(condition, Language::Soql, &filterable).map_err(|refusal| match refusal {
            Refusal::Malformed => malformed(),
            Refusal::Unknown(field) => {
                error(400, "INVALID_FIELD", &format!("field '{field}' can not be filtered in a query call"))
            }
            Refusal::Mistyped(field) => error(
                400,
                "INVALID_FIELD",
                &format!("value of filter criterion for field '{field}' has the wrong type"),
            ),
        })?;
    let mut found: Vec<&Record> =
        book.all(name).filter(|record| condition.holds(&Value::Object(whole(record)))).collect();
    found.sort_by_key(|record| whole(record).get(by).map(written));
    if descending {
        found.reverse();
    }
    let found: Vec<Value> = found.into_iter().take(limit).map(|record| show(record, &fields)).collect();
    Ok(Reply::json(200, json!({"totalSize": found.len(), "done": true, "records": found})))
}

fn fact(book: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    match record.kind.as_str() {
        "Lead" | "Contact" => {
            let phone = if text("Phone").is_empty() { text("MobilePhone") } else { text("Phone") };
            Some(Fact::Person(Person { id, email: text("Email"), phone }))
        }
        "Task" => Some(Fact::Note(Note { id, person: text("WhoId"), text: text("Description") })),
        "ContentNote" => {
            let link = book.all("ContentDocumentLink").find(|link| link.text("ContentDocumentId") == id);
            let person = link.map_or(String::new(), |link| link.text("LinkedEntityId").to_owned());
            Some(Fact::Note(Note {
                id,
                person,
                text: decoded(&record.fields["Content"]).unwrap_or_default(),
            }))
        }
        "Event" => Some(Fact::Meeting(Meeting {
            id,
            person: text("WhoId"),
            start: from_instant(record.text("StartDateTime")),
            end: from_instant(record.text("EndDateTime")),
            cancelled: false,
        })),
        _ => None,
    }
}
