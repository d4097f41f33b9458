//! Odoo 19 and later, JSON-2; and what its older protocol (`odoo_jsonrpc`) has in common with it.
//!
//! Tried against a real 19.0: `create`, `search`, `load` with external ids, `message_post`, `calendar.event`,
//! `activity_schedule`, and the errors: 401 for a key, 404 for a model, 422 for an argument or a missing value, 500
//! `ValueError` for an unknown field or a date that isn't `YYYY-MM-DD HH:MM:SS`. From its source and documentation: the
//! error's members, 404 for a method, ids as arrays, what `load` makes of a cell (`base/models/ir_fields.py`). From general knowledge: which fields exist, and that a message's
//! text is escaped unless it is said to be HTML.

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, boolean, check, date, from_utc, has, integer, list, may, must, now_stamp, stamp, text,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, post};

pub const JSON2: Crm = Crm {
    name: "odoo",
    secrets: &[("api_key", "6578616d706c65206a736f6e20617069206b6579"), ("database", "clinic")],
    open: &[],
    auth,
    routes: || Router::<Fake>::new().route("/json/2/{model}/{method}", post(json2)),
    fault: |status, message| Error::new(status, "werkzeug.exceptions.HTTPException", message).reply(),
    limited: || Reply::text(429, "Too Many Requests"),
    fact,
};

const LEAD: &[Field] = &[
    must("name", text),
    may("contact_name", text),
    may("partner_name", text),
    may("partner_id", integer),
    may("email_from", text),
    may("email_normalized", text),
    may("phone", text),
    may("phone_sanitized", text),
    may("mobile", text),
    may("description", text),
    may("type", |value| value == "lead" || value == "opportunity"),
    may("referred", text),
    may("website", text),
    may("city", text),
    may("zip", text),
    may("active", boolean),
    may("user_id", any),
    may("team_id", any),
    may("source_id", integer),
    may("tag_ids", list),
];

const PARTNER: &[Field] = &[
    must("name", text),
    may("email", text),
    may("phone", text),
    may("ref", text),
    may("comment", text),
    may("is_company", boolean),
    may("lang", text),
    may("active", boolean),
];

const EVENT: &[Field] = &[
    must("name", text),
    must("start", stamp),
    must("stop", stamp),
    may("allday", boolean),
    may("partner_ids", list),
    may("res_model", text),
    may("res_id", integer),
    may("res_model_id", integer),
    may("opportunity_id", integer),
    may("description", text),
    may("location", text),
    may("active", boolean),
    may("user_id", any),
];

/// Read only; `message_post` writes them.
const MESSAGE: &[Field] = &[
    may("model", text),
    may("res_id", integer),
    may("body", text),
    may("message_type", text),
    may("date", stamp),
];

const ACTIVITY: &[Field] = &[
    may("res_model", text),
    may("res_id", integer),
    may("summary", text),
    may("note", text),
    may("date_deadline", date),
];

/// An exception, as both protocols tell it.
pub struct Error {
    status: u16,
    pub name: String,
    pub message: String,
}

impl Error {
    pub fn new(status: u16, name: &str, message: impl Into<String>) -> Self {
        Self { status, name: name.to_owned(), message: message.into() }
    }

    fn value(message: impl Into<String>) -> Self {
        Self::new(500, "builtins.ValueError", message)
    }

    fn reply(self) -> Reply {
        let Self { status, name, message } = self;
        let body = json!({"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback …"});
        let reply = Reply::json(status, body);
        if status == 500 { reply.complaining() } else { reply }
    }
}

type Found = Result<Value, Error>;

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    if request.credentials("bearer") == Some(JSON2.secrets[0].1) {
        return Ok(());
    }
    Err(Error::new(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey").reply())
}

fn json2(book: &mut Book, request: &Request) -> Outcome {
    let database = request.header("x-odoo-database");
    if request.media_type() != "application/json" {
        return Err(
            Error::new(415, "werkzeug.exceptions.UnsupportedMediaType", "application/json expected").reply()
        );
    }
    if !database.is_empty() && database != JSON2.secrets[1].1 {
        return Err(Error::new(404, "werkzeug.exceptions.NotFound", "no such database").reply());
    }
    let arguments = request.json();
    let arguments = arguments.as_object().ok_or_else(|| {
        Error::new(400, "werkzeug.exceptions.BadRequest", "could not parse the body as json").reply()
    })?;
    let result = call(book, request.param("model"), request.param("method"), arguments);
    result.map(|value| Reply::json(200, value)).map_err(Error::reply)
}

fn fields(model: &str) -> Result<&'static [Field], Error> {
    match model {
        "crm.lead" => Ok(LEAD),
        "res.partner" => Ok(PARTNER),
        "calendar.event" => Ok(EVENT),
        "mail.message" => Ok(MESSAGE),
        "mail.activity" => Ok(ACTIVITY),
        _ => Err(Error::new(
            404,
            "werkzeug.exceptions.NotFound",
            format!("the model '{model}' does not exist"),
        )),
    }
}

