//! `GET /v1/sites/{site}/forms/{form}`: a form in one language, with our own texts, as an element needs it.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use crm_protocol::text::Lang;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, openapi};
use crate::page::view;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let operation = Operation::new("getForm", "A form in one language")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .path("form", openapi::name())
        .query("lang", false, openapi::lang())
        .answer(200, "The form and the texts around it", openapi::json("FormView"))
        .refuses(&[Code::Malformed, Code::UnknownSite, Code::UnknownForm]);
    routes.get("/v1/sites/{site}/forms/{form}", show, operation)
}

/// `?lang=`: the language wanted; the site's first where it is missing.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// The language.
    pub lang: Option<Lang>,
}

impl Wanted {
    /// Reads the query.
    ///
    /// # Errors
    /// 400 when `lang` is no language tag.
    pub fn read(query: Result<Query<Self>, QueryRejection>) -> Result<Option<Lang>, Refusal> {
        match query {
            Ok(Query(wanted)) => Ok(wanted.lang),
            Err(_) => {
                Err(Refusal::new(Code::Malformed).detail("`lang` is a language tag such as en or zh-CN."))
            }
        }
    }
}

async fn show(
    State(app): State<Arc<App>>,
    Path((site, form)): Path<(String, String)>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let lang = Wanted::read(wanted)?;
    let site = app.site(&site)?;
    let view = view::form_view(&site, &form, lang.as_ref()).ok_or(Code::UnknownForm)?;
    Ok(public(&view))
}

/// JSON that is the same for everyone, for a minute.
pub fn public(value: &impl serde::Serialize) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
    ];
    match serde_json::to_vec(value) {
        Ok(body) => (headers, body).into_response(),
        Err(cause) => Refusal::internal(cause).into_response(),
    }
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    json!({
        "FormView": {
            "type": "object",
            "required": ["site", "form", "lang", "texts"],
            "properties": {
                "site": openapi::name(),
                "form": {"type": "object", "description": "As /schemas/form.json, every text in one language"},
                "lang": openapi::lang(),
                "texts": {"type": "object", "additionalProperties": {"type": "string"}},
                "challenge": {"type": "boolean"},
            }
        }
    })
}
