//! The clinic's page at `/`: a website as web masters write it, with the elements on it.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// A strict policy, as a careful web master sets it: no inline script or style, no other host.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; object-src 'none'; \
     require-trusted-types-for 'script'",
);

/// The page, its style and its script.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(async || page("text/html; charset=utf-8", include_str!("../../index.html"))))
        .route(
            "/demo/site.css",
            get(async || page("text/css; charset=utf-8", include_str!("../../demo/site.css"))),
        )
        .route(
            "/demo/site.js",
            get(async || page("text/javascript; charset=utf-8", include_str!("../../demo/site.js"))),
        )
}

fn page(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text).into_response()
}
