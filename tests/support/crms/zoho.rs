//! Zoho CRM, v8.
//!
//! From its documentation: the token's answer with `api_domain`, ten tokens in ten minutes, `Zoho-oauthtoken`, paths,
//! bodies, `duplicate_check_fields`. From general knowledge: per-record codes inside a 2xx answer and where they stand,
//! 204 for nothing found, that an offset is wanted in times, and that unknown fields are ignored. E-mail addresses are
//! unique here, which an owner sets.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, check_known, email, filled, from_instant, instant, list, may, must, object, said, text,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, post, put};

pub const CRM: Crm = Crm {
    name: "zoho",
    secrets: &[
        ("client_id", "1000.EXAMPLECLIENT"),
        ("client_secret", "f00dexample"),
        ("refresh_token", "1000.refresh.example"),
    ],
    open: &["/oauth/v2/token"],
    auth,
    routes,
    fault: |status, message| error(status, "INVALID_URL_PATTERN", message),
    limited: || error(429, "TOO_MANY_REQUESTS", "You have exceeded the number of requests allowed"),
    fact,
};

const PERSON: &[Field] = &[
    must("Last_Name", |value| filled(value) && value.as_str().is_some_and(|text| text.chars().count() <= 80)),
    may("First_Name", text),
    may("Company", text),
    may("Email", email),
    may("Phone", |value| {
        value.as_str().is_some_and(|text| {
            text.len() <= 30 && text.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c))
        })
    }),
    may("Mobile", text),
    may("Description", text),
    may("Lead_Source", text),
    may("Lead_Status", text),
];

const NOTE: &[Field] =
    &[may("Note_Title", text), must("Note_Content", filled), may("Parent_Id", any), may("se_module", text)];

const EVENT: &[Field] = &[
    must("Event_Title", filled),
    must("Start_DateTime", offset),
    must("End_DateTime", offset),
    may("Who_Id", object),
    may("What_Id", object),
    may("$se_module", text),
    may("Participants", list),
    may("Description", text),
];

fn routes() -> Router<Fake> {
    Router::new()
        .route("/oauth/v2/token", post(token))
        .route("/crm/v8/{kind}", post(create))
        .route("/crm/v8/{kind}/upsert", post(upsert))
        .route("/crm/v8/{kind}/search", get(search))
        .route("/crm/v8/{kind}/{id}", get(read))
        .route("/crm/v8/{kind}/{id}", put(change))
        .route("/crm/v8/{kind}/{id}", delete(remove))
        .route("/crm/v8/{kind}/{id}/Notes", post(add_notes))
        .route("/crm/v8/{kind}/{id}/Notes", get(notes))
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, json!({"code": code, "details": {}, "message": message, "status": "error"}))
}

fn token(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    let given = |name: &str| form.get(name).cloned().unwrap_or_else(|| request.query(name));
    let wrong = CRM.secrets.iter().find(|(name, value)| given(name) != *value);
    if given("grant_type") != "refresh_token" || wrong.is_some() {
        let error = wrong.map_or("unsupported_grant_type", |(name, _)| {
            if *name == "refresh_token" { "invalid_code" } else { "invalid_client" }
        });
        return Err(Reply::json(200, json!({"error": error})).complaining());
    }
    let recent = book.minted.iter().filter(|at| at.elapsed() < Duration::from_secs(600)).count();
    if recent >= 10 {
        let message = "You have made too many requests continuously. Please try again after some time.";
        return Err(Reply::json(
            400,
            json!({"error_description": message, "error": "Access Denied", "status": "failure"}),
        ));
    }
    let token = book.mint(Duration::from_secs(3600));
    Ok(Reply::json(
        200,
        json!({"access_token": token, "scope": "ZohoCRM.modules.ALL", "api_domain": book.url, "token_type": "Bearer", "expires_in": 3600}),
    ))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.credentials("Zoho-oauthtoken") {
        Some(token) if book.is_live(token) => Ok(()),
        Some(_) => Err(error(401, "INVALID_TOKEN", "invalid oauth token")),
        None => Err(error(401, "AUTHENTICATION_FAILURE", "Authentication failed")),
    }
}

/// `2026-11-23T10:00:00+00:00`, no `Z`, no fraction.
fn offset(value: &Value) -> bool {
    instant(value) && value.as_str().is_some_and(|text| text.len() == 25)
}

