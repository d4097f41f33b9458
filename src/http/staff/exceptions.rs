//! `GET`, `POST …/exceptions` and `DELETE …/exceptions/{id}`: what staff changes of the schedules from one day to the next.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use crm_protocol::check::FieldError;
use crm_protocol::faults::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::appointments::{PAGE, page_size};
use super::entry::Entry;
use super::{Staff, keyed, operation};
use crate::closing::affected;
use crate::definitions::booking::Exception;
use crate::hex;
use crate::http::desk::Desk;
use crate::http::intake::now;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::Routes;
use crate::http::{App, body, openapi};
use crate::store::Millis;
use crate::store::booking::{AddException, Added, Exceptions, RemoveException, StoredException};
use crate::store::staff::Permission;

/// Largest body.
const LARGEST: usize = 16 * 1024;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let list = operation("listExceptions", "What was changed in the schedules, until a year after it is past")
        .query("limit", false, json!({"type": "integer", "minimum": 1, "maximum": PAGE.1, "default": PAGE.0}))
        .query("after", false, json!({"type": "string", "pattern": "^[0-9]{1,15}\\.exc_[0-9a-f]{32}$", "description": "`next` of the page before"}))
        .answer(200, "A page, the earliest change first", openapi::json("Exceptions"))
        .refuses(&[Code::Malformed]);
    let add = keyed(operation("addException", "Close a time, or open one"))
        .body(openapi::json("Exception"))
        .answer(
            201,
            "It holds here at once and at every other gateway within two seconds. Appointments in a closed time stand \
             until somebody cancels them",
            openapi::json("StoredException"),
        )
        .refuses(&[
            Code::Malformed,
            Code::Timeout,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::InvalidException,
        ]);
    let remove = operation("removeException", "Take back a change of the schedules")
        .path("id", json!({"type": "string", "pattern": "^exc_[0-9a-f]{32}$"}))
        .answer(204, "The schedules are as they were without it", Value::Null)
        .refuses(&[Code::NotFound]);
    const PATH: &str = "/console/api/sites/{site}/exceptions";
    routes.get(PATH, show, list).post(PATH, add_one, add).delete(
        "/console/api/sites/{site}/exceptions/{id}",
        remove_one,
        remove,
    )
}

#[derive(Debug, Deserialize)]
struct Asked {
    limit: Option<u32>,
    after: Option<String>,
}

/// A page of the list.
#[derive(Debug, Serialize)]
struct Page {
    exceptions: Vec<Stored>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// One under its id.
#[derive(Debug, Serialize)]
struct Stored {
    id: String,
    #[serde(flatten)]
    exception: Exception,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointments: Option<Vec<Entry>>,
}

async fn show(
    State(app): State<Arc<App>>,
    staff: Staff,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Schedule)?;
    let detail = "`limit` is a number, `after` the `next` of the page before.";
    let Query(asked) = asked.map_err(|_| Refusal::new(Code::Malformed).detail(detail))?;
    let limit = page_size(asked.limit)?;
    let after = asked.after.as_deref().map(position).transpose()?;
    let list = Exceptions { site: desk.key().to_owned(), after, limit: limit + 1 };
    let mut found = app.store.run(list).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| format!("{}.{}", last.created_at, last.id));
    let stored = |StoredException { id, body, .. }| {
        let exception = serde_json::from_str(&body).map_err(Refusal::internal)?;
        Ok(Stored { id, exception, appointments: None })
    };
    let exceptions = found.into_iter().map(stored).collect::<Result<_, Refusal>>()?;
    staff.did("exceptions.list", "");
    body::private(StatusCode::OK, &Page { exceptions, next })
}

fn position(cursor: &str) -> Result<(Millis, String), Refusal> {
    let read = || {
        let (at, id) = cursor.split_once('.').filter(|(_, id)| is_id(id))?;
        let at = at.bytes().all(|byte| byte.is_ascii_digit()).then_some(at)?;
        Some((at.parse().ok()?, id.to_owned()))
    };
    read().ok_or_else(|| Refusal::new(Code::Malformed).detail("`after` is the `next` of the page before."))
}

fn is_id(text: &str) -> bool {
    let hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.strip_prefix("exc_").is_some_and(|digits| digits.len() == 32 && digits.bytes().all(hex))
}

