//! One POST of an entry, and what its answer means.

use crm_element::json;
use crm_protocol::check::FieldError;
use reqwasm::http::Response;
use wasm_bindgen::JsValue;

use crate::entry::Entry;
use crate::request::{PATIENCE, code, read, request};

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Stored under this id; the visitor can quote the receipt code. Both are empty in direct mode.
    Accepted {
        /// `sub_…`
        id: String,
        /// E.g. `K7QM-2F9X`.
        receipt: String,
    },
    /// The gateway found errors.
    Rejected(Vec<FieldError>),
    /// The proof of work is missing, wrong, spent or too old.
    Challenge,
    /// Refused for good, with the problem's code; sending it again would change nothing.
    Refused(String),
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
        Some(response) => classify(&response).await,
        None => Answer::Later { code: "unreachable".to_owned(), after: 0 },
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
    request(&entry.url, "POST", headers, entry.body.as_str().into(), PATIENCE).await
}

async fn classify(response: &Response) -> Answer {
    let status = response.status();
    let body = read(response).await;
    let code = &code(&body);
    match status {
        200..=299 => {
            Answer::Accepted { id: json::get_text(&body, "id"), receipt: json::get_text(&body, "receipt") }
        }
        422 => match errors(&body) {
            errors if errors.is_empty() => refused(code),
            errors => Answer::Rejected(errors),
        },
        403 if code.starts_with("challenge-") => Answer::Challenge,
        408 | 425 | 429 | 500.. => Answer::Later { code: code.to_owned(), after: retry_after(response) },
        _ => refused(code),
    }
}

fn refused(code: &str) -> Answer {
    Answer::Refused(code.to_owned())
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
