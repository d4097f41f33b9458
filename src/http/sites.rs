//! `GET /v1/sites/{site}`: what is public about a site.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, forms, openapi};

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let operation = Operation::new("getSite", "A site, its languages and its forms")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .answer(200, "The site", openapi::json("Site"))
        .refuses(&[Code::UnknownSite]);
    routes.get("/v1/sites/{site}", show, operation)
}

async fn show(State(app): State<Arc<App>>, Path(site): Path<String>) -> Result<Response, Refusal> {
    let site = app.site(&site)?;
    let site = &site.definition;
    let forms: Vec<_> = site
        .forms
        .iter()
        .map(|form| json!({"id": form.id, "version": form.version, "title": form.title}))
        .collect();
    Ok(forms::public(&json!({
        "key": site.key,
        "name": site.name,
        "languages": site.languages,
        "timeZone": site.time_zone,
        "challenge": site.challenge.enabled,
        "forms": forms,
    })))
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> serde_json::Value {
    let text = json!({"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]});
    json!({
        "Site": {
            "type": "object",
            "required": ["key", "name", "languages", "timeZone", "challenge", "forms"],
            "additionalProperties": false,
            "properties": {
                "key": openapi::name(),
                "name": text,
                "languages": {"type": "array", "items": openapi::lang()},
                "timeZone": {"type": "string"},
                "challenge": {"type": "boolean"},
                "forms": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id", "version", "title"],
                        "additionalProperties": false,
                        "properties": {"id": openapi::name(), "version": {"type": "integer"}, "title": text}
                    }
                }
            }
        }
    })
}
