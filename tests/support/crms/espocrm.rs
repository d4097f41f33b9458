//! EspoCRM, `/api/v1`.
//!
//! From its source and documentation: routes, required fields and enumerations of Lead and Meeting, what is a duplicate
//! (same first and last name, or same e-mail address), 409 with the found records as an array, the header that skips the
//! check, null instead of "". From general knowledge: the body of a failed validation, the PHP-style `where`, that phone
//! numbers are international, and that fields which don't exist are ignored.

use axum::Router;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Field, check_known, email, filled, from_utc, list, may, must, now_stamp, one_of, phone, stamp, text,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, post, put};

pub const CRM: Crm = Crm {
    name: "espocrm",
    secrets: &[
        ("api_key", "3ab7e1f0c2d94e5f8a6b7c8d9e0f1a2b"),
        ("lead_capture_key", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"),
    ],
    open: &["/api/v1/LeadCapture/"],
    auth,
    routes,
    fault: refuse,
    limited: || refuse(429, "Too Many Requests"),
    fact,
};

const LEAD: &[Field] = &[
    must("lastName", |value| filled(value) && short(value)),
    may("firstName", short),
    may("salutationName", |value| one_of(value, &["", "Mr.", "Ms.", "Mrs.", "Dr."])),
    may("emailAddress", email),
    may("phoneNumber", phone),
    may("accountName", text),
    may("website", text),
    may("title", short),
    may("description", text),
    may("addressCity", text),
    may("addressCountry", text),
    may("status", |value| one_of(value, &["New", "Assigned", "In Process", "Converted", "Recycled", "Dead"])),
    may("source", |value| {
        one_of(
            value,
            &[
                "",
                "Call",
                "Email",
                "Existing Customer",
                "Partner",
                "Public Relations",
                "Web Site",
                "Campaign",
                "Other",
            ],
        )
    }),
];

const NOTE: &[Field] = &[
    must("type", |value| value == "Post"),
    must("post", filled),
    must("parentType", text),
    must("parentId", text),
    may("attachmentsIds", list),
];

const MEETING: &[Field] = &[
    must("name", filled),
    must("dateStart", stamp),
    may("dateEnd", stamp),
    may("status", |value| one_of(value, &["Planned", "Held", "Not Held"])),
    may("parentType", |value| one_of(value, &["Account", "Lead", "Contact", "Opportunity", "Case"])),
    may("parentId", text),
    may("leadsIds", list),
    may("contactsIds", list),
    may("description", text),
];

fn routes() -> Router<Fake> {
    Router::new()
        .route("/api/v1/LeadCapture/{key}", post(capture))
        .route("/api/v1/{kind}", post(create))
        .route("/api/v1/{kind}", get(list_all))
        .route("/api/v1/{kind}/{id}", get(read))
        .route("/api/v1/{kind}/{id}", put(change))
        .route("/api/v1/{kind}/{id}", delete(remove))
        .route("/api/v1/{kind}/{id}/{link}", get(list_linked))
}

fn refuse(status: u16, reason: &str) -> Reply {
    Reply::text(status, reason).with("x-status-reason", reason)
}

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    if request.header("x-api-key") == CRM.secrets[0].1 { Ok(()) } else { Err(refuse(401, "Unauthorized")) }
}

fn short(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= 100)
}

/// The type and its fields.
fn kind(request: &Request) -> Result<(&str, &'static [Field]), Reply> {
    match request.param("kind") {
        kind @ ("Lead" | "Contact") => Ok((kind, LEAD)),
        kind @ "Note" => Ok((kind, NOTE)),
        kind @ "Meeting" => Ok((kind, MEETING)),
        _ => Err(refuse(404, "Controller does not exist.")),
    }
}

fn validate(kind: &str, fields: &[Field], given: &Map<String, Value>) -> Result<(), Reply> {
    check_known(fields, given).map_err(|fault| {
        let reason = if matches!(fault, super::check::Fault::Missing(_)) { "required" } else { "valid" };
        let field = fault.field();
        let data = json!({"field": field, "type": reason});
        let body = json!({"messageTranslation": {"label": "validationFailure", "scope": null, "data": data}});
        let said = format!("Field validation failure; entityType: {kind}, field: {field}, type: {reason}.");
        Reply::json(400, body).with("x-status-reason", said)
    })
}

fn show(record: &Record) -> Value {
    let mut body = Value::Object(record.fields.clone());
    body["id"] = json!(record.id);
    body
}

fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let (kind, _) = kind(request)?;
    book.get(kind, request.param("id")).ok_or_else(|| refuse(404, "Record not found."))
}

