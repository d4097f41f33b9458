//! Chatwoot, the application API of one account with one API inbox.
//!
//! From its source: which parameters are taken, that e-mail address and identifier are unique, 422 with `message` and
//! `attributes`, 404 with `error`, the bodies of answers, conversations and messages, what a search looks at, notes of
//! contacts, how a status is set, `additional_attributes` of conversations and `content_attributes` of messages, and that
//! a status which Rails doesn't know is an exception. From general knowledge: the header's name, 401, phone numbers as in
//! E.164 and how that is said.

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Note, Person, Record};
use super::check::{Field, boolean, check_known, email, filled, may, object, one_of, phone, said, text};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, post, put};

pub const CRM: Crm = Crm {
    name: "chatwoot",
    secrets: &[("token", "Q8xExampleChatwootToken"), ("account_id", "1"), ("inbox_id", "1")],
    open: &[],
    auth,
    routes,
    fault: |status, message| Reply::json(status, json!({"error": message})),
    limited: || Reply::text(429, "Retry later\n").with("retry-after", "2"),
    fact,
};

const CONTACT: &[Field] = &[
    may("name", text),
    may("email", |value| value == "" || email(value)),
    may("phone_number", |value| value == "" || phone(value)),
    may("identifier", text),
    may("custom_attributes", object),
    may("additional_attributes", object),
];

const MESSAGE: &[Field] = &[
    may("content", filled),
    may("message_type", |value| one_of(value, &["incoming", "outgoing"])),
    may("private", boolean),
    may("content_type", |value| one_of(value, &["text", "input_select", "cards", "form", "article"])),
    may("content_attributes", object),
    may("external_created_at", text),
];

fn routes() -> Router<Fake> {
    let path = |rest: &str| format!("/api/v1/accounts/{{account}}{rest}");
    Router::new()
        .route(&path("/contacts"), post(create_contact))
        .route(&path("/contacts/search"), get(search))
        .route(&path("/contacts/filter"), post(filter))
        .route(&path("/contacts/{id}"), get(read_contact))
        .route(&path("/contacts/{id}"), put(change_contact))
        .route(&path("/contacts/{id}"), delete(remove_contact))
        .route(&path("/contacts/{id}/conversations"), get(contact_conversations))
        .route(&path("/contacts/{id}/notes"), post(create_note))
        .route(&path("/contacts/{id}/notes"), get(notes))
        .route(&path("/conversations"), post(create_conversation))
        .route(&path("/conversations/{id}"), get(read_conversation))
        .route(&path("/conversations/{id}/toggle_status"), post(toggle_status))
        .route(&path("/conversations/{id}/messages"), post(create_message))
        .route(&path("/conversations/{id}/messages"), get(messages))
}

fn missing() -> Reply {
    Reply::json(404, json!({"error": "Resource could not be found"}))
}

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.header("api_access_token") {
        "" => Err(Reply::json(401, json!({"errors": ["You need to sign in or sign up before continuing."]}))),
        token if token != CRM.secrets[0].1 => Err(Reply::json(401, json!({"error": "Invalid Access Token"}))),
        _ if request.path.starts_with("/api/v1/accounts/1/") => Ok(()),
        _ => Err(Reply::json(404, json!({"error": "Resource could not be found"}))),
    }
}

fn invalid(field: &str, reason: &str) -> Reply {
    let mut name = field.replace('_', " ");
    name[..1].make_ascii_uppercase();
    Reply::json(422, json!({"message": format!("{name} {reason}"), "attributes": [field]}))
}

fn validate(book: &Book, own: &str, given: &Map<String, Value>) -> Result<(), Reply> {
    check_known(CONTACT, given).map_err(|fault| match fault.field() {
        "phone_number" => invalid("phone_number", "should be in e164 format"),
        field => invalid(field, "is invalid"),
    })?;
    for field in ["email", "identifier", "phone_number"] {
        let value = said(given, field);
        let same = |contact: &Record| contact.id != own && contact.text(field).eq_ignore_ascii_case(value);
        if !value.is_empty() && book.all("contacts").any(same) {
            return Err(invalid(field, "has already been taken").expected());
        }
    }
    Ok(())
}

