//! The booking desk, through the front door.

mod capabilities;
mod gone;
mod hosted;
mod journey;
mod kills;
mod limits;
mod log;
mod proof;
mod races;
mod rules;
mod sweep;
mod waitlist;
mod webhooks;

use axum::http::Method;
use crm_widgets::config::Settings;
use crm_widgets::store::{Op, Store, StoreError, Tx};
use serde_json::{Value, json};

use crate::support::caller::{Caller, Reply};
use crate::support::database::Database;
use crate::support::gateway::Gateway;

/// A clinic at which two dentists work every day from 8 to 18, and which asks for no proof of work.
pub fn site() -> Value {
    json!({
        "key": "clinic",
        "name": "Riverside Clinic",
        "timeZone": "Asia/Shanghai",
        "languages": ["en", "zh-CN", "zh-TW"],
        "challenge": {"enabled": false},
        "limits": {"submissionsPerMinute": 100_000},
        "forms": [{"id": "visit", "title": "Your details", "pages": [{"fields": [
            {"name": "name", "type": "text", "required": true, "label": "Name"},
            {"name": "phone", "type": "phone", "required": true, "label": "Phone", "region": "CN"},
        ]}]}],
        "booking": {
            "departments": [{"key": "dentistry", "name": {"en": "Dentistry", "zh-CN": "口腔科"}}],
            "services": [{
                "key": "checkup", "department": "dentistry", "name": {"en": "Check-up", "zh-CN": "口腔检查"},
                "minutes": 30, "practitioners": ["li", "zhao"], "form": "visit", "waitlist": true,
            }],
            "practitioners": [{"key": "li", "name": "Dr Li"}, {"key": "zhao", "name": "Dr Zhao"}],
            "places": [{"key": "lakeside", "name": "Lakeside", "address": "18 Lakeside Road"}],
            "schedules": [
                {"who": "li", "place": "lakeside", "days": ["daily"], "hours": [{"from": "08:00", "to": "18:00"}]},
                {"who": "zhao", "place": "lakeside", "days": ["daily"], "hours": [{"from": "08:00", "to": "18:00"}]},
            ],
        },
        "connections": [{"name": "crm", "connector": "webhook", "url": "https://crm.invalid/hook", "secrets": {"signing": {"env": "NONE"}}}],
    })
}

/// A patient of that number.
pub fn patient(number: u32) -> Value {
    json!({"name": format!("Patient {number}"), "phone": format!("138{number:08}")})
}

/// What a visitor's page does.
pub struct Visitor<'a>(pub &'a Caller);

impl Visitor<'_> {
    /// The free slots of a practitioner as instants, of tomorrow and the day after.
    pub async fn free(&self, practitioner: &str) -> Vec<String> {
        let path = format!("/v1/sites/clinic/slots?service=checkup&practitioner={practitioner}");
        let reply = self.send("GET", &path, &[], String::new()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let slots: crm_protocol::booking::Slots = serde_json::from_value(reply.json()).expect("slots");
        let from: jiff::civil::Date = slots.from.parse().expect("a day");
        let midnight = from.to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp();
        let start = |slot: crm_protocol::booking::Slot| {
            let at = midnight + jiff::SignedDuration::from_mins(slot.instant());
            at.to_string()
        };
        slots.free().filter(|(_, slot)| (1..=2).contains(&slot.day)).map(|(_, slot)| start(slot)).collect()
    }

    pub async fn post(&self, noun: &str, key: &str, token: &str, body: &Value) -> Reply {
        self.try_post(noun, key, token, body).await.expect("an answer")
    }

    /// The answer, or `None` where the connection broke.
    async fn try_post(&self, noun: &str, key: &str, token: &str, body: &Value) -> Option<Reply> {
        let token = format!("Bearer {token}");
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", key),
            ("authorization", token.as_str()),
        ];
        let headers = if token == "Bearer " { &headers[..2] } else { &headers[..] };
        self.0.send(Method::POST, &format!("/v1/sites/clinic/{noun}"), headers, body.to_string()).await
    }

    pub async fn hold(&self, key: &str, practitioner: &str, start: &str) -> Reply {
        let body = json!({"service": "checkup", "practitioner": practitioner, "start": start});
        self.post("holds", key, "", &body).await
    }

    pub async fn book(&self, key: &str, number: u32, practitioner: &str, start: &str) -> Reply {
        self.try_book(key, number, practitioner, start).await.expect("an answer")
    }

    /// The answer, or `None` where the connection broke.
    pub async fn try_book(&self, key: &str, number: u32, practitioner: &str, start: &str) -> Option<Reply> {
        let body = json!({
            "service": "checkup", "practitioner": practitioner, "start": start, "answers": patient(number),
        });
        self.try_post("appointments", key, "", &body).await
    }

    /// Asks about something that is somebody's, or changes it.
    pub async fn own(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Reply {
        let token = format!("Bearer {token}");
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, &format!("/v1/sites/clinic/{path}"), &headers, body).await
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Reply {
        self.0.send(method.parse().expect("a method"), path, headers, body).await.expect("an answer")
    }
}

/// What was booked for tomorrow or the day after is long over.
pub async fn past(store: &Store, id: &str) {
    store.run(Past(id.to_owned())).await.expect("it is written");
}

struct Past(String);

impl Op for Past {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        const WEEK: i64 = 7 * 24 * 3_600_000;
        let sql = "update appointments set start_at = start_at - $1, end_at = end_at - $1 where id = $2";
        assert_eq!(tx.execute(sql, &[WEEK.into(), (&self.0).into()]).await?, 1);
        Ok(())
    }
}

/// The day of an instant at the clinic.
pub fn day(start: &str) -> String {
    let start: jiff::Timestamp = start.parse().expect("an instant");
    start.in_tz("Asia/Shanghai").expect("a zone").date().to_string()
}

pub fn key(number: u32) -> String {
    format!("key-of-a-booking-{number}")
}

pub async fn open(database: Database) -> Gateway {
    serving(database, site()).await
}

/// A gateway with that site, at which nobody comes too often.
pub async fn serving(database: Database, site: Value) -> Gateway {
    let settings = Settings { visitor_submissions: Some(100_000), ..Settings::default() };
    Gateway::with(database, settings, site).await
}

/// The clinic, with these rules for its check-up and these members of its booking besides.
pub async fn with(database: Database, rules: Value, booking: Value) -> Gateway {
    let mut site = site();
    let object = |value: Value| value.as_object().expect("an object").clone();
    site["booking"].as_object_mut().expect("a booking").extend(object(booking));
    site["booking"]["services"][0].as_object_mut().expect("a service").extend(object(rules));
    serving(database, site).await
}
