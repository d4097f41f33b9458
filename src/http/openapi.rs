//! `/openapi.json`, put together from the operations the routes were added with, and the small schemas they share.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::announce::kind;
use crate::connector::event;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{
    App, appointments, challenge, forms, holds, services, sites, slots, staff, submissions, uploads, waitlist,
};

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let document = Operation::new("getOpenapi", "This document").cors(Cors::Any).answer(
        200,
        "OpenAPI 3.1",
        json!({"application/json": {"schema": {"type": "object"}}}),
    );
    let schema =
        Operation::new("getFormSchema", "The JSON Schema of a form's definition").cors(Cors::Any).answer(
            200,
            "JSON Schema 2020-12",
            json!({"application/schema+json": {"schema": {"type": "object"}}}),
        );
    let problem = Operation::new("getProblem", "What a kind of refusal means")
        .cors(Cors::Any)
        .path(
            "code",
            json!({"type": "string", "enum": Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>()}),
        )
        .answer(200, "A sentence", json!({"text/html": {"schema": {"type": "string"}}}))
        .refuses(&[Code::NotFound]);
    routes.get("/openapi.json", show, document).get("/schemas/form.json", form_schema, schema).get(
        "/problems/{code}",
        explain,
        problem,
    )
}

/// The document.
pub fn document(paths: Value) -> Bytes {
    let mut schemas = shared();
    let nouns = [
        challenge::schemas(),
        submissions::schemas(),
        uploads::schemas(),
        sites::schemas(),
        forms::schemas(),
        services::schemas(),
        slots::schemas(),
        holds::schemas(),
        appointments::schemas(),
        waitlist::schemas(),
        staff::schemas(),
    ];
    for more in nouns {
        let (Value::Object(schemas), Value::Object(more)) = (&mut schemas, more) else { continue };
        schemas.extend(more);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CRM widgets",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "What the elements call. Whoever implements it for another CRM can use the elements unchanged.",
        },
        "paths": paths,
        "webhooks": webhooks(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    });
    document.to_string().into()
}

/// An operation whose repetition under the same `Idempotency-Key` changes nothing, and which may ask for a proof of work.
pub fn keyed(operation: Operation) -> Operation {
    let key = json!({"type": "string", "pattern": "^[!-~]{16,100}$"});
    let challenge = "Base64 of the JSON {challenge, counter}; needed, and read, only where the site asks for proof of work";
    operation
        .header("Idempotency-Key", true, "The same for every sending of the same body", key)
        .header("Crm-Challenge", false, challenge, json!({"type": "string"}))
        .refuses(&[
            Code::Malformed,
            Code::KeyMissing,
            Code::ChallengeRequired,
            Code::ChallengeInvalid,
            Code::ChallengeExpired,
            Code::ChallengeSpent,
            Code::UnknownSite,
            Code::Timeout,
            Code::KeyReused,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::TooMany,
            Code::Internal,
            Code::Unavailable,
        ])
}

/// An operation on something of a site that is somebody's own: who has its token may.
pub fn owned(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary)
        .cors(Cors::Site)
        .path("site", name())
        .path("id", json!({"type": "string"}))
        .bearer()
        .refuses(&[
            Code::UnknownSite,
            Code::UnknownService,
            Code::NotFound,
            Code::Internal,
            Code::Unavailable,
        ])
}

/// Content that is JSON of that schema.
pub fn json(schema: &str) -> Value {
    json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}})
}

/// The schema of a site's key, a form's name, a connection's name.
pub fn name() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9-]{1,64}$"})
}

/// The schema of a language tag.
pub fn lang() -> Value {
    json!({"type": "string", "maxLength": 35, "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"})
}

/// Every type of event.
fn webhooks() -> Value {
    let kinds = [event::SUBMISSION].into_iter().chain(kind::SENT);
    kinds
        .map(|kind| (kind.to_owned(), json!({"post": webhook(kind)})))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What a CRM is sent and may answer (`connectors/README.md`).
fn webhook(kind: &str) -> Value {
    let words: Vec<String> = kind.split('.').map(capital).collect();
    let (id, summary) = match kind {
        event::SUBMISSION => ("receiveSubmission".to_owned(), "A submission"),
        _ => (format!("receive{}", words.concat()), "What happened later to what a submission asked for"),
    };
    let header = |name: &str, description: &str| json!({"name": name, "in": "header", "required": true, "description": description, "schema": {"type": "string"}});
    let answer = |meaning: &str| json!({"description": meaning});
    json!({
        "operationId": id,
        "summary": format!("{summary}, as each connection receives it by Standard Webhooks 1.0"),
        "parameters": [
            header("webhook-id", "The delivery, the same at every attempt"),
            header("webhook-timestamp", "The attempt's time in Unix seconds"),
            header("webhook-signature", "`v1,` and base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, separated by spaces, while a secret is replaced"),
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": event::schema(kind)}}},
        "responses": {
            "2XX": answer("Delivered"),
            "409": answer("Delivered: this `webhook-id` was here before"),
            "410": answer("No more: given up at once, and kept"),
            "default": answer("Tried again, not before `Retry-After`"),
        }
    })
}

/// The word with a capital at its beginning.
fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_ascii_uppercase() + rest
}

fn shared() -> Value {
    let text = json!({"type": "string"});
    json!({
        "Problem": {
            "type": "object",
            "description": "RFC 9457",
            "required": ["type", "title", "status"],
            "properties": {
                "type": text,
                "title": text,
                "status": {"type": "integer"},
                "detail": text,
                "instance": text,
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["field", "code", "message"],
                        "properties": {"field": text, "code": text, "message": text}
                    }
                },
                "alternatives": {
                    "type": "array",
                    "description": "The nearest free slots, where the one that was asked for is not free",
                    "items": {
                        "type": "object",
                        "required": ["practitioner", "start"],
                        "properties": {"practitioner": text, "start": {"type": "string", "format": "date-time"}}
                    }
                }
            }
        }
    })
}

async fn show(State(app): State<Arc<App>>) -> Response {
    cached("application/json", app.openapi.clone())
}

async fn form_schema() -> Response {
    let schema = include_str!("../../widgets/protocol/form.schema.json");
    cached("application/schema+json", Bytes::from_static(schema.as_bytes()))
}

async fn explain(Path(code): Path<String>) -> Result<Html<String>, Refusal> {
    let code = Code::ALL.iter().find(|known| known.as_str() == code).ok_or(Code::NotFound)?;
    let (status, word, title) = (code.status(), code.as_str(), code.title());
    Ok(Html(format!("<!doctype html><title>{word}</title><h1>{status} {word}</h1><p>{title}.</p>\n")))
}

fn cached(media: &'static str, body: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, body).into_response()
}