fn kind(request: &Request) -> Result<(&str, &'static [Field]), Reply> {
    match request.param("kind") {
        kind @ ("Leads" | "Contacts") => Ok((kind, PERSON)),
        kind @ "Notes" => Ok((kind, NOTE)),
        kind @ "Events" => Ok((kind, EVENT)),
        _ => Err(error(400, "INVALID_MODULE", "the module name given seems to be invalid")),
    }
}

/// The records that were sent, at most a hundred.
fn rows(request: &Request) -> Result<Vec<Map<String, Value>>, Reply> {
    let body = request.json();
    let rows = body["data"].as_array().filter(|rows| (1..=100).contains(&rows.len()));
    let rows = rows.and_then(|rows| rows.iter().map(|row| row.as_object().cloned()).collect());
    rows.ok_or_else(|| error(400, "INVALID_DATA", "data must be an array of 1 to 100 objects"))
}

/// What is wrong with a record, as it stands in the answer.
fn refusal(book: &Book, fields: &[Field], row: &Map<String, Value>) -> Option<Value> {
    let refuse = |code: &str, message: &str, details: Value| {
        Some(json!({"code": code, "details": details, "message": message, "status": "error"}))
    };
    match check_known(fields, row) {
        Err(Fault::Missing(field)) => {
            let path = format!("$.data[0].{field}");
            return refuse(
                "MANDATORY_NOT_FOUND",
                "required field not found",
                json!({"api_name": field, "json_path": path}),
            );
        }
        Err(fault) => return refuse("INVALID_DATA", "invalid data", json!({"api_name": fault.field()})),
        Ok(()) => {}
    }
    for reference in ["What_Id", "Who_Id", "Parent_Id"] {
        let id = owner(row, reference);
        if !id.is_empty() && !book.records().iter().any(|record| record.id == id) {
            return refuse(
                "INVALID_DATA",
                "the id given seems to be invalid",
                json!({"api_name": reference}),
            );
        }
    }
    if row.contains_key("What_Id") && said(row, "$se_module").is_empty() {
        return refuse(
            "DEPENDENT_FIELD_MISSING",
            "required field not found",
            json!({"api_name": "$se_module"}),
        );
    }
    None
}

fn owner(row: &Map<String, Value>, reference: &str) -> String {
    let id = row.get(reference).map(|value| value["id"].as_str().or(value.as_str()).unwrap_or_default());
    id.unwrap_or_default().to_owned()
}

fn success(id: &str, action: Option<&str>) -> Value {
    let mut body =
        json!({"code": "SUCCESS", "details": {"id": id}, "message": "record added", "status": "success"});
    if let Some(action) = action {
        body["action"] = json!(action);
        body["duplicate_field"] = if action == "update" { json!("Email") } else { Value::Null };
    }
    body
}

/// All records' answers; the status tells whether all, some or none were taken.
fn answer(results: Vec<Value>, taken: u16) -> Reply {
    let refused = results.iter().filter(|result| result["status"] == "error").count();
    let malformed =
        results.iter().any(|result| result["status"] == "error" && result["code"] != "DUPLICATE_DATA");
    let status = if refused == 0 {
        taken
    } else if refused == results.len() {
        202
    } else {
        207
    };
    let reply = Reply::json(status, json!({"data": results}));
    if malformed { reply.complaining() } else { reply }
}

fn same<'a>(book: &'a Book, kind: &str, field: &str, value: &str) -> Option<&'a Record> {
    book.all(kind).find(|record| !value.is_empty() && record.text(field).eq_ignore_ascii_case(value))
}

fn insert(book: &mut Book, kind: &str, row: Map<String, Value>) -> String {
    let id = format!("5725767{:012}", book.number());
    book.add(kind, id, row)
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let mut results = Vec::new();
    for row in rows(request)? {
        let duplicate = same(book, kind, "Email", said(&row, "Email")).map(|record| record.id.clone());
        results.push(match (refusal(book, fields, &row), duplicate) {
            (Some(refusal), _) => refusal,
            (None, Some(id)) => json!({"code": "DUPLICATE_DATA", "details": {"api_name": "Email", "id": id},
                "message": "duplicate data", "status": "error"}),
            (None, None) if kind == "Notes" && owner(&row, "Parent_Id").is_empty() => {
                json!({"code": "MANDATORY_NOT_FOUND", "details": {"api_name": "Parent_Id"}, "message": "required field not found", "status": "error"})
            }
            (None, None) => success(&insert(book, kind, row), None),
        });
    }
    Ok(answer(results, 201))
}