fn duplicates(book: &Book, kind: &str, given: &Map<String, Value>) -> Vec<Value> {
    let said = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let same = |record: &Record, name: &str| record.text(name).eq_ignore_ascii_case(said(name));
    let found = book.all(kind).filter(|record| {
        (same(record, "firstName") && same(record, "lastName"))
            || (!said("emailAddress").is_empty() && same(record, "emailAddress"))
    });
    found.map(show).collect()
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    if request.media_type() != "application/json" {
        return Err(refuse(415, "Unsupported Media Type"));
    }
    let given = request.object();
    validate(kind, fields, &given)?;
    let found = if fields.as_ptr() == LEAD.as_ptr() { duplicates(book, kind, &given) } else { Vec::new() };
    if !found.is_empty() && !request.header("x-skip-duplicate-check").eq_ignore_ascii_case("true") {
        return Err(Reply::json(409, Value::Array(found)).with("x-status-reason", "duplicate"));
    }
    let parent = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let (owner, owner_id) = (parent("parentType").to_owned(), parent("parentId").to_owned());
    if !owner_id.is_empty() && book.get(&owner, &owner_id).is_none() {
        return Err(refuse(if kind == "Note" { 403 } else { 400 }, "Parent does not exist."));
    }
    let leads: Vec<String> =
        serde_json::from_value(given.get("leadsIds").cloned().unwrap_or_default()).unwrap_or_default();
    if leads.iter().any(|lead| book.get("Lead", lead).is_none()) {
        return Err(refuse(400, "Related record does not exist."));
    }
    Ok(Reply::json(
        200,
        show(store(
            book,
            kind,
            given,
            [vec![(owner, owner_id)], leads.into_iter().map(|id| ("Lead".to_owned(), id)).collect()].concat(),
        )),
    ))
}

fn store<'a>(
    book: &'a mut Book,
    kind: &str,
    mut given: Map<String, Value>,
    links: Vec<(String, String)>,
) -> &'a Record {
    given.insert("createdAt".to_owned(), json!(now_stamp()));
    let id = format!("6740a1b2c3d4e{}", book.number());
    book.add(kind, &id, given);
    for (owner, owner_id) in links.iter().filter(|(_, id)| !id.is_empty()) {
        book.link((kind, &id), (owner, owner_id));
    }
    book.get(kind, &id).expect("just added")
}

/// Takes whatever the form sends, and never says an id. What it knows already it merges.
fn capture(book: &mut Book, request: &Request) -> Outcome {
    if request.param("key") != CRM.secrets[1].1 {
        return Err(refuse(404, "Lead capture record not found."));
    }
    let mut given = request.object();
    given.retain(|_, value| !value.is_null());
    validate("Lead", LEAD, &given)?;
    let email = given.get("emailAddress").cloned().unwrap_or_default();
    let known =
        book.all("Lead").find(|lead| email.is_string() && lead.fields.get("emailAddress") == Some(&email));
    match known.map(|lead| lead.id.clone()) {
        Some(id) => book.update("Lead", &id, given),
        None => drop(store(book, "Lead", given, Vec::new())),
    }
    Ok(Reply::json(200, json!(true)))
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    find(book, request).map(|record| Reply::json(200, show(record)))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let record = find(book, request)?;
    let (id, mut whole) = (record.id.clone(), record.fields.clone());
    whole.extend(request.object());
    validate(kind, fields, &whole)?;
    book.update(kind, &id, request.object());
    Ok(Reply::json(200, show(book.get(kind, &id).expect("just found"))))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    find(book, request)?;
    book.remove(kind, request.param("id"));
    Ok(Reply::json(200, json!(true)))
}

/// `where[0][type]=equals&where[0][attribute]=…&where[0][value]=…`; other types are refused.
fn list_all(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    let given = |index: usize, part: &str| request.query(&format!("where[{index}][{part}]"));
    let count =
        form_urlencoded::parse(request.query.as_bytes()).filter(|(key, _)| key.ends_with("[type]")).count();
    let wanted: Vec<[String; 3]> =
        (0..count).map(|index| ["type", "attribute", "value"].map(|part| given(index, part))).collect();
    if let Some([operator, ..]) =
        wanted.iter().find(|[operator, ..]| !matches!(operator.as_str(), "equals" | "contains" | "like"))
    {
        return Err(refuse(400, &format!("Bad where type '{operator}'.")));
    }
    let passes = |record: &&Record| {
        wanted.iter().all(|[operator, name, value]| {
            let has = if name == "id" { record.id.to_lowercase() } else { record.text(name).to_lowercase() };
            let value = value.trim_matches('%').to_lowercase();
            if operator == "equals" { has == value } else { has.contains(&value) }
        })
    };
    Ok(page(book.all(kind).filter(passes).map(show).collect(), request))
}

/// What hangs on a record: its posts, its stream, its meetings.
fn list_linked(book: &mut Book, request: &Request) -> Outcome {
    let kind = match request.param("link") {
        "posts" | "stream" => "Note",
        "meetings" => "Meeting",
        "leads" => "Lead",
        _ => return Err(refuse(404, "Link does not exist.")),
    };
    let record = find(book, request)?;
    let linked = record.links.iter().filter(|(to, _)| to == kind);
    Ok(page(linked.filter_map(|(to, id)| book.get(to, id)).map(show).collect(), request))
}

fn page(mut found: Vec<Value>, request: &Request) -> Reply {
    let total = found.len();
    // The newest first, as its lists are.
    found.reverse();
    found.truncate(request.query("maxSize").parse().unwrap_or(20));
    Reply::json(200, json!({"total": total, "list": found}))
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    let person = record.links.first().map_or(String::new(), |(_, id)| id.clone());
    Some(match record.kind.as_str() {
        "Note" => Fact::Note(Note { id, person, text: text("post") }),
        "Meeting" => Fact::Meeting(Meeting {
            id,
            person,
            start: from_utc(record.text("dateStart")),
            end: from_utc(record.text("dateEnd")),
            cancelled: record.text("status") == "Not Held",
        }),
        _ => Fact::Person(Person { id, email: text("emailAddress"), phone: text("phoneNumber") }),
    })
}