/// Calls a method with named arguments. Records are returned as their ids.
pub fn call(book: &mut Book, model: &str, method: &str, arguments: &Map<String, Value>) -> Found {
    let fields = fields(model)?;
    let known: &[&str] = match method {
        "create" => &["vals_list"],
        "write" => &["ids", "vals"],
        "unlink" => &["ids"],
        "read" => &["ids", "fields", "load"],
        "search" => &["domain", "offset", "limit", "order"],
        "search_count" => &["domain", "limit"],
        "search_read" => &["domain", "fields", "offset", "limit", "order"],
        "load" => &["fields", "data"],
        "message_post" => {
            &["ids", "body", "subject", "message_type", "subtype_xmlid", "body_is_html", "email_from"]
        }
        "activity_schedule" => &["ids", "act_type_xmlid", "date_deadline", "summary", "note", "user_id"],
        _ => {
            return Err(Error::new(
                404,
                "werkzeug.exceptions.NotFound",
                format!("The method '{model}.{method}' does not exist"),
            ));
        }
    };
    let bind = |message: String| Error::new(422, "werkzeug.exceptions.UnprocessableEntity", message);
    if let Some(name) = arguments.keys().find(|name| *name != "context" && !known.contains(&name.as_str())) {
        return Err(bind(format!("got an unexpected keyword argument '{name}'")));
    }
    let needed = known[0];
    let argument =
        arguments.get(needed).ok_or_else(|| bind(format!("missing a required argument: '{needed}'")))?;
    match method {
        "create" => create(book, model, fields, argument),
        "search" => {
            Ok(search(book, model, fields, arguments)?.into_iter().map(|record| number(&record.id)).collect())
        }
        "search_count" => Ok(json!(search(book, model, fields, arguments)?.len())),
        "search_read" => Ok(search(book, model, fields, arguments)?
            .into_iter()
            .map(|record| show(record, arguments))
            .collect()),
        "load" => load(book, model, fields, argument, &arguments["data"]),
        _ => on_records(book, model, method, argument, arguments),
    }
}

fn on_records(
    book: &mut Book,
    model: &str,
    method: &str,
    ids: &Value,
    arguments: &Map<String, Value>,
) -> Found {
    let ids: Vec<String> =
        ids.as_array().map(|ids| ids.iter().map(Value::to_string).collect()).unwrap_or_default();
    if let Some(id) = ids.iter().find(|id| book.get(model, id).is_none()) {
        let message =
            format!("Record does not exist or has been deleted.\n(Record: {model}({id},), User: 2)");
        return Err(Error::new(404, "odoo.exceptions.MissingError", message));
    }
    let records = || ids.iter().filter_map(|id| book.get(model, id));
    match method {
        "read" => Ok(records().map(|record| show(record, arguments)).collect()),
        "unlink" => Ok(json!(ids.iter().all(|id| book.remove(model, id)))),
        "write" => {
            let values = arguments.get("vals").and_then(Value::as_object).cloned().unwrap_or_default();
            for id in &ids {
                let mut whole = book.get(model, id).expect("looked for").fields.clone();
                whole.extend(values.clone());
                whole.retain(|name, _| name != "create_date");
                validate(book, model, fields(model)?, &whole)?;
                book.update(model, id, values.clone());
            }
            Ok(json!(true))
        }
        _ => hang_on(book, model, method, &ids, arguments),
    }
}

/// A message or an activity of exactly one record.
fn hang_on(
    book: &mut Book,
    model: &str,
    method: &str,
    ids: &[String],
    arguments: &Map<String, Value>,
) -> Found {
    let [id] = ids else { return Err(Error::value("Expected singleton")) };
    let mut given = arguments.clone();
    given.remove("ids");
    let kind = if method == "message_post" { "mail.message" } else { "mail.activity" };
    if kind == "mail.message" {
        given.insert("model".to_owned(), json!(model));
        let body = given.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        if given.remove("body_is_html") != Some(json!(true)) {
            let escaped = body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            given.insert("body".to_owned(), json!(format!("<p>{escaped}</p>")));
        }
        given.insert("date".to_owned(), json!(now_stamp()));
    } else {
        given.insert("res_model".to_owned(), json!(model));
        if given.get("date_deadline").is_some_and(|day| !date(day)) {
            return Err(Error::value("Invalid isoformat string"));
        }
    }
    given.insert("res_id".to_owned(), number(id));
    let new = book.number();
    book.add(kind, new, given);
    Ok(json!([new]))
}

