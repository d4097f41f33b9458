//! Delivery's promises, each against a CRM that can be told how to behave.

mod destinations;
mod ledger;
mod links;
mod outage;
mod pauses;
mod rates;
mod retries;
mod signatures;
mod stops;
mod throughput;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crm_protocol::id::{DeliveryId, SubmissionId};
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;
use crm_widgets::bus::Bus;
use crm_widgets::connector::library::Library;
use crm_widgets::connector::{Connector, Settings};
use crm_widgets::definitions::Connection;
use crm_widgets::delivery::{Schedule, Worker};
use crm_widgets::keys::Keys;
use crm_widgets::sites::Sites;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{Deliveries, Delivery, Filter, State};
use crm_widgets::store::sites::Apply;
use crm_widgets::store::submissions::{Accept, Accepted, NewDelivery, Submission};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::crm::{Crm, SECRET};
use crate::support::database::Database;

/// A running worker over an empty database.
struct Outbox {
    store: Store,
    bus: Bus,
    stop: oneshot::Sender<()>,
    worker: JoinHandle<()>,
}

/// A connection to that CRM with a timeout of a second; names are `crm`, or what `name` says.
fn connection(name: &str, crm: &Crm) -> Connection {
    let connection = json!({
        "name": name, "connector": "webhook", "url": crm.url, "secrets": {"signing": {"env": "SECRET"}},
        "allowPrivate": true, "timeoutSeconds": 1
    });
    serde_json::from_value(connection).unwrap()
}

/// Pauses short enough to wait for; `Retry-After` stays what it is.
fn quick() -> Schedule {
    Schedule::from_millis(&[50, 50, 50, 50])
}

impl Outbox {
    /// Starts a worker for a site `clinic` with these connections.
    async fn start(connections: Vec<Connection>, schedule: Schedule) -> Self {
        Self::over(Database::memory().open().await, connections, schedule).await
    }

    /// Starts a worker over a database that is there already.
    async fn over(store: Store, connections: Vec<Connection>, schedule: Schedule) -> Self {
        Self::with(store, connections, schedule, Library::embedded().unwrap()).await
    }

    /// As [`Outbox::over`], with these connectors.
    async fn with(store: Store, connections: Vec<Connection>, schedule: Schedule, library: Library) -> Self {
        let site = json!({
            "key": "clinic", "name": "Clinic", "languages": ["en"], "forms": [], "connections": connections
        });
        store.run(Apply { sites: vec![("clinic".into(), site.to_string())] }).await.unwrap();
        let sites = Arc::new(Sites::load(store.clone()).await.unwrap());
        let settings = Settings {
            public_url: "https://gateway.example".into(),
            allow_private: vec!["127.0.0.1".into()],
            smtp: None,
            secret: |name| (name == "SECRET").then(|| SECRET.to_owned()),
        };
        let connector = Connector::new(settings, library).unwrap();
        let bus = Bus::local();
        let (stop, stopped) = oneshot::channel();
        let worker =
            Worker::new(store.clone(), Keys::new(b"secret"), sites, bus.clone(), connector, schedule);
        let worker = tokio::spawn(worker.run(async move { drop(stopped.await) }));
        Self { store, bus, stop, worker }
    }

    /// Accepts a submission for these connections and wakes the worker.
    async fn accept(&self, connections: &[&str]) -> SubmissionId {
        let accept = submission(connections);
        let id = accept.submission.id;
        assert_eq!(self.store.run(accept).await.unwrap(), Accepted::Stored);
        self.bus.wake();
        id
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        let all = Deliveries { filter: Filter::default(), limit: 1_000_000 };
        self.store.run(all).await.unwrap()
    }

    /// Waits until every delivery is in that state, and returns them. Panics after ten seconds.
    async fn wait_for(&self, state: State) -> Vec<Delivery> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let deliveries = self.deliveries().await;
            if deliveries.iter().all(|delivery| delivery.state == state) {
                return deliveries;
            }
            assert!(Instant::now() < deadline, "not all are {}: {deliveries:?}", state.as_str());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Stops the worker as SIGTERM does.
    async fn stop(self) -> Store {
        self.stop.send(()).unwrap();
        self.worker.await.unwrap();
        self.store
    }
}

/// A submission that was not there before.
pub fn submission(connections: &[&str]) -> Accept {
    let id = || Uuid::now_v7().as_u128();
    let number = id();
    let body = json!({
        "answers": {"name": "王小明", "phone": "+8613800138000"},
        "fields": [{"name": "name", "type": "text", "label": "姓名"}],
        "spam": false,
        "context": {"page": "https://www.example.com/"},
        "signals": {"trap": false, "elapsed": 42_000},
        "uploads": [{"id": "upl_00000000000000000000000000000001", "name": "scan.pdf",
                     "type": "application/pdf", "size": 7, "token": "secret"}]
    });
    Accept {
        submission: Submission {
            id: SubmissionId::from_u128(number),
            site: "clinic".into(),
            form: "enquiry".into(),
            version: 3,
            lang: Lang::parse("zh-CN").unwrap(),
            receipt: format!("{number:x}"),
            body: body.to_string(),
            received_at: jiff::Timestamp::now().as_millisecond(),
        },
        consents: vec![Consent {
            purpose: "contact".into(),
            version: "1".into(),
            text_sha256: "ab".repeat(32),
            granted: true,
        }],
        contacts: Vec::new(),
        key: format!("{number:x}"),
        body_sha256: [0; 32],
        answer: "{}".into(),
        spent: None,
        uploads: Vec::new(),
        deliveries: connections
            .iter()
            .map(|name| NewDelivery { id: DeliveryId::from_u128(id()), connection: (*name).into() })
            .collect(),
    }
}
