//! HubSpot, CRM v3 (and the same paths with a date as version).
//!
//! From its OpenAPI documents: paths, bodies, which members are required, that all property values are texts. From issues
//! of its clients: the 409 whose id is only in a sentence, `PROPERTY_DOESNT_EXIST`, and searches that lag. From general
//! knowledge: the sentences of the other errors, association ids 200 and 202, and the rules of single properties.

use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{Fault, Field, check, email, from_instant, has, instant, may, must, text};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{get, patch, post, put};

pub const CRM: Crm = Crm {
    name: "hubspot",
    secrets: &[
        ("token", "pat-eu1-0c6f8e1d-example"),
        ("client_id", "7fff1e36-2d40-4ae1-bbb1-example"),
        ("client_secret", "d9e2-example-secret"),
        ("refresh_token", "na1-refresh-example"),
    ],
    open: &["/oauth/v1/token"],
    auth,
    routes,
    fault: |status, message| error(status, "OBJECT_NOT_FOUND", message),
    limited: || {
        error(429, "RATE_LIMITS", "You have reached your ten_secondly_rolling limit.")
            .with("x-hubspot-ratelimit-remaining", "0")
    },
    fact,
};

const CONTACT: &[Field] = &[
    may("email", email),
    may("firstname", text),
    may("lastname", text),
    may("phone", text),
    may("mobilephone", text),
    may("company", text),
    may("website", text),
    may("jobtitle", text),
    may("message", text),
    may("address", text),
    may("city", text),
    may("state", text),
    may("zip", text),
    may("country", text),
    may("hs_language", text),
    may("hubspot_owner_id", text),
    may("lifecyclestage", |value| {
        matches!(value.as_str(), Some("subscriber" | "lead" | "opportunity" | "customer" | "other"))
    }),
    may("hs_lead_status", |value| {
        matches!(value.as_str(), Some("NEW" | "OPEN" | "IN_PROGRESS" | "CONNECTED" | "UNQUALIFIED"))
    }),
];

const NOTE: &[Field] = &[
    must("hs_timestamp", time),
    may("hs_note_body", |value| value.as_str().is_some_and(|text| text.chars().count() <= 65_536)),
    may("hubspot_owner_id", text),
    may("hs_attachment_ids", text),
];

const MEETING: &[Field] = &[
    must("hs_timestamp", time),
    may("hs_meeting_title", text),
    may("hs_meeting_body", text),
    may("hs_internal_meeting_notes", text),
    may("hs_meeting_external_url", text),
    may("hs_meeting_location", text),
    may("hs_meeting_start_time", time),
    may("hs_meeting_end_time", time),
    may("hubspot_owner_id", text),
    may("hs_meeting_outcome", |value| {
        matches!(value.as_str(), Some("SCHEDULED" | "COMPLETED" | "RESCHEDULED" | "NO_SHOW" | "CANCELED"))
    }),
];

fn routes() -> Router<super::fake::Fake> {
    let mut router = Router::new().route("/oauth/v1/token", post(token));
    for base in ["/crm/v3/objects", "/crm/objects/2026-03"] {
        let path = |rest: &str| format!("{base}/{{kind}}{rest}");
        router = router
            .route(&path(""), post(create))
            .route(&path("/search"), post(search))
            .route(&path("/batch/upsert"), post(upsert))
            .route(&path("/{id}"), get(read))
            .route(&path("/{id}"), patch(change))
            .route(&path("/{id}"), super::fake::delete(remove))
            .route(&path("/{id}/associations/{to}"), get(associations))
            .route(&path("/{id}/associations/{to}/{other}/{type}"), put(associate));
    }
    router
}

fn error(status: u16, category: &str, message: &str) -> Reply {
    let id = "aeb5f871-7f07-4993-9211-075dc63e7cbf";
    Reply::json(
        status,
        json!({"status": "error", "message": message, "correlationId": id, "category": category}),
    )
}

