//! A hospital's own slots, through the front door: imported, booked there and here, by one of ours or nobody.

pub mod bookings;
mod changes;
mod imports;
mod patients;
pub mod refusals;
mod staff;

use crm_protocol::booking::Slots;
use crm_widgets::config::Settings;
use crm_widgets::store::deliveries::{Deliveries, Delivery, Filter, State};
use serde_json::{Value, json};

use crate::support::caller::Reply;
use crate::support::database::Database;
use crate::support::gateway::Gateway;
use crate::support::his::{Fhir, Ward, text, until};

/// A gateway at whose clinic nothing can be booked but what the hospital has.
pub struct Clinic {
    pub gateway: Gateway,
}

/// An appointment as its owner has it.
#[derive(Clone, Debug)]
pub struct Own {
    pub id: String,
    pub token: String,
}

pub fn site(base: &str) -> Value {
    json!({
        "key": "clinic", "name": "Riverside Clinic", "timeZone": "Asia/Shanghai", "languages": ["en"],
        "challenge": {"enabled": false}, "limits": {"submissionsPerMinute": 100_000},
        "forms": [{"id": "visit", "title": "Your details", "pages": [{"fields": [
            {"name": "name", "type": "text", "required": true, "label": "Name"},
            {"name": "phone", "type": "phone", "required": true, "label": "Phone", "region": "CN"},
        ]}]}],
        "booking": {"his": {"connection": "hospital", "form": "visit", "every": 1}},
        "connections": [
            {"name": "hospital", "connector": "fhir-his", "url": base, "allowPrivate": true, "timeoutSeconds": 2}
        ],
    })
}

impl Clinic {
    pub async fn open(database: Database, fhir: &Fhir) -> Self {
        Self::of(database, site(&fhir.base)).await
    }

    /// A gateway of that site.
    pub async fn of(database: Database, site: Value) -> Self {
        let settings = Settings {
            visitor_submissions: Some(100_000),
            allow_private: Some(vec!["127.0.0.1".to_owned()]),
            ..Settings::default()
        };
        Self { gateway: Gateway::with(database, settings, site).await }
    }

    /// Opens one and waits until the ward can be booked there.
    pub async fn with(database: Database, fhir: &Fhir, ward: &Ward) -> Self {
        let clinic = Self::open(database, fhir).await;
        until(async || clinic.free(ward).await.len(), |free| *free > 0).await;
        clinic
    }

    /// Starts of all slots of the ward that can be had.
    pub async fn free(&self, ward: &Ward) -> Vec<String> {
        self.slots(&key(&ward.service, 30), |seats| seats > 0).await
    }

    /// Starts of those slots of a service that have so many seats.
    pub async fn slots(&self, service: &str, wanted: impl Fn(u32) -> bool) -> Vec<String> {
        let reply = self.gateway.get(&format!("/v1/sites/clinic/slots?service={service}"), &[]).await;
        if reply.status == 404 {
            return Vec::new();
        }
        let slots: Slots = serde_json::from_value(reply.json()).expect("slots");
        let from: jiff::civil::Date = slots.from.parse().expect("a day");
        let midnight = from.to_zoned(jiff::tz::TimeZone::UTC).expect("a day").timestamp();
        let mut starts = Vec::new();
        for row in &slots.rows {
            for range in &row.ranges {
                for (at, digit) in (0u32..).zip(range.seats.chars()) {
                    let minute = i64::from(range.day) * 1_440 + i64::from(range.minute + at * slots.step)
                        - i64::from(range.offset);
                    if digit.to_digit(10).is_some_and(&wanted) {
                        starts.push((midnight + jiff::SignedDuration::from_mins(minute)).to_string());
                    }
                }
            }
        }
        starts.sort();
        starts
    }

    pub async fn book(&self, ward: &Ward, number: u32, start: &str) -> Reply {
        self.book_for(&wanted(ward, number, start)).await
    }

    pub async fn book_for(&self, wanted: &Value) -> Reply {
        let key = format!("key-of-a-booking-{}", wanted["start"].as_str().expect("a start"));
        let key = format!("{key}-{}", text(&wanted["answers"]["phone"]));
        let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
        self.gateway.post("/v1/sites/clinic/appointments", &headers, wanted.to_string()).await
    }

    /// Books, and gets what its owner has of it: not confirmed yet.
    pub async fn request(&self, ward: &Ward, number: u32, start: &str) -> Own {
        self.request_for(&wanted(ward, number, start)).await
    }

    pub async fn request_for(&self, wanted: &Value) -> Own {
        let reply = self.book_for(wanted).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let appointment = reply.json();
        assert_eq!(appointment["status"], "requested");
        Own { id: text(&appointment["id"]), token: text(&appointment["token"]) }
    }

    pub async fn own(&self, method: &str, own: &Own, body: Option<Value>) -> Reply {
        let token = format!("Bearer {}", own.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let path = format!("/v1/sites/clinic/appointments/{}", own.id);
        self.gateway.send(method.parse().expect("a method"), &path, &headers, body.into()).await
    }

    /// Its deliveries, the latest first.
    pub async fn deliveries(&self) -> Vec<Delivery> {
        let store = self.gateway.database.open().await;
        store.run(Deliveries { filter: Filter::default(), limit: 100 }).await.expect("deliveries")
    }

    /// Waits until nothing is on its way.
    pub async fn rests(&self) -> Vec<Delivery> {
        let rest = |all: &Vec<Delivery>| all.iter().all(|one| one.state != State::Waiting);
        until(async || self.deliveries().await, rest).await
    }

    /// What a command says; its error where it fails.
    pub async fn command(&self, args: &[&str]) -> String {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_crm-widgets"))
            .args(["--database", &self.gateway.database.url, "--allow-private", "127.0.0.1"])
            .args(args)
            .output();
        let output = output.await.expect("the program runs");
        let said = if output.status.success() { output.stdout } else { output.stderr };
        String::from_utf8(said).expect("UTF-8")
    }

    /// Waits until its owner sees it in that state, and returns it.
    pub async fn sees(&self, own: &Own, status: &str) -> Value {
        until(async || self.own("GET", own, None).await.json(), |seen| seen["status"] == status).await
    }
}

/// What the patient of that number books with.
pub fn wanted(ward: &Ward, number: u32, start: &str) -> Value {
    json!({
        "service": key(&ward.service, 30), "start": start,
        "answers": {"name": format!("Patient {number}"), "phone": format!("138{number:08}")},
    })
}

/// The key of the service of that length.
pub fn key(id: &str, minutes: u32) -> String {
    format!("{}-{minutes}", crm_widgets::his::words::key(id))
}
