//! A plain HTTP client, to see how a CRM answers.

use std::collections::BTreeMap;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::fake::Fake;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }
}

impl Fake {
    /// Asks `METHOD /path`. A text is sent as a form, null as nothing, everything else as JSON. `None` without an answer.
    pub async fn ask(&self, what: &str, headers: &[(&str, &str)], body: Value) -> Option<Answer> {
        let (method, path) = what.split_once(' ').expect("METHOD /path");
        let (kind, body) = match body {
            Value::Null => ("", String::new()),
            Value::String(form) => ("application/x-www-form-urlencoded", form),
            json => ("application/json", json.to_string()),
        };
        let mut request = hyper::Request::builder().method(method).uri(format!("{}{path}", self.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !kind.is_empty() && !headers.iter().any(|(name, _)| *name == "content-type") {
            request = request.header("content-type", kind);
        }
        let request = request.body(Full::<Bytes>::from(body)).expect("a request");
        let response = Client::builder(TokioExecutor::new()).build_http().request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let text =
            |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Some(Answer {
            status: head.status.as_u16(),
            headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body: body.collect().await.ok()?.to_bytes(),
        })
    }
}