fn number(id: &str) -> Value {
    json!(id.parse::<u64>().expect("ids are numbers"))
}

fn validate(book: &Book, model: &str, fields: &[Field], given: &Map<String, Value>) -> Result<(), Error> {
    // False is how Odoo says that a field is empty.
    let given: Map<_, _> = given
        .iter()
        .filter(|(_, value)| **value != json!(false))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    check(fields, &given, &book.custom).map_err(|fault| match fault {
        Fault::Unknown(name) => Error::value(format!("Invalid field '{name}' in '{model}'")),
        Fault::Wrong(name) if given[&name].is_string() => Error::value(format!(
            "time data {} of '{name}' does not match format '%Y-%m-%d %H:%M:%S'",
            given[&name]
        )),
        Fault::Wrong(name) => Error::value(format!("Wrong value for {model}.{name}: {}", given[&name])),
        Fault::Missing(name) => {
            let message =
                format!("The operation cannot be completed: Missing required value for the field '{name}'");
            Error::new(422, "odoo.exceptions.ValidationError", message)
        }
    })?;
    let partner = given.get("partner_id").map(Value::to_string);
    if partner.is_some_and(|id| book.get("res.partner", &id).is_none()) {
        return Err(Error::new(
            422,
            "odoo.exceptions.ValidationError",
            "partner_id: the record does not exist",
        ));
    }
    Ok(())
}

fn create(book: &mut Book, model: &str, fields: &[Field], values: &Value) -> Found {
    let rows = match values {
        Value::Array(rows) => rows.clone(),
        row => vec![row.clone()],
    };
    let rows: Option<Vec<&Map<String, Value>>> = rows.iter().map(Value::as_object).collect();
    let rows = rows.ok_or_else(|| Error::value("create expects objects"))?;
    for row in &rows {
        validate(book, model, fields, row)?;
    }
    Ok(rows.into_iter().map(|row| json!(insert(book, model, row.clone()))).collect())
}

fn insert(book: &mut Book, model: &str, mut row: Map<String, Value>) -> u64 {
    row.insert("create_date".to_owned(), json!(now_stamp()));
    let id = book.number();
    book.add(model, id, row);
    id
}

/// A cell, which is a text whatever its type: `1` is true, `user_id/.id` a relation by its number, nothing is false.
fn imported(column: &str, cell: &str) -> (String, Value) {
    let value = match column {
        _ if cell.is_empty() => json!(false),
        "active" | "allday" => json!(cell == "1" || cell == "true"),
        column if column.ends_with("/.id") => cell.parse::<u64>().map_or(json!(cell), |id| json!(id)),
        _ => json!(cell),
    };
    (column.trim_end_matches("/.id").to_owned(), value)
}

/// Creates or updates by external id, which is the column `id`.
fn load(book: &mut Book, model: &str, fields: &[Field], columns: &Value, data: &Value) -> Found {
    let texts = |value: &Value| serde_json::from_value::<Vec<String>>(value.clone());
    let columns = texts(columns).map_err(|_| Error::value("fields must be names"))?;
    let mut ids = Vec::new();
    for row in data.as_array().into_iter().flatten() {
        let row = texts(row).ok().filter(|row| row.len() == columns.len());
        let row = row.ok_or_else(|| Error::value("a row has as many texts as there are fields"))?;
        let named = columns.iter().zip(&row).filter(|(name, _)| *name != "id");
        let values: Map<_, _> = named.map(|(name, cell)| imported(name, cell)).collect();
        if let Err(error) = validate(book, model, fields, &values) {
            let message = json!({"type": "error", "message": error.message, "rows": {"from": 0, "to": 0}});
            return Ok(json!({"ids": false, "messages": [message], "nextrow": 0}));
        }
        let external = columns.iter().position(|name| name == "id").map(|index| row[index].clone());
        let known =
            external.as_ref().and_then(|key| book.all("ir.model.data").find(|data| data.text("name") == key));
        let known = known.map(|data| data.text("res_id").to_owned());
        if let Some(id) = known.filter(|id| book.get(model, id).is_some()) {
            book.update(model, &id, values);
            ids.push(number(&id));
            continue;
        }
        let id = insert(book, model, values);
        if let Some(key) = external {
            let reference = json!({"name": key, "res_id": id.to_string()});
            book.add("ir.model.data", &key, reference.as_object().cloned().unwrap_or_default());
        }
        ids.push(json!(id));
    }
    Ok(json!({"ids": ids, "messages": [], "nextrow": 0}))
}

