//! Every connector against a CRM as strict as the real one: one person, one note, whatever goes wrong in between.

mod appointments;
mod crashes;
mod enquiries;
mod fuzz;
mod messages;
mod mishaps;
mod setup;

use crm_protocol::id::{DeliveryId, SubmissionId};
use crm_widgets::connector::event::Event;
use crm_widgets::connector::memory::Book;
use crm_widgets::connector::{Connector, Delivery, Outcome, Report, Site};
use crm_widgets::definitions::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::support::crms::fake::Fake;

/// One test of each promise for each connector, named after both.
macro_rules! of_every_connector {
    ($($promise:ident),+ $(,)?) => {
        crate::connectors::of_every_connector!(@all [$($promise)+]
            bottlecrm chatwoot dataverse erpnext espocrm fhir frappe hubspot krayin odoo odoo_rpc pipedrive salesforce suitecrm twenty
            wukong zoho);
    };
    (@all $promises:tt $($crm:ident)+) => {
        $(crate::connectors::of_every_connector!(@crm $crm $promises);)+
    };
    (@crm $crm:ident [$($promise:ident)+]) => {
        mod $crm {
            $(
                #[tokio::test]
                async fn $promise() {
                    super::$promise(crate::connectors::setup::start(stringify!($crm)).await).await;
                }
            )+
        }
    };
}
use of_every_connector;

/// A CRM, a connection to it, and what the gateway remembers of it.
pub struct Stage {
    pub crm: Fake,
    pub connection: Connection,
    pub connector: Connector,
    pub book: Book,
}

/// Who enquires.
pub const EMAIL: &str = "wang.fang@example.com";
pub const PHONE: &str = "+8613800138000";

impl Stage {
    /// One attempt at a delivery.
    pub async fn attempt(&self, delivery: &Delivery) -> Report {
        let mut ledger = self.book.open(delivery.id);
        self.connector.deliver(&self.connection, delivery, &mut ledger).await
    }

    /// Attempts until it is delivered, without the pauses between. Panics where no further attempt would be made.
    pub async fn deliver(&self, delivery: &Delivery) {
        for _ in 0..12 {
            let report = self.attempt(delivery).await;
            match report.outcome {
                Outcome::Delivered { .. } => return,
                Outcome::Permanent(_) | Outcome::Taken => panic!("{}: given up: {report:?}", self.crm.name()),
                Outcome::Retry { .. } | Outcome::Later { .. } => self.book.age(),
            }
        }
        panic!("{}: not delivered: {:?}", self.crm.name(), self.attempt(delivery).await);
    }

    /// One person, so many notes on that person, each of another event, and no request that the CRM complains about.
    pub fn assert_one_person_with_notes(&self, events: &[&Delivery]) {
        let name = self.crm.name();
        assert_eq!(self.crm.complaints(), Vec::<String>::new(), "{name} complains");
        let people = self.crm.people();
        assert_eq!(people.len(), 1, "{name}: {people:?}");
        let notes = self.crm.notes();
        for delivery in events {
            let about = notes.iter().filter(|note| note.text.contains(&delivery.event.id()));
            let persons: Vec<&str> = about.map(|note| note.person.as_str()).collect();
            assert_eq!(
                persons,
                [people[0].id.as_str()],
                "{name}: notes about {}: {notes:?}",
                delivery.event.id()
            );
        }
        assert_eq!(notes.len(), events.len(), "{name}: {notes:?}");
    }
}

/// An event of that type about the one who enquires.
pub fn event(kind: &str, data: Value) -> Delivery {
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(SubmissionId::from_u128(Uuid::now_v7().as_u128())));
    members.extend(data.as_object().cloned().unwrap_or_default());
    Delivery {
        id: DeliveryId::from_u128(Uuid::now_v7().as_u128()),
        site: Site {
            key: "clinic".into(),
            name: "Lakeside Clinic".into(),
            time_zone: "Asia/Shanghai".into(),
        },
        event: Event {
            r#type: kind.to_owned(),
            timestamp: "2026-11-21T08:15:30.123Z".to_owned(),
            data: members,
        },
        message: None,
    }
}

/// An enquiry that was not there before.
pub fn enquiry() -> Delivery {
    event(
        "submission.created",
        json!({
            "receipt": "K7QM-2F9X", "site": "clinic", "form": "enquiry", "version": 3, "lang": "zh-CN",
            "receivedAt": "2026-11-21T08:15:30.123Z",
            "answers": {
                "name": "王芳", "email": EMAIL, "phone": PHONE,
                "message": "您好，\"CT\" <检查> 要预约吗？\n谢谢 & 再见 😀 \\ {{ 7 * 7 }}"
            },
            "fields": [
                {"name": "name", "type": "text", "label": "姓名"},
                {"name": "email", "type": "email", "label": "邮箱"},
                {"name": "phone", "type": "phone", "label": "电话"},
                {"name": "message", "type": "long-text", "label": "留言"}
            ],
            "consents": [{"purpose": "contact", "version": "1", "textSha256": "ab", "granted": true}],
            "context": {"page": "https://www.example.com/", "campaign": {}},
            "signals": {"trap": false, "elapsed": 42000}, "spam": false, "uploads": []
        }),
    )
}
