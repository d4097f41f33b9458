//! `GET` and `DELETE …/appointments/{id}/block`: whether the person of an appointment may book. A person is named by an
//! appointment of theirs, so nothing personal is in an address.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use super::appointment::parsed;
use super::{Staff, about};
use crate::http::desk::written;
use crate::http::problem::Refusal;
use crate::http::routes::Routes;
use crate::http::{body, openapi};
use crate::store::staff::Permission;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let get = about("seeBlock", "Whether the person of this appointment is blocked").answer(
        200,
        "Until when, if they are",
        openapi::json("Block"),
    );
    let delete = about("liftBlock", "Let the person of this appointment book again").answer(
        204,
        "They may; what they missed is not forgotten",
        Value::Null,
    );
    const PATH: &str = "/console/api/sites/{site}/appointments/{id}/block";
    routes.get(PATH, show, get).delete(PATH, lift, delete)
}

/// Whether a person may book.
#[derive(Debug, Serialize)]
struct Block {
    blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

async fn show(staff: Staff, Path((_, id)): Path<(String, String)>) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Read)?;
    let until = desk.block(parsed(&id)?).await?;
    staff.did("block.see", &id);
    let from = until.map(|until| desk.free_from(until));
    body::private(StatusCode::OK, &Block { blocked: until.is_some(), until: until.map(written), from })
}

async fn lift(staff: Staff, Path((_, id)): Path<(String, String)>) -> Result<Response, Refusal> {
    staff.may(Permission::Book)?.lift_block(parsed(&id)?).await?;
    staff.did("block.lift", &id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    json!({
        "Block": {
            "type": "object",
            "required": ["blocked"],
            "properties": {
                "blocked": {"type": "boolean"},
                "until": {"type": "string", "format": "date-time", "description": "When it ends"},
                "from": {"type": "string", "format": "date", "description": "The day that its person is told"}
            }
        }
    })
}