fn number(record: &Record) -> u64 {
    record.id.parse().unwrap_or_default()
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("id".to_owned(), json!(number(record)));
    body.insert("created_at".to_owned(), json!(record.created.as_second()));
    Value::Object(body)
}

fn show_contact(book: &Book, contact: &Record) -> Value {
    let mut body = show(contact);
    let inboxes = book.all("contact_inboxes").filter(|inbox| inbox.fields["contact_id"] == number(contact));
    body["contact_inboxes"] =
        inboxes.map(|inbox| json!({"source_id": inbox.id, "inbox": {"id": 1, "name": "Website"}})).collect();
    body
}

/// The inbox with this number, which must be the only one there is.
fn inbox(given: &Value) -> Result<bool, Reply> {
    match given {
        Value::Null => Ok(false),
        id if id.as_str().map_or_else(|| id.to_string(), str::to_owned) == CRM.secrets[2].1 => Ok(true),
        _ => Err(missing()),
    }
}

/// How the contact is called in the inbox.
fn join(book: &mut Book, contact: u64, source: Option<&str>) -> String {
    let source = source.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    if book.get("contact_inboxes", &source).is_none() {
        book.add("contact_inboxes", &source, Map::from_iter([("contact_id".to_owned(), json!(contact))]));
    }
    source
}

fn create_contact(book: &mut Book, request: &Request) -> Outcome {
    let mut given = request.object();
    let (wanted, source) = (given.remove("inbox_id").unwrap_or_default(), given.remove("source_id"));
    let joins = inbox(&wanted)?;
    validate(book, "", &given)?;
    let id = book.number();
    book.add("contacts", id, given);
    let source = joins.then(|| join(book, id, source.as_ref().and_then(Value::as_str)));
    let contact = show_contact(book, book.get("contacts", &id.to_string()).expect("just added"));
    let own = json!({"source_id": source, "inbox": if joins { json!({"id": 1, "name": "Website"}) } else { Value::Null }});
    Ok(Reply::json(200, json!({"payload": {"contact": contact, "contact_inbox": own}})))
}

fn contact<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    book.get("contacts", request.param("id")).ok_or_else(missing)
}

fn read_contact(book: &mut Book, request: &Request) -> Outcome {
    let contact = contact(book, request)?;
    Ok(Reply::json(200, json!({"payload": show_contact(book, contact)})))
}

fn change_contact(book: &mut Book, request: &Request) -> Outcome {
    let id = contact(book, request)?.id.clone();
    validate(book, &id, &request.object())?;
    book.update("contacts", &id, request.object());
    read_contact(book, request)
}

fn remove_contact(book: &mut Book, request: &Request) -> Outcome {
    contact(book, request)?;
    book.remove("contacts", request.param("id"));
    Ok(Reply::text(200, ""))
}

fn found(book: &Book, passes: impl Fn(&Record) -> bool) -> Reply {
    let found: Vec<Value> = book
        .all("contacts")
        .filter(|record| passes(record))
        .take(15)
        .map(|record| show_contact(book, record))
        .collect();
    Reply::json(200, json!({"meta": {"count": found.len(), "current_page": 1}, "payload": found}))
}

fn search(book: &mut Book, request: &Request) -> Outcome {
    let term = request.query("q").trim().to_lowercase();
    if term.is_empty() {
        return Err(Reply::json(422, json!({"error": "Specify search string with parameter q"})));
    }
    let fields = ["name", "email", "phone_number", "identifier"];
    Ok(found(book, |contact| fields.iter().any(|field| contact.text(field).to_lowercase().contains(&term))))
}

