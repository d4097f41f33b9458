//! BottleCRM: its own server on PostgreSQL.

use serde_json::Value;

use super::{Crm, Record};
use crate::support::bottlecrm::{self, Server};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs BottleCRM: cargo xtask test live"]
async fn two_enquiries_are_one_lead_with_two_comments() {
    super::two_enquiries_are_one_person_with_two_notes(bottlecrm::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs BottleCRM: cargo xtask test live"]
async fn nothing_is_there_twice_when_the_gateway_dies_before_an_answer() {
    super::nothing_is_there_twice_when_the_gateway_dies_before_an_answer(bottlecrm::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs BottleCRM: cargo xtask test live"]
async fn an_appointment_is_one_task_until_it_is_cancelled() {
    let expected = [("2026-11-23", "New"), ("2026-11-24", "New"), ("2026-11-24", "Completed")];
    super::an_appointment_is_one_record_until_it_is_cancelled(bottlecrm::server().await, expected).await;
}

impl Crm for &Server {
    const CONNECTOR: &'static str = "bottlecrm";
    const BASE: &'static str = "";
    const REQUESTS: usize = 3;

    fn origin(&self) -> &str {
        &self.origin
    }

    fn secret(&self) -> Option<(&str, &str)> {
        Some(("token", &self.token))
    }

    async fn people(&self, email: &str) -> Vec<Record> {
        let leads = self.read(&format!("/api/leads/?email={email}")).await;
        let mut people = Vec::new();
        for lead in list(&leads["open_leads"]["open_leads"]) {
            let id = text(&lead["id"]);
            let detail = self.read(&format!("/api/leads/{id}/")).await;
            let tasks = self.read(&format!("/api/tasks/?lead={id}")).await;
            people.push(Record {
                name: [text(&lead["first_name"]), text(&lead["last_name"])].join(" ").trim().to_owned(),
                phone: text(&lead["phone"]),
                notes: list(&detail["comments"]).iter().map(|comment| text(&comment["comment"])).collect(),
                appointments: list(&tasks["tasks"])
                    .iter()
                    .map(|task| (text(&task["due_date"]), text(&task["status"])))
                    .collect(),
            });
        }
        people
    }
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
