//! The API's and the pages' promises, through a socket.

mod challenge;
mod connections;
mod cors;
mod documents;
mod limits;
mod logs;
mod pages;
mod submit;
mod uploads;

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use crm_widgets::command::apply::apply;
use crm_widgets::config::Settings;
use crm_widgets::definitions::Definitions;
use crm_widgets::error::Error;
use crm_widgets::http::serve;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::database::Database;

/// A page that may call the gateway.
const ORIGIN: &str = "https://www.example.com";

/// A running gateway on a free port.
struct Gateway {
    address: SocketAddr,
    database: Database,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What came back.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Gateway {
    async fn start() -> Self {
        Self::with(Database::sqlite(), Settings::default(), site()).await
    }

    async fn with(database: Database, mut settings: Settings, site: Value) -> Self {
        let definitions: Definitions = serde_json::from_value(json!({"sites": [site]})).expect("definitions");
        assert_eq!(definitions.faults(), []);
        apply(&database.open().await, &definitions).await.expect("the site is stored");
        settings.database = Some(database.url.clone());
        let mut config = settings.check().expect("settings");
        config.secret = Some("only for tests, and long enough for it".to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(config, listener, async { drop(stopped.await) }));
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { address, database, stop, task, client }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(Method::GET, path, headers, Bytes::new()).await
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        self.send(Method::POST, path, headers, body.into()).await
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Reply {
        let mut request =
            hyper::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).expect("a request");
        let response = self.client.request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Sends an enquiry, without a challenge.
    async fn submit(&self, key: &str, answers: Value) -> Reply {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let body = json!({"form": "enquiry", "answers": answers});
        self.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await
    }

    /// Stops it and waits until it has stopped.
    async fn stop(self) -> Database {
        drop(self.stop);
        tokio::time::timeout(Duration::from_secs(30), self.task)
            .await
            .expect("it stops")
            .expect("without a panic")
            .expect("without an error");
        self.database
    }
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible ASCII"))
    }

    /// The last part of a problem's type, after looking at the rest of the document.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["instance"], self.header("request-id"));
        let kind = problem["type"].as_str().expect("a type");
        kind.strip_prefix("/problems/").expect("one of ours").to_owned()
    }
}

/// A key for that number.
fn key(number: u32) -> String {
    format!("key-of-a-submission-{number}")
}

/// Answers that are right.
fn answers() -> Value {
    json!({"name": "王小明", "email": "wang@example.com", "privacy": "yes"})
}

/// A clinic without proof of work, whose submissions go to a CRM that does not exist.
fn site() -> Value {
    json!({
        "key": "clinic",
        "name": "Riverside Clinic",
        "origins": [ORIGIN],
        "timeZone": "Asia/Shanghai",
        "languages": ["en", "zh-CN", "zh-TW"],
        "challenge": {"enabled": false},
        "forms": [
            {
                "id": "enquiry",
                "title": {"en": "Ask us", "zh-CN": "在线咨询", "zh-TW": "線上諮詢"},
                "pages": [{"fields": [
                    {"name": "name", "type": "text", "required": true, "label": {"en": "Name", "zh-CN": "姓名"}},
                    {"name": "email", "type": "email", "label": "E-mail"},
                    {"name": "report", "type": "file", "label": "Report", "accept": ["pdf", "png", "txt"], "max": "2", "maxBytes": 100_000},
                    {"name": "privacy", "type": "consent", "required": true, "purpose": "contact", "version": "2026-01",
                        "label": {"en": "You may answer me.", "zh-CN": "您可以回复我。"}},
                ]}],
            },
            {"id": "callback", "title": "Call me", "pages": [{"fields": [{"name": "phone", "type": "phone", "label": "Phone"}]}]},
        ],
        "connections": [{"name": "crm", "connector": "webhook", "url": "https://crm.invalid/hook", "secrets": {"signing": {"env": "NONE"}}}],
    })
}
