//! Frappe, with Frappe CRM's leads and ERPNext's.
//!
//! From the source of Frappe CRM: the fields of a lead and a note, that a lead needs a name, an organisation or an
//! e-mail address. From its documentation: paths and the `token` header. From a skill page: 409, 417, 429. From general
//! knowledge: the error body, which link values exist, that phone numbers are checked with their country's code, that a
//! date with `T` or `Z` is refused by the database, and that unknown fields are ignored. Times are in the site's zone.

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, check_known, email, filled, from_zone, has, list, may, must, one_of, phone, said,
    stamp, text,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, post, put};

pub const CRM: Crm = Crm {
    name: "frappe",
    secrets: &[
        ("api_key", "4e3f8a7b6c5d2e1"),
        ("api_secret", "9c8b7a6f5e4d3c2"),
        ("time_zone", "Asia/Shanghai"),
    ],
    open: &[],
    auth,
    routes,
    fault: |status, message| exception(status, "DoesNotExistError", message),
    limited: || exception(429, "RateLimitExceededError", "Too many requests").with("retry-after", "2"),
    fact,
};

/// The same with another connector: its leads are of another type.
pub const ERPNEXT: Crm = Crm { name: "erpnext", ..CRM };

const LEAD: &[Field] = &[
    may("first_name", text),
    may("last_name", text),
    may("lead_name", text),
    may("email", email),
    may("mobile_no", phone),
    may("phone", phone),
    may("organization", text),
    may("website", text),
    may("job_title", text),
    may("status", |value| {
        one_of(value, &["New", "Contacted", "Nurture", "Qualified", "Unqualified", "Junk"])
    }),
    may("source", source),
    may("lead_owner", text),
];

const ERPNEXT_LEAD: &[Field] = &[
    may("first_name", text),
    may("last_name", text),
    may("lead_name", text),
    may("company_name", text),
    may("email_id", email),
    may("mobile_no", phone),
    may("phone", phone),
    may("status", |value| {
        one_of(
            value,
            &[
                "Lead",
                "Open",
                "Replied",
                "Opportunity",
                "Quotation",
                "Interested",
                "Converted",
                "Do Not Contact",
            ],
        )
    }),
    may("source", source),
    may("title", text),
];

const NOTE: &[Field] = &[
    must("title", filled),
    may("content", text),
    may("reference_doctype", text),
    may("reference_docname", text),
];

const COMMENT: &[Field] = &[
    must("comment_type", |value| one_of(value, &["Comment", "Info"])),
    may("content", text),
    may("reference_doctype", text),
    may("reference_name", text),
    may("comment_email", text),
    may("comment_by", text),
];

const EVENT: &[Field] = &[
    must("subject", filled),
    must("starts_on", stamp),
    may("ends_on", stamp),
    must("event_type", |value| one_of(value, &["Private", "Public"])),
    may("event_category", |value| {
        one_of(value, &["Event", "Meeting", "Call", "Sent/Received Email", "Other"])
    }),
    may("status", |value| one_of(value, &["Open", "Completed", "Closed", "Cancelled"])),
    may("description", text),
    may("event_participants", list),
    may("all_day", any),
];

fn routes() -> Router<Fake> {
    let mut router = Router::new();
    for base in ["/api/resource", "/api/v2/document"] {
        let path = |rest: &str| format!("{base}/{{kind}}{rest}");
        router = router
            .route(&path(""), post(create))
            .route(&path(""), get(list_all))
            .route(&path("/{id}"), get(read))
            .route(&path("/{id}"), put(change))
            .route(&path("/{id}"), delete(remove));
    }
    router
}

fn exception(status: u16, name: &str, message: &str) -> Reply {
    let said = json!({"message": message, "title": "Message", "indicator": "red"}).to_string();
    let body = json!({"exception": format!("frappe.exceptions.{name}: {message}"), "exc_type": name,
        "exc": "[\"Traceback …\"]", "_server_messages": json!([said]).to_string()});
    let reply = Reply::json(status, body);
    if matches!(status, 417 | 500) { reply.complaining() } else { reply }
}

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    let known = format!("{}:{}", CRM.secrets[0].1, CRM.secrets[1].1);
    match request.credentials("token") {
        Some(given) if given == known => Ok(()),
        Some(_) => Err(exception(401, "AuthenticationError", "Invalid credentials")),
        None => Err(exception(403, "PermissionError", "Insufficient permission for Guest")),
    }
}

