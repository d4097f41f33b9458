//! `POST …/holds` and `DELETE …/holds/{id}`: a slot that is kept while its visitor fills in the form.

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
use crate::http::{App, body, openapi};

/// Largest body.
const LARGEST: usize = 4 * 1024;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let post = openapi::keyed(Operation::new("hold", "Keep a slot for some minutes"))
        .cors(Cors::Site)
        .path("site", openapi::name())
        .body(openapi::json("HoldRequest"))
        .answer(
            201,
            "It is nobody else's until then, and the same answer again for the same key",
            openapi::json("Held"),
        )
        .refuses(&[Code::UnknownService, Code::SlotTaken, Code::HoldOver, Code::NotOffered]);
    let delete = openapi::owned("release", "Give a slot back that was kept").answer(
        204,
        "Everybody may have it",
        Value::Null,
    );
    routes.post("/v1/sites/{site}/holds", hold, post).delete("/v1/sites/{site}/holds/{id}", release, delete)
}

async fn hold(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = Desk::of(&app, &site)?;
    let keyed = Keyed::read(&app, &desk.site.definition, visitor, &headers, body, LARGEST).await?;
    app.limits.hold(visitor, desk.booking()?.hold_seconds)?;
    body::private(StatusCode::CREATED, &desk.hold(keyed).await?)
}

async fn release(
    State(app): State<Arc<App>>,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    Desk::of(&app, &site)?.release(&id, bearer(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let instant = json!({"type": "string", "format": "date-time"});
    let key = openapi::name();
    json!({
        "HoldRequest": {
            "type": "object",
            "required": ["service", "start"],
            "additionalProperties": false,
            "properties": {
                "service": key,
                "practitioner": {"type": ["string", "null"], "description": "Whoever has least to do where missing"},
                "start": instant,
            }
        },
        "Held": {
            "type": "object",
            "required": ["id", "token", "service", "practitioner", "place", "start", "end", "expires", "seconds"],
            "properties": {
                "id": {"type": "string", "pattern": "^hold_[0-9a-f]{32}$"},
                "token": {"type": "string", "description": "Send it as `Authorization: Bearer` to book or release"},
                "service": key, "practitioner": key, "place": key,
                "start": instant, "end": instant, "expires": instant,
                "offset": {"type": "integer", "description": "Minutes the clock is ahead of UTC at the start"},
                "seconds": {"type": "integer", "minimum": 0},
            }
        }
    })
}
