//! The token in `Authorization: Bearer` (RFC 6750): never in an address, which ends up in logs and histories.

use axum::http::{HeaderMap, header};

/// The token, if there is one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
