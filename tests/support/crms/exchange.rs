//! One request to a CRM and its answer.

use std::collections::BTreeMap;
use std::time::Instant;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// What a handler returns: both are answers, but an `Err` ends its work early.
pub type Outcome = Result<Reply, Reply>;

/// One request as it was received.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// As it was sent, percent-encoded, without the query.
    pub path: String,
    /// As it was sent, or empty.
    pub query: String,
    /// All headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body's bytes.
    pub body: Bytes,
    /// When its last byte was here.
    pub at: Instant,
    /// What was answered, if it was answered.
    pub status: Option<u16>,
    /// The variable parts of the path, decoded.
    pub params: BTreeMap<String, String>,
}

impl Request {
    /// A header's value, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A variable part of the path.
    pub fn param(&self, name: &str) -> &str {
        &self.params[name]
    }

    /// The first query parameter of that name, or an empty text.
    pub fn query(&self, name: &str) -> String {
        let pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.into_iter().find(|(key, _)| key == name).map_or(String::new(), |(_, value)| value.into_owned())
    }

    /// The body as JSON, or null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as a JSON object, or an empty one.
    pub fn object(&self) -> Map<String, Value> {
        self.json().as_object().cloned().unwrap_or_default()
    }

    /// The body as a form, if it is said to be one, else as a JSON object of texts.
    pub fn form(&self) -> BTreeMap<String, String> {
        if self.media_type() == "application/x-www-form-urlencoded" {
            return form_urlencoded::parse(&self.body).into_owned().collect();
        }
        let texts =
            self.object().into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
        texts.collect()
    }

    /// `content-type` without its parameters.
    pub fn media_type(&self) -> &str {
        self.header("content-type").split(';').next().unwrap_or_default().trim()
    }

    /// What follows the scheme in `authorization`, whatever the scheme's letters' case.
    pub fn credentials(&self, scheme: &str) -> Option<&str> {
        let (given, credentials) = self.header("authorization").split_once(' ')?;
        given.eq_ignore_ascii_case(scheme).then_some(credentials)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Bytes,
    complaint: Option<String>,
}

impl Reply {
    /// Some JSON.
    pub fn json(status: u16, body: Value) -> Self {
        Self::text(status, &body.to_string()).with("content-type", "application/json")
    }

    /// Some text, or nothing at all.
    pub fn text(status: u16, body: &str) -> Self {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let malformed = matches!(status, 400 | 404 | 405 | 415 | 422);
        let complaint = malformed.then(|| String::from_utf8_lossy(&body).into_owned());
        Self { status, headers: Vec::new(), body, complaint }
    }

    /// With this header instead of what it said before.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(given, _)| *given != name);
        self.headers.push((name, value.into()));
        self
    }

    /// A refusal of a malformed request, which its status alone doesn't tell.
    pub fn complaining(mut self) -> Self {
        self.complaint = Some(String::from_utf8_lossy(&self.body).into_owned());
        self
    }

    /// An answer that a well-made client gets too, whatever its status.
    pub fn expected(mut self) -> Self {
        self.complaint = None;
        self
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let mut response = response.body(Body::from(self.body)).expect("a response");
        if let Some(complaint) = self.complaint {
            response.extensions_mut().insert(Complaint(complaint));
        }
        response
    }
}

/// Travels with the response of a malformed request.
#[derive(Clone)]
pub struct Complaint(pub String);
