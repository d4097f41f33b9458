//! `GET …/services` and `GET …/practitioners`: what can be booked at a site.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use crm_protocol::text::Lang;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::booking::offer::Filter;
use crate::http::desk::Desk;
use crate::http::forms::{self, Wanted};
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, openapi};

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let services = Operation::new("getServices", "Everything that can be booked at a site, in one language")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .query("lang", false, openapi::lang())
        .answer(200, "Departments, services, practitioners, places and forms", openapi::json("Offer"))
        .refuses(&[Code::Malformed, Code::UnknownSite, Code::UnknownService]);
    let practitioners = Operation::new("getPractitioners", "Who does services, or one service")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .query("service", false, openapi::name())
        .query("lang", false, openapi::lang())
        .answer(200, "The practitioners, in the order they are shown", openapi::json("Practitioners"))
        .refuses(&[Code::Malformed, Code::UnknownSite, Code::UnknownService]);
    routes.get("/v1/sites/{site}/services", show_services, services).get(
        "/v1/sites/{site}/practitioners",
        show_practitioners,
        practitioners,
    )
}

#[derive(Deserialize)]
struct Asked {
    service: Option<String>,
    lang: Option<Lang>,
}

async fn show_services(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let lang = Wanted::read(wanted)?;
    let desk = Desk::of(&app, &site)?;
    Ok(forms::public(&desk.offer(lang.as_ref(), Filter::default())?))
}

async fn show_practitioners(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let malformed = |_| Refusal::new(Code::Malformed).detail("`lang` is a language tag such as en or zh-CN.");
    let Query(asked) = asked.map_err(malformed)?;
    let desk = Desk::of(&app, &site)?;
    if let Some(key) = &asked.service {
        desk.service(key, None)?;
    }
    let filter = Filter { service: asked.service.as_deref(), ..Filter::default() };
    let offer = desk.offer(asked.lang.as_ref(), filter)?;
    Ok(forms::public(&json!({"practitioners": offer.practitioners})))
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let text = json!({"type": "string"});
    let list = |item: Value| json!({"type": "array", "items": item});
    let object = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "properties": properties});
    let key = openapi::name();
    let practitioner = object(&["key", "name"], json!({"key": key, "name": text, "title": text}));
    let service = object(
        &["key", "department", "name", "minutes", "practitioners", "form"],
        json!({
            "key": key, "department": key, "name": text, "intro": text,
            "minutes": {"type": "integer", "minimum": 5},
            "practitioners": list(key.clone()),
            "form": {"type": "string", "description": "Id of the form in `forms` that is asked before booking"},
            "approval": {"type": "boolean", "description": "The staff confirms each appointment"},
            "waitlist": {"type": "boolean"}, "bring": text,
        }),
    );
    let department = object(&["key", "name"], json!({"key": key, "name": text, "intro": text}));
    let place = object(&["key", "name"], json!({"key": key, "name": text, "address": text, "map": text}));
    json!({
        "Practitioners": object(&["practitioners"], json!({"practitioners": list(practitioner.clone())})),
        "Offer": object(
            &["site", "lang", "timeZone", "departments", "services", "practitioners", "places", "forms", "texts"],
            json!({
                "site": key, "lang": openapi::lang(), "challenge": {"type": "boolean"},
                "timeZone": {"type": "string", "description": "IANA zone of every day and clock time"},
                "departments": list(department), "services": list(service),
                "practitioners": list(practitioner), "places": list(place),
                "forms": list(json!({"type": "object", "description": "As /schemas/form.json, in one language"})),
                "texts": {"type": "object", "additionalProperties": text},
            }),
        ),
    })
}
