//! The page that plays the CRM: `/demo/crm`, with `serve --demo` only.
//!
//! It receives the demo's webhooks at `/demo/crm/hook`, checks their signature, and can be told to fail, to be busy or
//! to hang, so that a newcomer sees the retries happen. What it received lives in memory and is gone with the process.
//!
//! # Layout
//!
//! - [`router`] the routes; `crm.html`, `crm.css`, `crm.js` the page
//! - [`desk`] what the CRM has received and how it answers

pub mod desk;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::connector::signature::Secrets;
use crate::store::deliveries::{CountDeliveries, Deliveries, Delivery, Filter, State as DeliveryState};
use crate::store::pauses::{LoadPauses, Resume};
use crate::store::{Store, StoreError};
use desk::{Answer, Desk, Mode};

/// The environment variable with the secret of the demo's connection. Without it signatures are not checked.
pub const SECRET: &str = "CRM_SECRET";

/// How long the CRM stays silent when it hangs: longer than any connection waits.
const SILENCE: Duration = Duration::from_secs(150);

/// Seconds it asks for when it is busy.
const BUSY: HeaderValue = HeaderValue::from_static("4");

/// How far a timestamp may be from now (Standard Webhooks, "Verifying signatures").
const TOLERANCE: i64 = 300;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

struct Demo {
    store: Store,
    secrets: Option<Secrets>,
    desk: Desk,
}

/// The routes of the page. `secret` is the value of [`SECRET`].
pub fn router<S: Clone + Send + Sync + 'static>(store: Store, secret: Option<&str>) -> Router<S> {
    let secrets = secret.and_then(|secret| Secrets::parse(secret).ok());
    Router::new()
        .route("/demo/crm", get(async || asset("text/html; charset=utf-8", include_str!("crm.html"))))
        .route("/demo/crm.css", get(async || asset("text/css", include_str!("crm.css"))))
        .route("/demo/crm.js", get(async || asset("text/javascript", include_str!("crm.js"))))
        .route("/demo/crm/state", get(state))
        .route("/demo/crm/mode", post(mode))
        .route("/demo/crm/resume", post(resume))
        .route("/demo/crm/hook", post(hook))
        .with_state(Arc::new(Demo { store, secrets, desk: Desk::default() }))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text).into_response()
}

fn data(status: StatusCode, value: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, value.to_string()).into_response()
}

/// Everything the page shows.
async fn state(State(demo): State<Arc<Demo>>) -> Response {
    let mut state = demo.desk.state();
    let (gateway, status) = match gateway(&demo.store).await {
        Ok(gateway) => (gateway, StatusCode::OK),
        Err(_) => (Value::Null, StatusCode::SERVICE_UNAVAILABLE),
    };
    state["gateway"] = gateway;
    data(status, &state)
}

/// What the gateway's outbox holds: counts, the connections that pause, and the oldest deliveries that have not arrived.
async fn gateway(store: &Store) -> Result<Value, StoreError> {
    let counts = store.run(CountDeliveries).await?;
    let mut deliveries = Vec::new();
    for state in [DeliveryState::Waiting, DeliveryState::Exhausted] {
        let filter = Filter { state: Some(state), ..Filter::default() };
        deliveries.extend(store.run(Deliveries { filter, limit: 20 }).await?);
    }
    let pauses = store.run(LoadPauses { now: Timestamp::now().as_millisecond() }).await?;
    let paused = pauses.iter().map(|pause| {
        json!({
            "site": pause.site,
            "connection": pause.connection,
            "reason": pause.reason,
            "since": pause.since,
            "until": pause.until,
        })
    });
    Ok(json!({
        "paused": paused.collect::<Vec<_>>(),
        "waiting": counts.iter().map(|count| count.waiting).sum::<u64>(),
        "exhausted": counts.iter().map(|count| count.exhausted).sum::<u64>(),
        "deliveries": deliveries.iter().map(delivery).collect::<Vec<_>>(),
    }))
}

fn delivery(delivery: &Delivery) -> Value {
    let attempts = delivery.attempts.iter().map(|attempt| {
        json!({"at": attempt.started_at, "ms": attempt.duration_ms, "status": attempt.status, "outcome": attempt.outcome})
    });
    json!({
        "id": delivery.id,
        "state": delivery.state.as_str(),
        "dueAt": delivery.due_at,
        "attempts": attempts.collect::<Vec<_>>(),
    })
}

/// The switch.
async fn mode(State(demo): State<Arc<Demo>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let wanted = json_body(&headers, &body);
    match wanted.as_ref().and_then(|value| Mode::parse(value.get("mode")?.as_str()?)) {
        Some(mode) => {
            demo.desk.set(mode);
            StatusCode::NO_CONTENT
        }
        None => StatusCode::BAD_REQUEST,
    }
}

/// The button that ends a pause.
async fn resume(State(demo): State<Arc<Demo>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let wanted = json_body(&headers, &body);
    let text = |member| Some(wanted.as_ref()?.get(member)?.as_str()?.to_owned());
    let Some(connection) = text("site").zip(text("connection")) else { return StatusCode::BAD_REQUEST };
    match demo.store.run(Resume { connection, manual: true }).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// JSON is asked for by type, so no other site's page can send it without the browser asking first.
fn json_body(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    serde_json::from_slice(body).ok().filter(|_| is_json)
}

/// What a CRM has to do with a webhook: verify it, take it once, answer quickly.
async fn hook(State(demo): State<Arc<Demo>>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(id) = header(&headers, "webhook-id") else { return StatusCode::BAD_REQUEST.into_response() };
    let signed = demo.secrets.as_ref().map(|secrets| is_signed(secrets, id, &headers, &body));
    match demo.desk.receive(id, &body, signed) {
        Answer::Accepted => data(StatusCode::OK, &json!({"received": id})),
        Answer::Known => StatusCode::CONFLICT.into_response(),
        Answer::Forged => StatusCode::UNAUTHORIZED.into_response(),
        Answer::Failed => {
            data(StatusCode::INTERNAL_SERVER_ERROR, &json!({"error": "the demo was told to fail"}))
        }
        Answer::Busy => (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, BUSY)]).into_response(),
        Answer::Silent(open) => {
            tokio::time::sleep(SILENCE).await;
            drop(open);
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<&'a str> {
    headers.get(HeaderName::from_static(name))?.to_str().ok()
}

fn is_signed(secrets: &Secrets, id: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let timestamp = header(headers, "webhook-timestamp").and_then(|text| text.parse::<i64>().ok());
    let signature = header(headers, "webhook-signature");
    let Some((timestamp, signature)) = timestamp.zip(signature) else { return false };
    (timestamp - Timestamp::now().as_second()).abs() <= TOLERANCE
        && secrets.verify(id, timestamp, body, signature)
}