/// All conditions of `payload` hold.
fn filter(book: &mut Book, request: &Request) -> Outcome {
    let body = request.json();
    let conditions =
        body["payload"].as_array().ok_or_else(|| Reply::json(422, json!({"error": "payload is missing"})))?;
    let known = ["name", "email", "phone_number", "identifier"];
    if let Some(wrong) = conditions.iter().find(|one| {
        !one_of(&one["attribute_key"], &known) || !one_of(&one["filter_operator"], &["equal_to", "contains"])
    }) {
        return Err(Reply::json(
            422,
            json!({"error": format!("Invalid attribute key or operator - [{}]", wrong["attribute_key"])}),
        ));
    }
    Ok(found(book, |contact| {
        conditions.iter().all(|one| {
            let has = contact.text(one["attribute_key"].as_str().unwrap_or_default()).to_lowercase();
            let exact = one["filter_operator"] == "equal_to";
            let mut values = one["values"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_lowercase);
            values.any(|value| if exact { has == value } else { has.contains(&value) })
        })
    }))
}

fn create_note(book: &mut Book, request: &Request) -> Outcome {
    let contact = number(contact(book, request)?);
    let given = request.object();
    if !given.get("content").is_some_and(filled) {
        return Err(invalid("content", "can't be blank"));
    }
    let id = book.number();
    book.add(
        "notes",
        id,
        Map::from_iter([
            ("content".to_owned(), given["content"].clone()),
            ("contact_id".to_owned(), json!(contact)),
        ]),
    );
    Ok(Reply::json(200, show(book.get("notes", &id.to_string()).expect("just added"))))
}

fn of<'a>(book: &'a Book, kind: &str, owner: &str, id: u64) -> impl Iterator<Item = &'a Record> {
    book.all(kind).filter(move |record| record.fields.get(owner) == Some(&json!(id)))
}

fn notes(book: &mut Book, request: &Request) -> Outcome {
    let contact = number(contact(book, request)?);
    Ok(Reply::json(200, of(book, "notes", "contact_id", contact).map(show).collect()))
}

/// The status that is asked for, if one is.
fn status(given: &Map<String, Value>) -> Result<Option<&str>, Reply> {
    let known = ["open", "resolved", "pending", "snoozed"];
    match given.get("status") {
        None | Some(Value::Null) => Ok(None),
        Some(status) if one_of(status, &known) => Ok(status.as_str()),
        Some(status) => {
            let message = format!("{status} is not a valid status");
            Err(Reply::json(500, json!({"status": 500, "error": message})).complaining())
        }
    }
}

fn create_conversation(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    let member = |name: &str| given.get(name).cloned().unwrap_or_default();
    let owner = match (inbox(&member("inbox_id"))?, member("contact_id")) {
        (true, contact) if !contact.is_null() => {
            let id = contact.as_str().map_or_else(|| contact.to_string(), str::to_owned);
            let contact = number(book.get("contacts", &id).ok_or_else(missing)?);
            join(book, contact, member("source_id").as_str());
            contact
        }
        _ => {
            let source = member("source_id");
            let found =
                book.get("contact_inboxes", source.as_str().unwrap_or_default()).ok_or_else(missing)?;
            found.fields["contact_id"].as_u64().unwrap_or_default()
        }
    };
    let status = status(&given)?.unwrap_or("open");
    let attributes = member("additional_attributes");
    let message = member("message");
    if !message.is_null() {
        check_message(message.as_object().unwrap_or(&Map::new()))?;
    }
    let id = book.number();
    let attributes = if attributes.is_null() { json!({}) } else { attributes };
    let fields = json!({"contact_id": owner, "status": status, "additional_attributes": attributes});
    book.add("conversations", id, fields.as_object().cloned().unwrap_or_default());
    if let Value::Object(message) = message {
        add_message(book, id, message);
    }
    Ok(Reply::json(
        200,
        show_conversation(book, book.get("conversations", &id.to_string()).expect("just added")),
    ))
}

