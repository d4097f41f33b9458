//! One POST of an entry, and what its answer means.

use crm_element::json;
use crm_protocol::check::FieldError;
use reqwasm::http::Response;
use wasm_bindgen::JsValue;

use crate::entry::Entry;
use crate::request::{PATIENCE, code, read, request};

/// What an answer means.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Done; with the JSON that was answered.
    Accepted(JsValue),
    /// The gateway found errors.
    Rejected(Vec<FieldError>),
    /// The proof of work is missing, wrong, spent or too old.
    Challenge,
    /// Refused for good, with the problem's code and the problem; sending it again would change nothing.
    Refused(String, JsValue),
    /// Nobody answered, or not now.
    Later {
        /// The problem's code, `offline` or `unreachable`.
        code: String,
        /// Least seconds to wait, where the gateway said so.
        after: u32,
    },
}

/// Sends an entry once. `proof` is the header `Crm-Challenge`, empty where none is needed.
pub async fn send(entry: &Entry, proof: &str) -> Answer {
    match post(entry, proof).await {
        Some(response) => classify(&response, entry.site.is_empty()).await,
        None => nobody(),
    }
}

async fn post(entry: &Entry, proof: &str) -> Option<Response> {
    let headers = json::object(&[
        ("Content-Type", "application/json".into()),
        ("Idempotency-Key", entry.key.as_str().into()),
    ]);
    if !proof.is_empty() {
        json::set(&headers, "Crm-Challenge", &proof.into());
    }
    if !entry.token.is_empty() {
        json::set(&headers, "Authorization", &["Bearer ", &entry.token].concat().into());
    }
    request(&entry.url, "POST", headers, entry.body.as_str().into(), PATIENCE).await
}

fn nobody() -> Answer {
    Answer::Later { code: "unreachable".to_owned(), after: 0 }
}

/// `direct`: a receiver other than the gateway may answer without JSON.
async fn classify(response: &Response, direct: bool) -> Answer {
    let status = response.status();
    let body = read(response).await;
    let code = code(&body);
    match status {
        // The answer was lost on its way, or a network that asks for a login gave one of its own.
        200..=299 if body.is_undefined() && !direct => nobody(),
        200..=299 => Answer::Accepted(body),
        422 => match errors(&body) {
            errors if errors.is_empty() => Answer::Refused(code, body),
            errors => Answer::Rejected(errors),
        },
        403 if code.starts_with("challenge-") => Answer::Challenge,
        408 | 425 | 429 | 500.. => Answer::Later { code, after: retry_after(response) },
        _ => Answer::Refused(code, body),
    }
}

fn errors(body: &JsValue) -> Vec<FieldError> {
    js_sys::Array::from(&json::get(body, "errors"))
        .iter()
        .map(|error| FieldError {
            field: json::get_text(&error, "field"),
            code: json::get_text(&error, "code"),
            message: json::get_text(&error, "message"),
        })
        .collect()
}

fn retry_after(response: &Response) -> u32 {
    response.headers().get("Retry-After").and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
}
