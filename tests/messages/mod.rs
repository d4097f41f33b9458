//! What people are told about their appointments, by mail, SMS and 微信, against servers that can be told how to behave.

mod calendars;
mod journey;
mod late;
mod mails;
mod reminders;
mod sms;
mod texts;
mod wechat;

use std::path::PathBuf;

use crm_protocol::id::DeliveryId;
use crm_protocol::text::Lang;
use crm_widgets::connector::event::Event;
use crm_widgets::connector::library::Library;
use crm_widgets::connector::memory::Book;
use crm_widgets::connector::message::Message;
use crm_widgets::connector::smtp::Server;
use crm_widgets::connector::{Connector, Delivery, Report, Settings};
use crm_widgets::definitions::{Connection, Definitions, Site};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::smtp::Smtp;

/// The environment's secrets.
const SECRETS: [(&str, &str); 3] =
    [("SMS_TOKEN", "sms-token-1234"), ("WECHAT_APPID", wechat::APPID), ("WECHAT_SECRET", wechat::SECRET)];

/// Who books.
const EMAIL: &str = "wang.fang@example.com";

/// The clinic of the demo.
fn clinic() -> Site {
    let text = std::fs::read_to_string(root().join("demo/clinic.json")).unwrap();
    let definitions: Definitions = serde_json::from_str(&text).unwrap();
    definitions.sites.into_iter().next().unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The sample of that event, for a reader of `lang`, with these members in place of its data's own.
fn event(kind: &str, lang: &str, data: Value) -> Event {
    let path = root().join(format!("connectors/samples/{kind}.json"));
    let mut event: Event = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    event.data.insert("lang".to_owned(), lang.into());
    event.data.extend(data.as_object().cloned().unwrap());
    event
}

/// That event on its way to that connection.
fn delivery(event: Event, connection: &Connection) -> Delivery {
    let site = clinic();
    let lang = Lang::parse(event.text("lang")).unwrap();
    let message = Message::of(&event, &site, connection, "https://book.example.com", |_| "TOKEN".to_owned());
    Delivery {
        id: DeliveryId::from_u128(Uuid::now_v7().as_u128()),
        site: crm_widgets::connector::Site {
            key: site.key.clone(),
            name: site.name.get(&lang).to_owned(),
            time_zone: site.time_zone.clone(),
        },
        event,
        message,
    }
}

/// A connection of that connector with these members.
fn connection(connector: &str, members: Value) -> Connection {
    let mut connection = json!({"name": "people", "connector": connector, "timeoutSeconds": 1});
    connection.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
    serde_json::from_value(connection).unwrap()
}

/// A connection that sends mails.
fn mails() -> Connection {
    connection("email", json!({"inputs": {"from": "康宁诊所 <noreply@clinic.example>"}}))
}

/// A gateway whose mails go there.
fn connector(smtp: Option<Server>, allow_private: &[&str]) -> Connector {
    let settings = Settings {
        public_url: "https://book.example.com".to_owned(),
        allow_private: allow_private.iter().map(|&host| host.to_owned()).collect(),
        smtp,
        secret: |name| SECRETS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    };
    Connector::new(settings, Library::embedded().unwrap()).unwrap()
}

/// A gateway that may speak to `smtp`.
fn by(smtp: &Smtp) -> Connector {
    let server = Server::parse(&format!("smtp://127.0.0.1:{}", smtp.port), None);
    connector(Some(server.unwrap()), &["127.0.0.1"])
}

/// One attempt.
async fn attempt(connector: &Connector, connection: &Connection, delivery: &Delivery) -> Report {
    let mut ledger = Book::default().open(delivery.id);
    connector.deliver(connection, delivery, &mut ledger).await
}
