//! What stores something once for an `Idempotency-Key`: limited, read whole, parsed, and worked for where the site asks
//! for that.

use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::definitions::Site;
use crate::http::intake::Earlier;
use crate::http::problem::Refusal;
use crate::http::visitor::Visitor;
use crate::http::{App, body, challenge};
use crate::keys::Keys;
use crate::sites::LiveSite;
use crate::store::submissions::Spent;

/// What was sent, and by what a repetition is known.
#[derive(Debug)]
pub struct Keyed<'a, T> {
    /// The parsed body.
    pub request: T,
    /// The key.
    pub key: &'a str,
    /// SHA-256 of the body's bytes.
    pub body_sha256: [u8; 32],
    /// The headers that have a solved challenge in them; `None` where none is needed.
    pub work: Option<&'a HeaderMap>,
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
        let (request, body_sha256) = (body::json(&body)?, Sha256::digest(&body).into());
        Ok(Self { request, key, body_sha256, work: Some(headers) })
    }
}

impl<'a, T> Keyed<'a, T> {
    /// What was answered to it before, if it is a repetition.
    pub fn earlier(&self, site: &str) -> Earlier {
        Earlier::new(site, self.key, self.body_sha256)
    }

    /// The challenge it used up, for that form, where one is needed.
    ///
    /// # Errors
    /// 403, with what the page should do.
    pub fn proof(&self, site: &LiveSite, keys: &Keys, form: &str) -> Result<Option<Spent>, Refusal> {
        match self.work {
            Some(headers) => challenge::asked(site, keys, headers, form),
            None => Ok(None),
        }
    }

    /// The same key for what is made of the request.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Keyed<'a, U> {
        let Self { request, key, body_sha256, work } = self;
        Keyed { request: make(request), key, body_sha256, work }
    }
}