fn show_conversation(book: &Book, conversation: &Record) -> Value {
    let messages: Vec<Value> =
        of(book, "messages", "conversation_id", number(conversation)).map(show).collect();
    json!({"id": number(conversation), "account_id": 1, "inbox_id": 1, "status": conversation.text("status"),
        "additional_attributes": conversation.fields["additional_attributes"], "messages": messages, "meta": {"sender": {"id": conversation.fields["contact_id"]}}})
}

fn conversation<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    book.get("conversations", request.param("id")).ok_or_else(missing)
}

fn read_conversation(book: &mut Book, request: &Request) -> Outcome {
    let conversation = conversation(book, request)?;
    Ok(Reply::json(200, show_conversation(book, conversation)))
}

/// Sets the status that is given; without one, open becomes resolved and anything else open.
fn toggle_status(book: &mut Book, request: &Request) -> Outcome {
    let conversation = conversation(book, request)?;
    let (id, is_open) = (conversation.id.clone(), conversation.text("status") == "open");
    let given = request.object();
    let status = status(&given)?.unwrap_or(if is_open { "resolved" } else { "open" });
    book.update("conversations", &id, Map::from_iter([("status".to_owned(), json!(status))]));
    let number: u64 = id.parse().unwrap_or_default();
    let payload =
        json!({"success": true, "conversation_id": number, "current_status": status, "snoozed_until": null});
    Ok(Reply::json(200, json!({"meta": {}, "payload": payload})))
}

fn contact_conversations(book: &mut Book, request: &Request) -> Outcome {
    let contact = number(contact(book, request)?);
    let found: Vec<Value> =
        of(book, "conversations", "contact_id", contact).map(|one| show_conversation(book, one)).collect();
    Ok(Reply::json(200, json!({"payload": found})))
}

fn check_message(given: &Map<String, Value>) -> Result<(), Reply> {
    check_known(MESSAGE, given).map_err(|fault| invalid(fault.field(), "is invalid"))
}

fn add_message(book: &mut Book, conversation: u64, mut given: Map<String, Value>) -> u64 {
    given.insert("conversation_id".to_owned(), json!(conversation));
    // Numbers, as an answer has them.
    let incoming = said(&given, "message_type") == "incoming";
    given.insert("message_type".to_owned(), json!(u8::from(!incoming)));
    let mut attributes = given.remove("content_attributes").unwrap_or_else(|| json!({}));
    if let Some(at) = given.remove("external_created_at") {
        attributes["external_created_at"] = at;
    }
    given.insert("content_attributes".to_owned(), attributes);
    let id = book.number();
    book.add("messages", id, given);
    id
}

fn create_message(book: &mut Book, request: &Request) -> Outcome {
    let conversation = number(conversation(book, request)?);
    let given = request.object();
    check_message(&given)?;
    if !given.contains_key("content") {
        return Err(invalid("content", "can't be blank"));
    }
    let id = add_message(book, conversation, given);
    Ok(Reply::json(200, show(book.get("messages", &id.to_string()).expect("just added"))))
}

fn messages(book: &mut Book, request: &Request) -> Outcome {
    let conversation = number(conversation(book, request)?);
    let found: Vec<Value> = of(book, "messages", "conversation_id", conversation).map(show).collect();
    Ok(Reply::json(200, json!({"meta": {"labels": []}, "payload": found})))
}

fn fact(book: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    let owner = |record: &Record| record.fields.get("contact_id").map_or(String::new(), Value::to_string);
    match record.kind.as_str() {
        "contacts" => Some(Fact::Person(Person { id, email: text("email"), phone: text("phone_number") })),
        "notes" => Some(Fact::Note(Note { id, person: owner(record), text: text("content") })),
        "messages" => {
            let conversation = book.get("conversations", &record.fields["conversation_id"].to_string());
            Some(Fact::Note(Note {
                id,
                person: conversation.map_or(String::new(), owner),
                text: text("content"),
            }))
        }
        _ => None,
    }
}
