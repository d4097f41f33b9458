//! The outermost layer: CORS, problem documents, headers, metrics, one log line a request.
//!
//! The log line has the route's pattern and never the address itself, its query, a body or the visitor's address.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::http::problem::{Code, Refusal};
use crate::http::routes::Route;
use crate::http::{App, cors};

/// Id of a request: in its log line, its problem document and the header `Request-Id`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Wraps every request.
pub async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let route = pattern.as_ref().and_then(|pattern| app.table.get(pattern.as_str()));
    let method = request.method().clone();
    let decision = cors::decide(&app, route, &request);
    let mut response = match &decision {
        cors::Decision::Preflight(_) => StatusCode::NO_CONTENT.into_response(),
        cors::Decision::Refuse => Refusal::new(Code::OriginRefused)
            .detail("Add the page's origin to the site's `origins`.")
            .into_response(),
        _ => next.run(request).await,
    };
    let refusal = response.extensions_mut().remove::<Refusal>().or_else(|| of_framework(&response));
    if let Some(refusal) = &refusal {
        write_problem(&mut response, refusal, &id, method == Method::HEAD);
    }
    decision.mark(&mut response);
    mark(&app, &mut response, &id);
    tell(&app, route, &method, &response, refusal.and_then(|refusal| refusal.cause), &id, started);
    response
}

/// What the framework refuses by itself, in plain text: a part of the address that is not UTF-8 once decoded.
fn of_framework(response: &Response) -> Option<Refusal> {
    let plain = response.headers().get(header::CONTENT_TYPE)?.as_bytes().starts_with(b"text/plain");
    let refused = plain && response.status() == StatusCode::BAD_REQUEST;
    refused.then(|| Refusal::new(Code::Malformed).detail("The address is not valid."))
}

fn write_problem(response: &mut Response, refusal: &Refusal, id: &str, head: bool) {
    let document = serde_json::to_vec(&refusal.problem(id)).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(document.len()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = if head { Body::empty() } else { Body::from(document) };
}

/// Headers of every response. What a handler set stays.
fn mark(app: &App, response: &mut Response, id: &str) {
    const DEFAULTS: [(HeaderName, HeaderValue); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        ),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    let headers = response.headers_mut();
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(value);
    }
    if app.public_url.starts_with("https:") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("request-id", id);
    }
}

fn tell(
    app: &App,
    route: Option<Route>,
    method: &Method,
    response: &Response,
    cause: Option<String>,
    id: &str,
    started: Instant,
) {
    let took = started.elapsed();
    let status = response.status().as_u16();
    let pattern = route.and_then(|route| app.table.patterns().get(route.index).copied()).unwrap_or("-");
    app.metrics.request(route.map(|route| route.index), status, took);
    let micros = took.as_micros() as u64;
    let method = if *method == Method::POST {
        "POST"
    } else if *method == Method::GET {
        "GET"
    } else {
        "other"
    };
    match cause {
        None => tracing::info!(id, route = pattern, method, status, micros, "request"),
        Some(cause) if status >= 500 => {
            tracing::error!(id, route = pattern, method, status, micros, cause, "request");
        }
        Some(cause) => tracing::info!(id, route = pattern, method, status, micros, cause, "request"),
    }
}
