//! The `webhook` connector: one signed POST per delivery, as in Standard Webhooks 1.0.
//!
//! `webhook-id` is the delivery's id and the same at every attempt, so it is the receiver's idempotency key;
//! `webhook-timestamp` is the attempt's time; the body is the same bytes at every attempt ([`super::payload`]).
//! Any 2xx is a success, and so is 409: the receiver has seen the id before.

use std::fmt;
use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Method};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::client::{Answer, Destination, RequestError};
use super::signature::{SecretError, Secrets};
use super::{Class, Connector, Delivery, Outcome, Report, secret};
use crate::definitions::Connection;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// How much of an answer an attempt's record keeps.
const RECORDED: usize = 16 * 1024;

/// Makes one attempt.
pub(super) async fn deliver(connector: &Connector, connection: &Connection, delivery: &Delivery) -> Report {
    let body = delivery.payload(&connector.settings.public_url);
    let headers = match headers(connector, connection, delivery, &body).await {
        Ok(headers) => headers,
        Err(fault) => {
            return Report::without_answer(Outcome::Retry { class: Class::Settings, after: None }, fault);
        }
    };
    let destination = Destination {
        url: connection.url.as_deref().unwrap_or_default(),
        limit: Duration::from_secs(connection.timeout_seconds.into()),
        trusted: connector.trusts(connection, &delivery.site),
    };
    match connector.client.send(&destination, Method::POST, headers, body.into()).await {
        Ok(answer) => answered(&answer),
        Err(error) => Report::without_answer(Outcome::Retry { class: class(&error), after: None }, error),
    }
}

/// The connection cannot be used as it is set up. It is tried again: once the operator has put it right, nothing is lost.
enum Fault {
    /// A secret cannot be had.
    Secret(secret::SecretError),
    /// It is no signing secret.
    Signing(SecretError),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(error) => error.fmt(f),
            Self::Signing(error) => write!(f, "the secret \"signing\": {error}"),
        }
    }
}

async fn headers(
    connector: &Connector,
    connection: &Connection,
    delivery: &Delivery,
    body: &[u8],
) -> Result<HeaderMap, Fault> {
    let now = Timestamp::now().as_second();
    let id = delivery.id.to_string();
    let mut headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (TIMESTAMP, HeaderValue::from(now)),
    ]);
    let secrets =
        secret::Secrets::read(connection, connector.settings.secret).await.map_err(Fault::Secret)?;
    if let Some(text) = secrets.get("signing") {
        let secrets = Secrets::parse(text).map_err(Fault::Signing)?;
        headers.extend(HeaderValue::try_from(secrets.sign(&id, now, body)).map(|value| (SIGNATURE, value)));
    }
    headers.extend(HeaderValue::try_from(id).map(|value| (ID, value)));
    Ok(headers)
}

fn answered(answer: &Answer) -> Report {
    Report {
        outcome: outcome(answer.status, retry_after(&answer.headers)),
        status: Some(answer.status),
        body: String::from_utf8_lossy(answer.body.get(..RECORDED).unwrap_or(&answer.body)).into_owned(),
        error: None,
    }
}

/// What a status means. Only 410 ends the attempts: any other refusal may be a destination that is being set up, and
/// a redirect may be its maintenance page.
fn outcome(status: u16, after: Option<Duration>) -> Outcome {
    match status {
        200..=299 => Outcome::Delivered { duplicate: false },
        300..=399 => Outcome::Retry { class: Class::Redirect, after: None },
        401 | 403 | 407 => Outcome::Retry { class: Class::Auth, after: None },
        409 => Outcome::Delivered { duplicate: true },
        410 => Outcome::Permanent(Class::Gone),
        429 => Outcome::Retry { class: Class::Rate, after },
        400..=499 => Outcome::Retry { class: Class::Rejected, after: None },
        _ => Outcome::Retry { class: Class::Server, after },
    }
}

/// `Retry-After` in either of its forms (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
    Duration::try_from(date.duration_since(Timestamp::now())).ok()
}

fn class(error: &RequestError) -> Class {
    match error {
        RequestError::Url | RequestError::Plain | RequestError::Host(_) => Class::Settings,
        RequestError::Refused(_) => Class::Address,
        RequestError::Timeout => Class::Timeout,
        RequestError::Network(_) => Class::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Option<Duration> {
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]))
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), None);
        assert!(
            after("Fri, 31 Dec 2100 23:59:59 GMT").is_some_and(|wait| wait > Duration::from_secs(86_400))
        );
        assert_eq!(after("soon"), None);
    }

    #[test]
    fn only_gone_ends_the_attempts() {
        for status in 100..=599 {
            let permanent = matches!(outcome(status, None), Outcome::Permanent(_));
            assert_eq!(permanent, status == 410, "{status}");
        }
    }
}
