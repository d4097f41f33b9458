//! `POST /v1/sites/{site}/submissions`: the answer 201 means that it is on disk and will be delivered.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::http::intake::accept;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, openapi};

/// Largest body.
const LARGEST: usize = 256 * 1024;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let operation = openapi::keyed(Operation::new("submit", "Send a filled form"))
        .cors(Cors::Site)
        .path("site", openapi::name())
        .body(filled())
        .answer(201, "Stored, and the same answer again for the same key", openapi::json("Receipt"))
        .refuses(&[Code::UnknownForm, Code::InvalidAnswers]);
    routes.post("/v1/sites/{site}/submissions", submit, operation)
}

async fn submit(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let site = app.site(&site)?;
    let keyed = Keyed::read(&app, &site.definition, visitor, &headers, body, LARGEST).await?;
    let receipt = accept(&app, &site, keyed).await?;
    Ok(body::written(StatusCode::CREATED, receipt))
}

/// The body, with an example that the demo's site accepts.
fn filled() -> serde_json::Value {
    let mut content = openapi::json("Submission");
    content["application/json"]["example"] = json!({
        "form": "enquiry",
        "version": 1,
        "lang": "zh-CN",
        "answers": {
            "name": "王芳", "phone": "138 0013 8000", "question": "周六上午有号吗？", "reply": "phone", "privacy": "yes"
        },
        "context": {"page": "https://clinic.example.com/contact", "campaign": {"utm_source": "newsletter"}},
        "signals": {"trap": false, "elapsed": 42_000},
    });
    content
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> serde_json::Value {
    let text = json!({"type": "string"});
    let raw = json!({"anyOf": [text, {"type": "array", "items": text}]});
    let optional = json!({"type": ["string", "null"]});
    json!({
        "Submission": {
            "type": "object",
            "required": ["form", "answers"],
            "additionalProperties": false,
            "properties": {
                "form": text,
                "version": {"type": ["integer", "null"], "minimum": 0, "maximum": u32::MAX},
                "lang": openapi::lang(),
                "answers": {
                    "type": "object",
                    "description": "Raw answers by field name; rows of a matrix are named field.row, files are lists of upload ids.",
                    "additionalProperties": raw,
                },
                "context": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "page": optional,
                        "referrer": optional,
                        "campaign": {"type": "object", "additionalProperties": text},
                        "language": optional,
                        "timeZone": optional,
                    }
                },
                "signals": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "trap": {
                            "type": "boolean",
                            "description": "The field that people do not see was filled: stored and marked as spam. A form \
                                            then goes to no connection, and an appointment is only requested"
                        },
                        "elapsed": {"type": "integer", "minimum": 0, "maximum": u32::MAX},
                    }
                }
            }
        },
        "Receipt": {
            "type": "object",
            "required": ["id", "receipt"],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string", "pattern": "^sub_[0-9a-f]{32}$"},
                "receipt": {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$"},
            }
        }
    })
}
