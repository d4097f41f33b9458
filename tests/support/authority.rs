//! A token server and the API behind it, on one free port of 127.0.0.1, that answer as they are told and remember every
//! request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// One request as it was received.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Path and query.
    pub path: String,
    /// All headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
}

impl Seen {
    /// A parameter of the form-encoded body; empty where it is missing.
    pub fn form(&self, name: &str) -> String {
        let pairs: BTreeMap<_, _> = url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect();
        pairs.get(name).cloned().unwrap_or_default()
    }

    /// A header; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// What it answers: a status, headers and JSON.
pub struct Reply(pub u16, pub Vec<(&'static str, String)>, pub Value);

/// A success.
pub fn ok(body: Value) -> Reply {
    Reply(200, Vec::new(), body)
}

/// A refusal.
pub fn refusal(status: u16, body: Value) -> Reply {
    Reply(status, Vec::new(), body)
}

/// Answers a request, which is the n-th to its path, from 1.
type Rules = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// The running server. It stops with the runtime it was started in.
#[derive(Clone)]
pub struct Authority {
    /// Where it is, without a slash at the end.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    rules: Arc<Rules>,
}

impl Authority {
    /// Starts one.
    pub async fn start(rules: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().unwrap());
        let authority = Self { url, seen: Arc::default(), rules: Arc::new(rules) };
        let router = Router::new().fallback(answer).with_state(authority.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        authority
    }

    /// Every request to that path so far, whatever its query.
    pub fn seen(&self, path: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.path.split('?').next() == Some(path)).cloned().collect()
    }

    /// How many requests there were at all.
    pub fn requests(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

async fn answer(State(authority): State<Authority>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let seen = Seen {
        path: head.uri.to_string(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&to_bytes(body, 1_000_000).await.unwrap_or_default()).into_owned(),
    };
    authority.seen.lock().unwrap().push(seen.clone());
    let count = authority.seen(seen.path.split('?').next().unwrap_or_default()).len();
    // Long enough for others to come meanwhile.
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let Reply(status, headers, body) = (authority.rules)(&seen, count);
    let mut response = (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