fn upsert(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let keys = request.json()["duplicate_check_fields"].clone();
    let keys: Vec<String> = serde_json::from_value(keys).unwrap_or_else(|_| vec!["Email".to_owned()]);
    let mut results = Vec::new();
    for row in rows(request)? {
        if let Some(refusal) = refusal(book, fields, &row) {
            results.push(refusal);
            continue;
        }
        let found = keys
            .iter()
            .find_map(|key| same(book, kind, key, said(&row, key)))
            .map(|record| record.id.clone());
        results.push(match found {
            Some(id) => {
                book.update(kind, &id, row);
                success(&id, Some("update"))
            }
            None => success(&insert(book, kind, row), Some("insert")),
        });
    }
    Ok(answer(results, 200))
}

fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let (kind, _) = kind(request)?;
    book.get(kind, request.param("id"))
        .ok_or_else(|| error(404, "INVALID_DATA", "the id given seems to be invalid"))
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("id".to_owned(), json!(record.id));
    body.insert("Created_Time".to_owned(), json!(record.created.to_string()));
    Value::Object(body)
}

/// A page of records, or 204 for none.
fn page(found: Vec<Value>) -> Reply {
    if found.is_empty() {
        return Reply::text(204, "");
    }
    let count = found.len();
    Reply::json(
        200,
        json!({"data": found, "info": {"per_page": 200, "count": count, "page": 1, "more_records": false}}),
    )
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    find(book, request).map(|record| page(vec![show(record)]))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let record = find(book, request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    let row = rows(request)?.remove(0);
    whole.extend(row.clone());
    let refused = refusal(book, fields, &whole);
    if refused.is_none() {
        book.update(kind, &id, row);
    }
    Ok(answer(vec![refused.unwrap_or_else(|| success(&id, None))], 200))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    find(book, request)?;
    book.remove(kind, request.param("id"));
    Ok(answer(vec![success(request.param("id"), None)], 200))
}

/// By `email`, `phone`, `word` or `criteria=(Field:equals:value)`.
fn search(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    let (email, phone, word) = (request.query("email"), request.query("phone"), request.query("word"));
    let criteria = request.query("criteria");
    let mut parts = criteria.trim_matches(['(', ')']).splitn(3, ':');
    let (field, operator, value) =
        (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    if [&email, &phone, &word, &criteria].iter().all(|text| text.is_empty())
        || !matches!(operator, None | Some("equals" | "starts_with"))
    {
        return Err(error(400, "INVALID_QUERY", "Invalid query formed"));
    }
    let any = |record: &Record| {
        record.fields.values().any(|value| value.as_str().is_some_and(|text| text.contains(&word)))
    };
    let passes = |record: &&Record| {
        (email.is_empty() || record.text("Email").eq_ignore_ascii_case(&email))
            && (phone.is_empty() || record.text("Phone") == phone || record.text("Mobile") == phone)
            && (word.is_empty() || any(record))
            && match operator {
                Some("equals") => record.text(field).eq_ignore_ascii_case(value),
                Some(_) => record.text(field).starts_with(value),
                None => true,
            }
    };
    Ok(page(book.indexed(kind).filter(passes).map(show).collect()))
}

fn add_notes(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, request)?.id.clone();
    let mut results = Vec::new();
    for mut row in rows(request)? {
        row.insert("Parent_Id".to_owned(), json!({"id": id, "module": {"api_name": request.param("kind")}}));
        results.push(refusal(book, NOTE, &row).unwrap_or_else(|| success(&insert(book, "Notes", row), None)));
    }
    Ok(answer(results, 201))
}

fn notes(book: &mut Book, request: &Request) -> Outcome {
    let id = find(book, request)?.id.clone();
    Ok(page(book.all("Notes").filter(|note| owner(&note.fields, "Parent_Id") == id).map(show).collect()))
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    Some(match record.kind.as_str() {
        "Notes" => {
            Fact::Note(Note { id, person: owner(&record.fields, "Parent_Id"), text: text("Note_Content") })
        }
        "Events" => Fact::Meeting(Meeting {
            id,
            person: ["What_Id", "Who_Id"]
                .map(|name| owner(&record.fields, name))
                .into_iter()
                .find(|id| !id.is_empty())
                .unwrap_or_default(),
            start: from_instant(record.text("Start_DateTime")),
            end: from_instant(record.text("End_DateTime")),
            cancelled: false,
        }),
        _ => {
            let phone = if text("Phone").is_empty() { text("Mobile") } else { text("Phone") };
            Fact::Person(Person { id, email: text("Email"), phone })
        }
    })
}