fn invalid(message: &str) -> Reply {
    error(400, "VALIDATION_ERROR", message)
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.credentials("Bearer") {
        Some(given) if given == CRM.secrets[0].1 || book.is_live(given) => Ok(()),
        Some(_) => {
            Err(error(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired."))
        }
        None => Err(error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")),
    }
}

fn token(book: &mut Book, request: &Request) -> Outcome {
    let form = request.form();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|given| given == value);
    if request.media_type() != "application/x-www-form-urlencoded" {
        return Err(Reply::text(415, "Unsupported Media Type"));
    }
    if !is("client_id", CRM.secrets[1].1) || !is("client_secret", CRM.secrets[2].1) {
        return Err(Reply::json(
            400,
            json!({"status": "BAD_CLIENT_ID", "message": "missing or unknown client id"}),
        ));
    }
    let refresh = is("grant_type", "refresh_token") && is("refresh_token", CRM.secrets[3].1);
    if !refresh && !is("grant_type", "client_credentials") {
        return Err(Reply::json(
            400,
            json!({"status": "BAD_REFRESH_TOKEN", "message": "missing or unknown refresh token"}),
        ));
    }
    let token = book.mint(Duration::from_secs(1800));
    Ok(Reply::json(
        200,
        json!({"token_type": "bearer", "refresh_token": CRM.secrets[3].1, "access_token": token, "expires_in": 1800}),
    ))
}

fn time(value: &Value) -> bool {
    instant(value) || value.as_str().is_some_and(|text| text.len() == 13 && text.parse::<u64>().is_ok())
}

/// The type, or 400 for one that isn't there.
fn kind(request: &Request) -> Result<(&str, &'static [Field]), Reply> {
    match request.param("kind") {
        kind @ ("contacts" | "0-1") => Ok((if kind == "0-1" { "contacts" } else { kind }, CONTACT)),
        kind @ "notes" => Ok((kind, NOTE)),
        kind @ "meetings" => Ok((kind, MEETING)),
        kind => Err(invalid(&format!("Unable to infer object type from: {kind}"))),
    }
}

/// The properties of an object, all of them texts.
fn properties(input: &Value) -> Result<Map<String, Value>, Reply> {
    let given = input["properties"].as_object();
    let given = given
        .ok_or_else(|| invalid("Invalid input JSON: Some required fields were not set: [properties]"))?;
    match given.iter().find(|(_, value)| !value.is_string()) {
        Some((name, value)) => Err(invalid(&format!("Invalid input JSON: {name}: {value} is no string"))),
        None => Ok(given.clone()),
    }
}

fn validate(book: &Book, fields: &[Field], given: &Map<String, Value>) -> Result<(), Reply> {
    // An empty text is how a property is cleared, so it has no type.
    let given =
        given.iter().filter(|(_, value)| *value != "").map(|(name, value)| (name.clone(), value.clone()));
    check(fields, &given.collect(), &book.custom).map_err(|fault| {
        let name = fault.field();
        let (code, message) = match fault {
            Fault::Unknown(_) => ("PROPERTY_DOESNT_EXIST", format!("Property \\\"{name}\\\" does not exist")),
            Fault::Wrong(_) if name == "email" => ("INVALID_EMAIL", "Email address is invalid".to_owned()),
            Fault::Wrong(_) => ("INVALID_OPTION", format!("Property \\\"{name}\\\" has an invalid value")),
            Fault::Missing(_) => ("MISSING_PROPERTY", format!("Required property \\\"{name}\\\" is not set")),
        };
        let list = format!(r#"[{{"isValid":false,"message":"{message}","error":"{code}","name":"{name}"}}]"#);
        invalid(&format!("Property values were not valid: {list}"))
    })
}

fn show(record: &Record) -> Value {
    let mut properties = record.fields.clone();
    properties.insert("hs_object_id".to_owned(), json!(record.id));
    properties.insert("createdate".to_owned(), json!(record.created.to_string()));
    json!({"id": record.id, "properties": properties, "createdAt": record.created.to_string(),
        "updatedAt": record.created.to_string(), "archived": false})
}

fn by_email<'a>(book: &'a Book, email: &str) -> Option<&'a Record> {
    book.all("contacts").find(|record| !email.is_empty() && record.text("email").eq_ignore_ascii_case(email))
}

fn find<'a>(book: &'a Book, kind: &str, request: &Request) -> Result<&'a Record, Reply> {
    let id = request.param("id");
    let found = if request.query("idProperty") == "email" { by_email(book, id) } else { book.get(kind, id) };
    found.ok_or_else(|| {
        let reply = error(404, "OBJECT_NOT_FOUND", "Object not found.  objectId are usually numeric.");
        if request.query("idProperty").is_empty() { reply } else { reply.expected() }
    })
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let input = request.json();
    let given = properties(&input)?;
    validate(book, fields, &given)?;
    if let Some(found) = by_email(book, given.get("email").and_then(Value::as_str).unwrap_or_default()) {
        let message = format!("Contact already exists. Existing ID: {}", found.id);
        return Err(error(409, "CONFLICT", &message));
    }
    if kind == "contacts" && !["email", "firstname", "lastname"].iter().any(|name| given.contains_key(*name))
    {
        return Err(invalid("At least one of email, firstname or lastname must be set"));
    }
    let links = links(book, kind, &input["associations"])?;
    let id = book.number();
    let id = book.add(kind, id, given);
    for (to, other) in links {
        book.link((kind, &id), (to, &other));
    }
    Ok(Reply::json(201, show(book.get(kind, &id).expect("just added"))))
}

