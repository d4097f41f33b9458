//! Who we are to a CRM, each promise against a server that plays the CRM and whoever gives its tokens.

mod assertion;
mod oauth2;
mod others;
mod secrets;

use std::path::Path;

use crm_protocol::id::DeliveryId;
use crm_widgets::connector::event::Event;
use crm_widgets::connector::library::Library;
use crm_widgets::connector::memory::Book;
use crm_widgets::connector::{Connector, Delivery, Outcome, Report, Settings, Site};
use crm_widgets::definitions::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::authority::Authority;

/// A connection whose connector makes one request, `POST /api?a=1` with `{"text": "hello"}`.
struct Setup {
    connector: Connector,
    connection: Connection,
    book: Book,
    directory: TempDir,
}

impl Setup {
    /// With that `auth`, and secrets by name and value.
    fn new(authority: &Authority, auth: Value, secrets: &[(&str, &str)]) -> Self {
        Self::of(authority, json!({"auth": auth}), secrets)
    }

    /// With these members of the connector's file.
    fn of(authority: &Authority, members: Value, secrets: &[(&str, &str)]) -> Self {
        let mut file = json!({
            "connector": "own", "title": "Own", "verified": "documentation",
            "steps": [{"stepId": "send", "repeat": "safe",
                       "request": {"path": "/api", "query": {"a": 1}, "body": {"text": "hello"}}}]
        });
        file.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        file["inputs"] = json!({"id": {"description": "an id", "optional": true}});
        file["secrets"] = json!({
            "missing": {"description": "a secret that no connection has", "optional": true},
            "signing": {"description": "a secret that a connection may have", "optional": true}
        });
        for (name, _) in secrets {
            file["secrets"][name] = json!({"description": "a secret"});
        }
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("own.yaml"), file.to_string()).unwrap();
        let place = |(name, value): &(&str, &str)| ((*name).to_owned(), json!({"env": value}));
        let connection = json!({
            "name": "crm", "connector": "own", "url": authority.url, "allowPrivate": true, "timeoutSeconds": 5,
            "secrets": secrets.iter().map(place).collect::<serde_json::Map<_, _>>()
        });
        let connection = serde_json::from_value(connection).unwrap();
        Self { connector: connector(directory.path()), connection, book: Book::default(), directory }
    }

    async fn deliver(&self) -> Report {
        let delivery = delivery();
        let mut ledger = self.book.open(delivery.id);
        self.connector.deliver(&self.connection, &delivery, &mut ledger).await
    }

    /// As a gateway does that was started again: nothing is in its memory.
    fn restart(&mut self) {
        self.connector = connector(self.directory.path());
    }
}

/// The secrets are no secrets: their values stand where the name of a variable would.
fn connector(directory: &Path) -> Connector {
    let settings = Settings {
        public_url: "https://gateway.example".into(),
        allow_private: vec!["127.0.0.1".into()],
        smtp: None,
        secret: |name| Some(name.to_owned()),
    };
    Connector::new(settings, Library::load(Some(directory)).unwrap()).unwrap()
}

fn delivery() -> Delivery {
    let id = Uuid::now_v7().as_u128();
    let event = json!({
        "type": "submission.created", "timestamp": "2026-11-21T08:15:30Z",
        "data": {"id": format!("sub_{id:032x}"), "receipt": "K7QM-2F9X", "site": "clinic", "form": "enquiry",
                 "lang": "en", "answers": {}, "fields": []}
    });
    let event: Event = serde_json::from_value(event).unwrap();
    let site = Site { key: "clinic".into(), name: "Clinic".into(), time_zone: "UTC".into() };
    Delivery { id: DeliveryId::from_u128(id), site, event, message: None }
}

#[track_caller]
fn assert_delivered(report: &Report) {
    assert_eq!(report.outcome, Outcome::Delivered { duplicate: false }, "{report:?}");
}
