//! `POST …/waitlist` and `GET`, `DELETE …/waitlist/{id}`: waiting for a slot that becomes free.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::http::bearer::bearer;
use crate::http::desk::Desk;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, openapi, submissions};

/// Largest body.
const LARGEST: usize = 256 * 1024;
const OWN: &str = "/v1/sites/{site}/waitlist/{id}";

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let post = openapi::keyed(Operation::new("wait", "Wait for a slot that becomes free"))
        .cors(Cors::Site)
        .path("site", openapi::name())
        .body(openapi::json("WaitRequest"))
        .answer(201, "On the list, and the same answer again for the same key", openapi::json("Waiting"))
        .refuses(&[
            Code::Blocked,
            Code::LimitReached,
            Code::UnknownService,
            Code::UnknownForm,
            Code::NotFound,
            Code::InvalidAnswers,
            Code::NotOffered,
        ]);
    let get = openapi::owned("getWaiting", "Whether a slot is offered").answer(
        200,
        "Whose turn it is",
        openapi::json("Waiting"),
    );
    let delete =
        openapi::owned("leave", "Wait no longer").answer(204, "Not on the list any more", Value::Null);
    routes.post("/v1/sites/{site}/waitlist", wait, post).get(OWN, show, get).delete(OWN, leave, delete)
}

async fn wait(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = Desk::of(&app, &site)?;
    let keyed = Keyed::read(&app, &desk.site.definition, visitor, &headers, body, LARGEST).await?;
    body::private(StatusCode::CREATED, &desk.wait(keyed).await?)
}

async fn show(
    State(app): State<Arc<App>>,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let waiting = Desk::of(&app, &site)?.waiting(&id, bearer(&headers)).await?;
    body::private(StatusCode::OK, &waiting)
}

async fn leave(
    State(app): State<Arc<App>>,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    Desk::of(&app, &site)?.leave(&id, bearer(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let day = json!({"type": ["string", "null"], "format": "date"});
    let submission = submissions::schemas();
    let filled = |member: &str| submission["Submission"]["properties"][member].clone();
    json!({
        "WaitRequest": {
            "type": "object",
            "required": ["service", "answers"],
            "additionalProperties": false,
            "properties": {
                "service": openapi::name(),
                "practitioner": {"type": ["string", "null"]},
                "from": day, "to": day,
                "version": filled("version"), "lang": filled("lang"), "answers": filled("answers"),
                "context": filled("context"), "signals": filled("signals"),
            }
        },
        "Waiting": {
            "type": "object",
            "required": ["id", "token", "turn", "service"],
            "properties": {
                "id": {"type": "string", "pattern": "^wait_[0-9a-f]{32}$"},
                "token": {"type": "string", "description": "Send it as `Authorization: Bearer`"},
                "turn": {"enum": ["waiting", "offered", "over"]},
                "service": openapi::name(),
                "offer": {"$ref": "#/components/schemas/Held"},
            }
        }
    })
}