fn search<'a>(
    book: &'a Book,
    model: &str,
    fields: &[Field],
    arguments: &Map<String, Value>,
) -> Result<Vec<&'a Record>, Error> {
    let domain =
        arguments.get("domain").and_then(Value::as_array).ok_or_else(|| Error::value("Domain() invalid"))?;
    for term in domain.iter().filter(|term| term.is_array()) {
        let name = term[0].as_str().unwrap_or_default();
        if !has(fields, name, &book.custom) && !matches!(name, "id" | "create_date") {
            return Err(Error::value(format!("Invalid field {model}.{name} in condition")));
        }
    }
    let number = |name: &str, other: usize| {
        arguments.get(name).and_then(Value::as_u64).map_or(other, |value| value as usize)
    };
    let found = book.all(model).filter(|record| passes(record, &mut domain.iter()));
    Ok(found.skip(number("offset", 0)).take(number("limit", usize::MAX)).collect())
}

/// A domain: terms in prefix notation, all of which hold unless a `|` says otherwise.
fn passes(record: &Record, terms: &mut std::slice::Iter<Value>) -> bool {
    let mut all = true;
    while !terms.as_slice().is_empty() {
        all &= term(record, terms);
    }
    all
}

fn term(record: &Record, terms: &mut std::slice::Iter<Value>) -> bool {
    match terms.next() {
        None => true,
        Some(Value::String(operator)) => {
            let (one, other) = (term(record, terms), operator == "!" || term(record, terms));
            match operator.as_str() {
                "|" => one || other,
                "!" => !one,
                _ => one && other,
            }
        }
        Some(term) => holds(record, term),
    }
}

fn holds(record: &Record, term: &Value) -> bool {
    let name = term[0].as_str().unwrap_or_default();
    let field = |name: &str| record.fields.get(name).cloned().unwrap_or(json!(false));
    let has = match name {
        "id" => number(&record.id),
        "email_normalized" => json!(record.text("email_from").to_lowercase()),
        "phone_sanitized" => field("phone"),
        name => field(name),
    };
    let part = || term[2].as_str().unwrap_or_default().trim_matches('%').to_lowercase();
    match term[1].as_str() {
        Some("=") => has == term[2],
        Some("!=") => has != term[2],
        Some("in") => term[2].as_array().is_some_and(|list| list.contains(&has)),
        Some("=ilike") => has.as_str().is_some_and(|text| text.to_lowercase() == part()),
        Some("like" | "ilike") => has.as_str().is_some_and(|text| text.to_lowercase().contains(&part())),
        _ => false,
    }
}

fn show(record: &Record, arguments: &Map<String, Value>) -> Value {
    let mut body = Map::from_iter([("id".to_owned(), number(&record.id))]);
    let wanted = arguments.get("fields").and_then(Value::as_array).filter(|fields| !fields.is_empty());
    match wanted {
        None => body.extend(record.fields.clone()),
        Some(fields) => body.extend(
            fields
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| *name != "id")
                .map(|name| (name.to_owned(), record.fields.get(name).cloned().unwrap_or(json!(false)))),
        ),
    }
    Value::Object(body)
}

/// A partner is somebody of his own only as long as no lead is about him.
pub fn fact(book: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    let related = |name: &str| record.fields.get(name).map_or(String::new(), Value::to_string);
    match record.kind.as_str() {
        "crm.lead" => Some(Fact::Person(Person { id, email: text("email_from"), phone: text("phone") })),
        "res.partner" => {
            let led = book.all("crm.lead").any(|lead| lead.fields.get("partner_id") == Some(&number(&id)));
            (!led).then(|| Fact::Person(Person { id, email: text("email"), phone: text("phone") }))
        }
        "mail.message" => Some(Fact::Note(Note { id, person: related("res_id"), text: text("body") })),
        "calendar.event" => Some(Fact::Meeting(Meeting {
            id,
            person: [related("res_id"), related("opportunity_id")]
                .into_iter()
                .find(|id| !id.is_empty())
                .unwrap_or_default(),
            start: from_utc(record.text("start")),
            end: from_utc(record.text("stop")),
            cancelled: record.fields.get("active") == Some(&json!(false)),
        })),
        _ => None,
    }
}