async fn add_one(
    State(app): State<Arc<App>>,
    staff: Staff,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Schedule)?;
    let key = body::idempotency_key(&headers)?;
    body::expect_json(&headers)?;
    let exception: Exception = body::json(&body::read(&headers, body, LARGEST).await?)?;
    refuse(exception.faults(desk.booking()?))?;
    let id = id(desk.key(), key);
    let body = serde_json::to_string(&exception).map_err(Refusal::internal)?;
    let add = AddException { site: desk.key().to_owned(), id: id.clone(), body, now: now() };
    if app.store.run(add).await? == Added::Other {
        return Err(Code::KeyReused.into());
    }
    app.sites.refresh().await?;
    staff.did("exception.add", &id);
    let appointments = met(&app, &desk, &exception).await?;
    body::private(StatusCode::CREATED, &Stored { id, exception, appointments })
}

/// The appointments that it meets, where it closes something.
async fn met(app: &App, desk: &Desk, exception: &Exception) -> Result<Option<Vec<Entry>>, Refusal> {
    let Exception::Closed(closure) = exception else { return Ok(None) };
    let found = affected(&app.store, &desk.site, closure).await?;
    Ok(Some(found.iter().map(|stored| Entry::new(desk, stored)).collect()))
}

/// The same for every sending under the same key.
fn id(site: &str, key: &str) -> String {
    let hash = hex::encode(&Sha256::digest(format!("{site} {key}")));
    format!("exc_{}", hash.get(..32).unwrap_or_default())
}

fn refuse(faults: Vec<Fault>) -> Result<(), Refusal> {
    let error = |Fault { path, message, fix }| FieldError {
        field: path,
        code: "fault".to_owned(),
        message: format!("{message}: {fix}"),
    };
    let errors: Vec<FieldError> = faults.into_iter().map(error).collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal { errors, ..Refusal::new(Code::InvalidException) }) }
}

async fn remove_one(
    State(app): State<Arc<App>>,
    staff: Staff,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Schedule)?;
    if !is_id(&id) {
        return Err(Code::NotFound.into());
    }
    let remove = RemoveException { site: desk.key().to_owned(), id: id.clone() };
    if !app.store.run(remove).await? {
        return Err(Code::NotFound.into());
    }
    app.sites.refresh().await?;
    staff.did("exception.remove", &id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let (day, key) = (json!({"type": "string", "format": "date"}), openapi::name());
    let time = json!({"type": "string", "pattern": "^([01][0-9]|2[0-4]):[0-5][05]$"});
    let hours = json!({
        "type": "object",
        "description": "On the place's clock, multiples of 5 minutes, 24:00 at the latest",
        "required": ["from", "to"],
        "additionalProperties": false,
        "properties": {"from": time, "to": time}
    });
    let closed = json!({
        "type": "object",
        "description": "Somebody does not work, or nobody where `who` is missing",
        "required": ["from"],
        "additionalProperties": false,
        "properties": {
            "from": day, "to": day, "hours": hours,
            "who": {"type": "string", "description": "Key of a practitioner or resource"},
            "place": key,
            "reason": {"type": "string", "description": "For staff"}
        }
    });
    let open = json!({
        "type": "object",
        "description": "Somebody works besides their schedule",
        "required": ["who", "place", "day", "hours"],
        "additionalProperties": false,
        "properties": {"who": {"type": "string"}, "place": key, "day": day, "hours": hours}
    });
    let id = json!({"type": "string", "pattern": "^exc_[0-9a-f]{32}$"});
    json!({
        "Exception": {
            "oneOf": [
                {"type": "object", "required": ["closed"], "additionalProperties": false, "properties": {"closed": closed}},
                {"type": "object", "required": ["open"], "additionalProperties": false, "properties": {"open": open}}
            ]
        },
        "StoredException": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": id, "closed": closed, "open": open,
                "appointments": {
                    "type": "array",
                    "description": "Open appointments in the closed time, when it was closed",
                    "items": {"$ref": "#/components/schemas/StaffAppointment"}
                }
            }
        },
        "Exceptions": {
            "type": "object",
            "required": ["exceptions"],
            "properties": {
                "exceptions": {"type": "array", "items": {"$ref": "#/components/schemas/StoredException"}},
                "next": {"type": "string", "description": "Missing on the last page"}
            }
        }
    })
}
