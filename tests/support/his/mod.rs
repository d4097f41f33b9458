//! A hospital to import from and to book at: a client for its FHIR R4 server, and a ward with slots in it.

pub mod fake;
mod memory;
pub mod sekmet;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

/// A server, by its base URL.
#[derive(Clone, Debug)]
pub struct Fhir {
    pub base: String,
}

/// One doctor's slots at one department, by the server's ids.
#[derive(Clone, Debug)]
pub struct Ward {
    pub service: String,
    pub schedule: String,
    pub slots: Vec<String>,
    /// Starts of the slots, in their order.
    pub starts: Vec<String>,
}

impl Fhir {
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        version: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/fhir+json")
            .header("accept", "application/fhir+json")
            // As it is now, not as somebody has found it a minute ago.
            .header("cache-control", "no-cache");
        if let Some(version) = version {
            request = request.header("if-match", format!("W/\"{version}\""));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::<Bytes>::from(body)).expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Creates a resource and returns its id.
    pub async fn create(&self, resource: Value) -> String {
        let path = format!("/{}", text(&resource["resourceType"]));
        let (status, created) = self.send("POST", &path, None, Some(&resource)).await;
        assert_eq!(status, 201, "{created}");
        text(&created["id"])
    }

    pub async fn read(&self, reference: &str) -> Value {
        let (status, resource) = self.send("GET", &format!("/{reference}"), None, None).await;
        assert_eq!(status, 200, "{reference}: {resource}");
        resource
    }

    pub async fn search(&self, search: &str) -> Vec<Value> {
        let bundle = self.read(search).await;
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries.into_iter().map(|mut entry| entry["resource"].take()).collect()
    }

    /// The hospital gives the slot to somebody else, or takes it back.
    pub async fn set(&self, slot: &str, status: &str) {
        let mut resource = self.read(&format!("Slot/{slot}")).await;
        resource["status"] = json!(status);
        let (status, answer) = self.send("PUT", &format!("/Slot/{slot}"), None, Some(&resource)).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// The appointments that a slot has.
    pub async fn appointments(&self, slot: &str) -> Vec<Value> {
        self.search(&format!("Appointment?slot=Slot/{slot}")).await
    }

    pub async fn status(&self, slot: &str) -> String {
        text(&self.read(&format!("Slot/{slot}")).await["status"])
    }

    /// A department with one doctor who has so many free half hours, from nine tomorrow on.
    pub async fn ward(&self, slots: usize) -> Ward {
        let kind = |kind: &str, body: Value| {
            let mut resource = body;
            resource["resourceType"] = json!(kind);
            resource
        };
        let place = self.create(kind("Location", json!({"status": "active", "name": "East wing"}))).await;
        let service =
            self.create(kind("HealthcareService", json!({"active": true, "name": "Dentistry"}))).await;
        let name = json!([{"family": "Li", "given": ["Wei"], "prefix": ["Dr"]}]);
        let practitioner = self.create(kind("Practitioner", json!({"active": true, "name": name}))).await;
        let role = json!({
            "active": true,
            "practitioner": {"reference": format!("Practitioner/{practitioner}")},
            "healthcareService": [{"reference": format!("HealthcareService/{service}")}],
            "location": [{"reference": format!("Location/{place}")}],
            "code": [{"text": "Dentist"}]
        });
        let role = self.create(kind("PractitionerRole", role)).await;
        let actor = json!([{"reference": format!("PractitionerRole/{role}")}]);
        let schedule = self.create(kind("Schedule", json!({"active": true, "actor": actor}))).await;
        let mut ward = Ward { service, schedule, slots: Vec::new(), starts: Vec::new() };
        for number in 0..slots {
            self.add_slot(&mut ward, number, 30).await;
        }
        ward
    }

    /// A slot of so many minutes, half hours after nine tomorrow.
    pub async fn add_slot(&self, ward: &mut Ward, number: usize, minutes: i64) {
        let tomorrow = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(1.day());
        let nine = tomorrow.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a time").timestamp();
        let half_hours = i64::try_from(number).expect("a small number");
        let start = nine + SignedDuration::from_mins(30 * half_hours);
        let end = start + SignedDuration::from_mins(minutes);
        let slot = json!({
            "resourceType": "Slot", "status": "free", "start": start.to_string(), "end": end.to_string(),
            "schedule": {"reference": format!("Schedule/{}", ward.schedule)}
        });
        ward.slots.push(self.create(slot).await);
        ward.starts.push(start.to_string());
    }
}

/// Waits until the question is answered, and fails with what was answered last.
pub async fn until<T: std::fmt::Debug>(mut ask: impl AsyncFnMut() -> T, wanted: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let answer = ask().await;
        if wanted(&answer) {
            return answer;
        }
        assert!(Instant::now() < deadline, "still {answer:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
