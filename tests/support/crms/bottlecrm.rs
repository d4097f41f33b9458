//! BottleCRM (django-crm 1.35).
//!
//! Tried against a real one: the answer to a lead, 400 for an e-mail address that is taken or malformed, 403 without
//! credentials, comments, tasks without an id. From its documentation: fields and enumerations of a lead (`compaign` is
//! spelt so, there is no `website`), the shapes of a lead's page and of the list, that the list leaves converted leads
//! out. From general knowledge: the fields of a task, and that unknown fields are ignored.

use axum::Router;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{Fault, Field, check_known, date, email, filled, list, may, must, one_of, said, text};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, delete, get, patch, post, put};

pub const CRM: Crm = Crm {
    name: "bottlecrm",
    secrets: &[("token", "bcrm_pat_example0123456789")],
    open: &[],
    auth,
    routes,
    fault: |status, message| Reply::json(status, json!({"detail": message})),
    limited: || Reply::json(429, json!({"detail": "Request was throttled."})).with("retry-after", "2"),
    fact,
};

const LEAD: &[Field] = &[
    may("title", text),
    may("salutation", text),
    may("first_name", filled),
    may("last_name", filled),
    may("email", |value| value == "" || email(value)),
    may("phone", |value| value.as_str().is_some_and(|text| text.len() <= 25)),
    may("job_title", text),
    may("company_name", text),
    may("website", text),
    may("description", text),
    may("city", text),
    may("close_date", date),
    may("next_follow_up", date),
    may("status", |value| one_of(value, &["assigned", "in process", "converted", "recycled", "closed"])),
    may("source", |value| {
        one_of(
            value,
            &["call", "email", "existing customer", "partner", "public relations", "compaign", "other"],
        )
    }),
    may("rating", |value| one_of(value, &["HOT", "WARM", "COLD"])),
    may("source_ref", |value| value.as_str().is_some_and(|text| text.chars().count() <= 255)),
    may("assigned_to", list),
    may("teams", list),
    may("tags", list),
    may("custom_fields", Value::is_object),
];

const TASK: &[Field] = &[
    must("title", filled),
    must("status", |value| one_of(value, &["New", "In Progress", "Completed"])),
    must("priority", |value| one_of(value, &["Low", "Medium", "High"])),
    may("due_date", date),
    may("description", text),
    may("lead", text),
];

fn routes() -> Router<Fake> {
    Router::new()
        .route("/api/leads/", post(create))
        .route("/api/leads/", get(list_all))
        .route("/api/leads/duplicates/", post(duplicates))
        .route("/api/leads/{id}/", get(read))
        .route("/api/leads/{id}/", post(comment))
        .route("/api/leads/{id}/", put(change))
        .route("/api/leads/{id}/", patch(change))
        .route("/api/leads/{id}/", delete(remove))
        .route("/api/tasks/", post(create_task))
        .route("/api/tasks/", get(tasks))
        .route("/api/tasks/{id}/", patch(change_task))
}

fn auth(_: &mut Book, request: &Request) -> Result<(), Reply> {
    match request.credentials("Bearer") {
        Some(token) if token == CRM.secrets[0].1 => Ok(()),
        Some(_) => Err(Reply::json(403, json!({"detail": "Invalid token"}))),
        None => Err(Reply::json(403, json!({"detail": "Authentication credentials were not provided."}))),
    }
}

fn refuse(field: &str, reason: &str) -> Reply {
    Reply::json(400, json!({"error": true, "errors": {field: [reason]}}))
}

fn checked(fields: &[Field], given: &Map<String, Value>) -> Result<(), Reply> {
    check_known(fields, given).map_err(|fault| match fault {
        Fault::Missing(field) => refuse(&field, "This field is required."),
        fault if fault.field() == "email" => refuse("email", "Enter a valid email address."),
        fault if given[fault.field()] == "" => refuse(fault.field(), "This field may not be blank."),
        fault => refuse(fault.field(), &format!("{} is not a valid choice.", given[fault.field()])),
    })
}

fn validate(book: &Book, own: &str, given: &Map<String, Value>) -> Result<(), Reply> {
    checked(LEAD, given)?;
    let address = said(given, "email");
    let same = |lead: &Record| lead.id != own && lead.text("email").eq_ignore_ascii_case(address);
    if !address.is_empty() && book.all("leads").any(same) {
        let reason = "Another lead in this organisation already uses that email address.";
        return Err(refuse("email", reason).expected());
    }
    Ok(())
}

fn create(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    validate(book, "", &given)?;
    let id = uuid::Uuid::new_v4();
    book.add("leads", id, given);
    Ok(Reply::json(
        200,
        json!({"error": false, "message": "Lead Created Successfully", "id": id.to_string()}),
    ))
}

fn find<'a>(book: &'a Book, request: &Request) -> Result<&'a Record, Reply> {
    let missing = || Reply::json(404, json!({"detail": "No Lead matches the given query."}));
    book.get("leads", request.param("id")).ok_or_else(missing)
}

fn show(record: &Record) -> Value {
    let mut body = record.fields.clone();
    body.insert("id".to_owned(), json!(record.id));
    body.insert("created_at".to_owned(), json!(record.created.to_string()));
    Value::Object(body)
}

