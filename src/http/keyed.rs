//! A visitor's POST that stores something once for its `Idempotency-Key`: limited, read whole, parsed.

use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::definitions::Site;
use crate::http::problem::Refusal;
use crate::http::visitor::Visitor;
use crate::http::{App, body};

/// What was sent, and by what a repetition is known.
#[derive(Debug)]
pub struct Keyed<'a, T> {
    /// The parsed body.
    pub request: T,
    /// The key.
    pub key: &'a str,
    /// SHA-256 of the body's bytes.
    pub body_sha256: [u8; 32],
}

impl<'a, T: DeserializeOwned> Keyed<'a, T> {
    /// Reads a JSON body of at most `largest` bytes, and counts it for its visitor and site.
    ///
    /// # Errors
    /// 400, 408, 413, 415, 429.
    pub async fn read(
        app: &App,
        site: &Site,
        visitor: Visitor,
        headers: &'a HeaderMap,
        body: Body,
        largest: usize,
    ) -> Result<Self, Refusal> {
        let key = body::idempotency_key(headers)?;
        body::expect_json(headers)?;
        app.limits.submission(visitor, &site.key, site.limits.submissions_per_minute)?;
        let body = body::read(headers, body, largest).await?;
        Ok(Self { request: body::json(&body)?, key, body_sha256: Sha256::digest(&body).into() })
    }
}
