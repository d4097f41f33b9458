//! The gateway in this process, and a client for it.

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

use super::database::Database;

/// A running gateway on a free port.
pub struct Gateway {
    pub address: SocketAddr,
    pub database: Database,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Gateway {
    pub async fn with(database: Database, mut settings: Settings, site: Value) -> Self {
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

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(Method::GET, path, headers, Bytes::new()).await
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        self.send(Method::POST, path, headers, body.into()).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Reply {
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

    /// Stops it and waits until it has stopped.
    pub async fn stop(self) -> Database {
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
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("visible ASCII"))
    }

    /// The last part of a problem's type, after looking at the rest of the document.
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["instance"], self.header("request-id"));
        let kind = problem["type"].as_str().expect("a type");
        kind.strip_prefix("/problems/").expect("one of ours").to_owned()
    }
}
