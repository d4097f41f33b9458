//! FHIR R4: Medplum's server.

use serde_json::Value;

use super::{Crm, Record};
use crate::support::fhir;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a FHIR server: cargo xtask test live"]
async fn two_enquiries_are_one_patient_with_two_communications() {
    super::two_enquiries_are_one_person_with_two_notes(Fhir::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a FHIR server: cargo xtask test live"]
async fn nothing_is_there_twice_when_the_gateway_dies_before_an_answer() {
    super::nothing_is_there_twice_when_the_gateway_dies_before_an_answer(Fhir::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a FHIR server: cargo xtask test live"]
async fn an_appointment_is_one_resource_until_it_is_cancelled() {
    let expected = [
        ("2026-11-23T02:00:00Z", "booked"),
        ("2026-11-24T06:00:00Z", "booked"),
        ("2026-11-24T06:00:00Z", "cancelled"),
    ];
    super::an_appointment_is_one_record_until_it_is_cancelled(Fhir::start(), expected).await;
}

struct Fhir {
    origin: &'static str,
}

impl Fhir {
    fn start() -> Self {
        Self { origin: fhir::origin() }
    }

    async fn search(&self, query: &str) -> Vec<Value> {
        let bundle = self.read(query).await;
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries.into_iter().map(|mut entry| entry["resource"].take()).collect()
    }
}

impl Crm for Fhir {
    const CONNECTOR: &'static str = "fhir";
    const BASE: &'static str = fhir::BASE;
    const REQUESTS: usize = 2;

    fn origin(&self) -> &str {
        self.origin
    }

    fn secret(&self) -> Option<(&str, &str)> {
        None
    }

    async fn people(&self, email: &str) -> Vec<Record> {
        let mut people = Vec::new();
        for patient in self.search(&format!("/Patient?email={email}")).await {
            let reference = format!("Patient/{}", text(&patient["id"]));
            let notes = self.search(&format!("/Communication?subject={reference}")).await;
            let appointments = self.search(&format!("/Appointment?actor={reference}")).await;
            people.push(Record {
                name: text(&patient["name"][0]["text"]),
                phone: text(&patient["telecom"][0]["value"]),
                notes: notes.iter().map(|note| text(&note["payload"][0]["contentString"])).collect(),
                appointments: appointments
                    .iter()
                    .map(|it| (text(&it["start"]), text(&it["status"])))
                    .collect(),
            });
        }
        people
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