/// What an object is to be connected to: type and id.
fn links(book: &Book, kind: &str, given: &Value) -> Result<Vec<(&'static str, String)>, Reply> {
    let given =
        given.as_array().ok_or_else(|| invalid("Some required fields were not set: [associations]"))?;
    let one = |association: &Value| {
        let id = association["to"]["id"].as_str().ok_or_else(|| invalid("to.id must be a string"))?;
        let types = association["types"].as_array().filter(|types| types.len() == 1);
        let kind_of = types.map(|types| (&types[0]["associationCategory"], &types[0]["associationTypeId"]));
        let (category, number) = kind_of.ok_or_else(|| invalid("types must have one member"))?;
        let to = target(kind, number.as_u64().unwrap_or_default()).filter(|_| category == "HUBSPOT_DEFINED");
        let to = to.ok_or_else(|| invalid(&format!("{number} is no association type of {kind}")))?;
        book.get(to, id).ok_or_else(|| invalid(&format!("One or more associations are not valid: {id}")))?;
        Ok((to, id.to_owned()))
    };
    given.iter().map(one).collect()
}

fn target(kind: &str, number: u64) -> Option<&'static str> {
    match (kind, number) {
        ("notes", 202) | ("meetings", 200) => Some("contacts"),
        ("contacts", 201) => Some("notes"),
        ("contacts", 199) => Some("meetings"),
        _ => None,
    }
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    find(book, kind, request).map(|record| Reply::json(200, show(record)))
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let id = find(book, kind, request)?.id.clone();
    let given = properties(&request.json())?;
    let mut whole = book.get(kind, &id).expect("just found").fields.clone();
    whole.extend(given.clone());
    validate(book, fields, &whole)?;
    book.update(kind, &id, given);
    Ok(Reply::json(200, show(book.get(kind, &id).expect("just found"))))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    book.remove(kind, request.param("id"));
    Ok(Reply::text(204, ""))
}

fn upsert(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let body = request.json();
    let inputs =
        body["inputs"].as_array().ok_or_else(|| invalid("Some required fields were not set: [inputs]"))?;
    let mut results = Vec::new();
    for input in inputs {
        let (key, value) = (input["idProperty"].as_str().unwrap_or_default(), input["id"].as_str());
        let value = value.ok_or_else(|| invalid("Some required fields were not set: [id]"))?;
        if key != "email" && !book.custom.contains(key) {
            return Err(invalid(&format!("{key} is not a unique identifier property")));
        }
        let mut given = properties(input)?;
        given.insert(key.to_owned(), json!(value));
        validate(book, fields, &given)?;
        let same = |record: &&Record| record.text(key).eq_ignore_ascii_case(value);
        let found = book.all(kind).find(same).map(|record| record.id.clone());
        let new = found.is_none();
        let id = found.unwrap_or_else(|| book.number().to_string());
        if new {
            book.add(kind, &id, given);
        } else {
            book.update(kind, &id, given);
        }
        let mut result = show(book.get(kind, &id).expect("it is there"));
        result["new"] = json!(new);
        results.push(result);
    }
    Ok(Reply::json(200, json!({"status": "COMPLETE", "results": results})))
}