fn read(book: &mut Book, request: &Request) -> Outcome {
    let lead = find(book, request)?;
    let comments: Vec<Value> =
        book.all("comments").filter(|comment| comment.linked("leads") == lead.id).map(show).collect();
    Ok(Reply::json(200, json!({"lead_obj": show(lead), "attachments": [], "comments": comments})))
}

/// Says what the lead's page says.
fn comment(book: &mut Book, request: &Request) -> Outcome {
    let lead = find(book, request)?.id.clone();
    let given = request.object();
    if !given.get("comment").is_some_and(filled) {
        return Err(refuse("comment", "This field is required."));
    }
    let id = uuid::Uuid::new_v4().to_string();
    book.add("comments", &id, Map::from_iter([("comment".to_owned(), given["comment"].clone())]));
    book.link(("comments", &id), ("leads", &lead));
    read(book, request)
}

fn change(book: &mut Book, request: &Request) -> Outcome {
    let lead = find(book, request)?;
    let (id, mut whole) = (lead.id.clone(), lead.fields.clone());
    whole.extend(request.object());
    validate(book, &id, &whole)?;
    book.update("leads", &id, request.object());
    Ok(Reply::json(200, json!({"error": false, "message": "Lead updated Successfully"})))
}

fn remove(book: &mut Book, request: &Request) -> Outcome {
    find(book, request)?;
    book.remove("leads", request.param("id"));
    Ok(Reply::json(200, json!({"error": false, "message": "Lead deleted Successfully"})))
}

fn list_all(book: &mut Book, request: &Request) -> Outcome {
    let (address, search) = (request.query("email").to_lowercase(), request.query("search").to_lowercase());
    let passes = |lead: &&Record| {
        let texts = ["first_name", "last_name", "email", "company_name", "phone", "title"];
        lead.text("status") != "converted"
            && lead.text("email").to_lowercase().contains(&address)
            && (search.is_empty()
                || texts.iter().any(|field| lead.text(field).to_lowercase().contains(&search)))
    };
    let (closed, open): (Vec<&Record>, Vec<&Record>) =
        book.all("leads").filter(passes).partition(|lead| lead.text("status") == "closed");
    let section = |name: &str, leads: Vec<&Record>| json!({"leads_count": leads.len(), name: leads.iter().take(10).map(|lead| show(lead)).collect::<Vec<_>>(), "offset": null});
    Ok(Reply::json(
        200,
        json!({"per_page": 10, "page_number": [1], "open_leads": section("open_leads", open),
            "close_leads": section("close_leads", closed)}),
    ))
}

/// Asked for one thing alone, it answers with what is equal (common/duplicate_detection.py).
fn duplicates(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    let same = |lead: &Record, field: &str| {
        !said(&given, field).is_empty() && lead.text(field).eq_ignore_ascii_case(said(&given, field))
    };
    let found = book.all("leads").filter_map(|lead| {
        let matched: Vec<&str> = ["email", "phone"].into_iter().filter(|field| same(lead, field)).collect();
        (!matched.is_empty()).then(|| {
            json!({"id": lead.id, "name": lead.text("last_name"), "email": lead.text("email"),
                "phone": lead.text("phone"), "matched_on": matched, "can_delete": false})
        })
    });
    Ok(Reply::json(200, json!({"duplicates": found.take(10).collect::<Vec<_>>()})))
}

/// The rows of the list have no description.
fn tasks(book: &mut Book, request: &Request) -> Outcome {
    let (title, lead) = (request.query("title").to_lowercase(), request.query("lead"));
    let passes = |task: &&Record| {
        task.text("title").to_lowercase().contains(&title) && (lead.is_empty() || task.text("lead") == lead)
    };
    let found = book.all("tasks").filter(passes).map(|task| {
        let mut row = show(task);
        row.as_object_mut().and_then(|row| row.remove("description"));
        row
    });
    let found: Vec<Value> = found.collect();
    Ok(Reply::json(200, json!({"tasks_count": found.len(), "offset": null, "tasks": found})))
}

fn change_task(book: &mut Book, request: &Request) -> Outcome {
    let id = request.param("id");
    let missing = || Reply::json(404, json!({"detail": "No such task."}));
    let mut whole = book.get("tasks", id).ok_or_else(missing)?.fields.clone();
    whole.extend(request.object());
    checked(TASK, &whole)?;
    book.update("tasks", id, request.object());
    Ok(Reply::json(200, json!({"error": false, "message": "Task updated Successfully"})))
}

fn create_task(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    checked(TASK, &given)?;
    let lead = said(&given, "lead").to_owned();
    if !lead.is_empty() && book.get("leads", &lead).is_none() {
        return Err(refuse("lead", "Invalid pk - object does not exist."));
    }
    book.add("tasks", uuid::Uuid::new_v4(), given);
    Ok(Reply::json(200, json!({"error": false, "message": "Task Created Successfully"})))
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    Some(match record.kind.as_str() {
        "leads" => Fact::Person(Person { id, email: text("email"), phone: text("phone") }),
        "comments" => {
            Fact::Note(Note { id, person: record.linked("leads").to_owned(), text: text("comment") })
        }
        // A day is all that a task knows of time.
        _ => Fact::Meeting(Meeting {
            id,
            person: text("lead"),
            start: String::new(),
            end: String::new(),
            cancelled: text("status") == "Completed",
        }),
    })
}
