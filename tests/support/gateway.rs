//! The gateway in this process, and somebody who calls it.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use bytes::Bytes;
use crm_widgets::command::apply::apply;
use crm_widgets::config::Settings;
use crm_widgets::definitions::Definitions;
use crm_widgets::error::Error;
use crm_widgets::http::serve;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::caller::{Caller, Reply};
use super::database::Database;

/// A running gateway on a free port.
pub struct Gateway {
    pub address: SocketAddr,
    pub database: Database,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
    pub caller: Caller,
}

impl Gateway {
    pub async fn with(database: Database, settings: Settings, site: Value) -> Self {
        Self::serving(database, settings, &[site]).await
    }

    /// With all these sites.
    pub async fn serving(database: Database, mut settings: Settings, sites: &[Value]) -> Self {
        store(&database, sites).await;
        settings.database = Some(database.url.clone());
        settings.visitor_holds.get_or_insert(0);
        let mut config = settings.check().expect("settings");
        config.secret = Some("only for tests, and long enough for it".to_owned());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(config, listener, async { drop(stopped.await) }));
        Self { address, database, stop, task, caller: Caller::new(address) }
    }

    /// Applies another definition of a site, and waits until what can be booked there is another.
    pub async fn apply(&self, site: Value) {
        let path = format!("/v1/sites/{}/services", site["key"].as_str().expect("a key"));
        let before = self.get(&path, &[]).await.body;
        store(&self.database, &[site]).await;
        while self.get(&path, &[]).await.body == before {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(Method::GET, path, headers, Bytes::new()).await
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        self.send(Method::POST, path, headers, body.into()).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Reply {
        self.caller.send(method, path, headers, body).await.expect("an answer")
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

async fn store(database: &Database, sites: &[Value]) {
    let definitions: Definitions = serde_json::from_value(json!({"sites": sites})).expect("definitions");
    assert_eq!(definitions.faults(), []);
    apply(&database.open().await, &definitions).await.expect("the sites are stored");
}
