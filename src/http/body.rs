//! Reading a body: never more than was asked for, never longer than it takes.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use crate::http::problem::{Code, Refusal};

/// Between two pieces of a body.
const IDLE: Duration = Duration::from_secs(10);
/// For a whole body: 10 MiB at some 90 KB/s.
const WHOLE: Duration = Duration::from_secs(120);

/// Reads a whole body of at most `limit` bytes.
///
/// # Errors
/// 413 as soon as it is known to be larger, 408 when it stalls, 400 when it breaks off.
pub async fn read(headers: &HeaderMap, mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let declared = declared(headers);
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large(limit));
    }
    let end = Instant::now() + WHOLE;
    let mut whole = BytesMut::with_capacity(declared.unwrap_or(0));
    loop {
        let next = timeout_at(end.min(Instant::now() + IDLE), body.frame());
        let Some(frame) = next.await.map_err(|_| Code::Timeout)? else { return Ok(whole.freeze()) };
        let frame = frame.map_err(|_| Refusal::new(Code::Malformed).detail("The body broke off."))?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Err(too_large(limit));
        }
        whole.extend_from_slice(&data);
    }
}

/// Refuses a body that does not call itself JSON.
///
/// # Errors
/// 415.
pub fn expect_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Refusal::new(Code::UnsupportedType).detail("Send application/json."))
    }
}

/// Parses JSON.
///
/// # Errors
/// 400 with the place of the mistake. Not what was written there, since it may be personal.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let kind = match error.classify() {
            serde_json::error::Category::Data => "The JSON does not have the documented shape",
            _ => "The body is not JSON",
        };
        Refusal::new(Code::Malformed)
            .detail(format!("{kind}: see line {}, column {}.", error.line(), error.column()))
    })
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(Code::TooLarge).detail(format!("At most {limit} bytes are taken."))
}