fn source(value: &Value) -> bool {
    one_of(
        value,
        &[
            "Existing Customer",
            "Reference",
            "Advertisement",
            "Cold Calling",
            "Exhibition",
            "Campaign",
            "Walk In",
        ],
    )
}

/// A type's fields, and how its names begin.
fn doctype(name: &str) -> Result<(&'static [Field], &'static str), Reply> {
    match name {
        "CRM Lead" => Ok((LEAD, "CRM-LEAD-2026-0")),
        "Lead" => Ok((ERPNEXT_LEAD, "CRM-LEAD-2026-0")),
        "FCRM Note" => Ok((NOTE, "nt")),
        "Comment" => Ok((COMMENT, "cm")),
        "Event" => Ok((EVENT, "EV0")),
        _ => Err(exception(404, "DoesNotExistError", &format!("DocType {name} not found"))),
    }
}

fn validate(book: &Book, name: &str, given: &Map<String, Value>) -> Result<(), Reply> {
    let (fields, _) = doctype(name)?;
    // An empty text is no value.
    let given: Map<_, _> = given
        .iter()
        .filter(|(_, value)| *value != "")
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    check_known(fields, &given).map_err(|fault| match fault {
        Fault::Missing(field) => exception(417, "MandatoryError", &format!("[{name}]: {field}")),
        Fault::Wrong(field) => match field.as_str() {
            "source" => exception(
                417,
                "LinkValidationError",
                &format!("Could not find Source: {}", said(&given, &field)),
            ),
            "email" | "email_id" => exception(417, "InvalidEmailAddressError", "not a valid Email Address"),
            "mobile_no" | "phone" => exception(
                417,
                "InvalidPhoneNumberError",
                &format!("Phone Number set in field {field} is not valid."),
            ),
            "starts_on" | "ends_on" => exception(
                500,
                "OperationalError",
                &format!("(1292, \"Incorrect datetime value for column {field}\")"),
            ),
            _ => exception(417, "ValidationError", &format!("{field} has a wrong value")),
        },
        Fault::Unknown(field) => exception(417, "ValidationError", &field),
    })?;
    let named = ["first_name", "lead_name", "organization", "company_name", "email"]
        .iter()
        .any(|field| given.contains_key(*field));
    if name.ends_with("Lead") && !named {
        return Err(exception(
            417,
            "ValidationError",
            "A Lead requires either a person's name or an organization's name",
        ));
    }
    for (kind, id) in references(&given) {
        if book.get(&kind, &id).is_none() {
            return Err(exception(417, "LinkValidationError", &format!("Could not find {kind}: {id}")));
        }
    }
    Ok(())
}

/// Type and name of what a document is about.
fn references(given: &Map<String, Value>) -> Vec<(String, String)> {
    let one = |fields: &Map<String, Value>| {
        let id = [said(fields, "reference_docname"), said(fields, "reference_name")]
            .into_iter()
            .find(|id| !id.is_empty());
        id.map(|id| (said(fields, "reference_doctype").to_owned(), id.to_owned()))
    };
    let participants = given.get("event_participants").and_then(Value::as_array).into_iter().flatten();
    one(given).into_iter().chain(participants.filter_map(Value::as_object).filter_map(one)).collect()
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("name".to_owned(), json!(record.id));
    body.insert("doctype".to_owned(), json!(record.kind));
    Value::Object(body)
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, given) = (request.param("kind"), request.object());
    let (_, prefix) = doctype(kind)?;
    validate(book, kind, &given)?;
    let address = said(&given, "email_id");
    if let Some(found) = book
        .all("Lead")
        .find(|lead| !address.is_empty() && lead.text("email_id").eq_ignore_ascii_case(address))
    {
        let message = format!("Email Address must be unique, it is already used in {}", found.id);
        return Err(exception(409, "DuplicateEntryError", &message));
    }
    // A document may bring its own name where the type lets it; the types here number theirs.
    let id = format!("{prefix}{}", book.number());
    book.add(kind, &id, given);
    Ok(Reply::json(200, json!({"data": show(book.get(kind, &id).expect("just added"))})))
}

fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let (kind, id) = (request.param("kind"), request.param("id"));
    doctype(kind)?;
    book.get(kind, id).ok_or_else(|| exception(404, "DoesNotExistError", &format!("{kind} {id} not found")))
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    find(book, request).map(|record| Reply::json(200, json!({"data": show(record)})))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let record = find(book, request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    whole.extend(request.object());
    validate(book, request.param("kind"), &whole)?;
    book.update(request.param("kind"), &id, request.object());
    read(book, request)
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    find(book, request)?;
    book.remove(request.param("kind"), request.param("id"));
    Ok(Reply::json(202, json!({"data": "ok"})))
}

/// `filters=[["field","=","value"]]` or with the type in front, or an object of values.
fn list_all(book: &mut Book, request: &Request) -> Outcome {
    let kind = request.param("kind");
    let (fields, _) = doctype(kind)?;
    let parse = |name: &str| -> Result<Value, Reply> {
        let given = request.query(name);
        let wrong = || exception(417, "ValidationError", &format!("{name} must be JSON"));
        if given.is_empty() { Ok(json!([])) } else { serde_json::from_str(&given).map_err(|_| wrong()) }
    };
    let filters: Vec<(String, String, Value)> = match parse("filters")? {
        Value::Object(given) => {
            given.into_iter().map(|(name, value)| (name, "=".to_owned(), value)).collect()
        }
        Value::Array(given) => given.iter().filter_map(triple).collect(),
        _ => Vec::new(),
    };
    let wanted: Vec<String> = serde_json::from_value(parse("fields")?).unwrap_or_default();
    for name in filters.iter().map(|(name, ..)| name).chain(&wanted) {
        if !matches!(name.as_str(), "name" | "creation" | "*") && !has(fields, name, &book.custom) {
            return Err(exception(417, "DataError", &format!("Field not permitted in query: {name}")));
        }
    }
    let passes = |record: &&Record| {
        filters.iter().all(|(name, operator, value)| {
            let has = match name.as_str() {
                "name" => record.id.clone(),
                "creation" => created(record),
                name => record.text(name).to_owned(),
            };
            let text = value.as_str().unwrap_or_default();
            match operator.as_str() {
                "=" => has.eq_ignore_ascii_case(text),
                "!=" => !has.eq_ignore_ascii_case(text),
                ">=" => has.as_str() >= text,
                "like" => has.to_lowercase().contains(&text.trim_matches('%').to_lowercase()),
                "in" => value.as_array().is_some_and(|list| list.contains(&json!(has))),
                _ => false,
            }
        })
    };
    let limit =
        ["limit_page_length", "limit"].iter().find_map(|name| request.query(name).parse().ok()).unwrap_or(20);
    let found = book.all(kind).filter(passes).take(limit).map(|record| {
        let mut body = show(record);
        if let Some(body) = body.as_object_mut().filter(|_| !wanted.contains(&"*".to_owned())) {
            body.retain(|name, _| if wanted.is_empty() { name == "name" } else { wanted.contains(name) });
        }
        body
    });
    Ok(Reply::json(200, json!({"data": found.collect::<Vec<_>>()})))
}

/// On the wall of the site.
fn created(record: &Record) -> String {
    let zone = CRM.secrets[2].1;
    let local = record.created.in_tz(zone).expect("a time zone");
    local.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn triple(filter: &Value) -> Option<(String, String, Value)> {
    let parts = filter.as_array()?;
    let parts = if parts.len() == 4 { &parts[1..] } else { &parts[..] };
    let [name, operator, value] = parts else { return None };
    Some((name.as_str()?.to_owned(), operator.as_str()?.to_lowercase(), value.clone()))
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    let person = references(&record.fields).into_iter().next().map_or(String::new(), |(_, id)| id);
    let zone = CRM.secrets[2].1;
    Some(match record.kind.as_str() {
        "FCRM Note" | "Comment" => Fact::Note(Note { id, person, text: text("content") }),
        "Event" => Fact::Meeting(Meeting {
            id,
            person,
            start: from_zone(record.text("starts_on"), zone),
            end: from_zone(record.text("ends_on"), zone),
            cancelled: record.text("status") == "Cancelled",
        }),
        _ => Fact::Person(Person {
            id,
            email: text("email") + &text("email_id"),
            phone: if text("mobile_no").is_empty() { text("phone") } else { text("mobile_no") },
        }),
    })
}
