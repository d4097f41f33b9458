//! The demo site at `/`, with `serve --demo` only: a clinic's page with the elements on it.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// What a careful host page allows: itself, its gateway (which here is itself), and no inline code or style.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// The routes of the demo site.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let index = async || asset("text/html; charset=utf-8", include_str!("../../index.html"));
    let style = async || asset("text/css; charset=utf-8", include_str!("../../demo/site.css"));
    let script = async || asset("text/javascript; charset=utf-8", include_str!("../../demo/site.js"));
    let icon = async || asset("image/svg+xml", include_str!("../../demo/icon.svg"));
    Router::new()
        .route("/", get(index))
        .route("/demo/site.css", get(style))
        .route("/demo/site.js", get(script))
        .route("/demo/icon.svg", get(icon))
}

fn asset(media: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text).into_response()
}
