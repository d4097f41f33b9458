//! Reading a body: never more than was asked for, never longer than it takes.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout, timeout_at};

use crate::http::problem::{Code, Refusal};

/// Between two pieces of a body.
const IDLE: Duration = Duration::from_secs(10);
/// For a whole body: 10 MiB at some 90 KB/s.
const WHOLE: Duration = Duration::from_secs(120);

/// What is still taken of a body nobody wanted, and for how long.
const DRAIN: (usize, Duration) = (16 * 1024 * 1024, Duration::from_secs(10));

/// A body that is read to its end even when it is refused.
///
/// Closing a connection while the other side still sends makes its system throw the answer away, so a visitor with a
/// file that is too large would hear of a broken connection instead.
#[derive(Debug)]
pub struct Heard(Option<Incoming>);

impl From<Incoming> for Heard {
    fn from(body: Incoming) -> Self {
        Self((!body.is_end_stream()).then_some(body))
    }
}

impl hyper::body::Body for Heard {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = &mut self.0 else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or(SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        if let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) {
            tokio::spawn(timeout(DRAIN.1, drain(body)));
        }
    }
}

async fn drain(mut body: Incoming) {
    let mut left = DRAIN.0;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            return;
        }
    }
}

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

/// The header `Idempotency-Key`: the same for every sending of the same body.
///
/// # Errors
/// 400 where it is missing or too short to be unique.
pub fn idempotency_key(headers: &HeaderMap) -> Result<&str, Refusal> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let shaped = (16..=100).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if shaped { Ok(key) } else { Err(Code::KeyMissing.into()) }
}

/// A JSON answer that is for its reader alone.
///
/// # Errors
/// 500: it cannot be written.
pub fn private(status: StatusCode, value: &impl Serialize) -> Result<Response, Refusal> {
    Ok(written(status, serde_json::to_string(value).map_err(Refusal::internal)?))
}

/// The same of JSON that is written already.
pub fn written(status: StatusCode, json: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, json).into_response()
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
        Refusal::new(Code::Malformed).detail(format!(
            "{kind}: see line {}, column {}.",
            error.line(),
            error.column()
        ))
    })
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large(limit: usize) -> Refusal {
    Refusal::new(Code::TooLarge).detail(format!("At most {limit} bytes are taken."))
}