fn search(book: &mut Book, request: &Request) -> Outcome {
    let (kind, fields) = kind(request)?;
    let body = request.json();
    let groups = body["filterGroups"].as_array().cloned().unwrap_or_default();
    for filter in groups.iter().flat_map(|group| group["filters"].as_array().into_iter().flatten()) {
        let name = filter["propertyName"].as_str().unwrap_or_default();
        if !has(fields, name, &book.custom) && !matches!(name, "hs_object_id" | "associations.contact") {
            return Err(invalid(&format!("There was a problem with the request: unknown property {name}")));
        }
    }
    let matching = |record: &&Record| {
        groups.is_empty()
            || groups.iter().any(|group| {
                group["filters"].as_array().is_some_and(|all| all.iter().all(|filter| passes(record, filter)))
            })
    };
    let limit = body["limit"].as_u64().unwrap_or(10).min(200) as usize;
    let found: Vec<Value> = book.indexed(kind).filter(matching).map(show).collect();
    Ok(Reply::json(
        200,
        json!({"total": found.len(), "results": found.into_iter().take(limit).collect::<Vec<_>>()}),
    ))
}

fn passes(record: &Record, filter: &Value) -> bool {
    let (name, wanted) =
        (filter["propertyName"].as_str().unwrap_or_default(), filter["value"].as_str().unwrap_or_default());
    let given = match name {
        "associations.contact" => record.linked("contacts"),
        "hs_object_id" => &record.id,
        name => record.text(name),
    };
    match filter["operator"].as_str() {
        Some("EQ") => given.eq_ignore_ascii_case(wanted),
        Some("CONTAINS_TOKEN") => given.to_lowercase().contains(&wanted.trim_matches('*').to_lowercase()),
        Some("HAS_PROPERTY") => !given.is_empty(),
        _ => false,
    }
}

fn associations(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    let (record, to) = (find(book, kind, request)?, request.param("to"));
    let label = format!("{}_to_{}", kind.trim_end_matches('s'), to.trim_end_matches('s'));
    let linked = record.links.iter().filter(|(kind, _)| kind == to);
    let results: Vec<Value> = linked.map(|(_, id)| json!({"id": id, "type": label})).collect();
    Ok(Reply::json(200, json!({"results": results})))
}

fn associate(book: &mut Book, request: &Request) -> Outcome {
    let (kind, _) = kind(request)?;
    let (to, other) = (request.param("to"), request.param("other"));
    let id = find(book, kind, request)?.id.clone();
    let number = request.param("type").parse().unwrap_or_default();
    if target(kind, number) != Some(to) || book.get(to, other).is_none() {
        return Err(invalid("One or more associations are not valid"));
    }
    book.link((kind, &id), (to, other));
    Ok(Reply::json(200, show(book.get(kind, &id).expect("just found"))))
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let id = record.id.clone();
    let person = record.linked("contacts").to_owned();
    Some(match record.kind.as_str() {
        "contacts" => Fact::Person(Person {
            id,
            email: record.text("email").to_owned(),
            phone: record.text("phone").to_owned(),
        }),
        "notes" => Fact::Note(Note { id, person, text: record.text("hs_note_body").to_owned() }),
        _ => Fact::Meeting(Meeting {
            id,
            person,
            start: moment(record.text("hs_meeting_start_time")),
            end: moment(record.text("hs_meeting_end_time")),
            cancelled: record.text("hs_meeting_outcome") == "CANCELED",
        }),
    })
}

/// An instant or milliseconds as RFC 3339.
fn moment(text: &str) -> String {
    match text.parse().map(jiff::Timestamp::from_millisecond) {
        Ok(Ok(time)) => from_instant(&time.to_string()),
        _ => from_instant(text),
    }
}
