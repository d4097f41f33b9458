//! The API's and the pages' promises, through a socket.

pub mod challenge;
mod connections;
mod cors;
mod documents;
mod limits;
pub mod logs;
mod pages;
mod submit;
mod uploads;

use crm_widgets::config::Settings;
use serde_json::{Value, json};

use crate::support::caller::Reply;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

/// A page that may call the gateway.
const ORIGIN: &str = "https://www.example.com";

impl Gateway {
    async fn start() -> Self {
        Self::with(Database::sqlite(), Settings::default(), site()).await
    }

    /// Sends an enquiry, without a challenge.
    async fn submit(&self, key: &str, answers: Value) -> Reply {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let body = json!({"form": "enquiry", "answers": answers});
        self.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await
    }
}

/// A key for that number.
fn key(number: u32) -> String {
    format!("key-of-a-submission-{number}")
}

/// Answers that are right.
fn answers() -> Value {
    json!({"name": "王小明", "email": "wang@example.com", "privacy": "yes"})
}

/// A clinic without proof of work, whose submissions go to a CRM that does not exist.
fn site() -> Value {
    json!({
        "key": "clinic",
        "name": "Riverside Clinic",
        "origins": [ORIGIN],
        "timeZone": "Asia/Shanghai",
        "languages": ["en", "zh-CN", "zh-TW"],
        "challenge": {"enabled": false},
        "forms": [
            {
                "id": "enquiry",
                "title": {"en": "Ask us", "zh-CN": "在线咨询", "zh-TW": "線上諮詢"},
                "pages": [{"fields": [
                    {"name": "name", "type": "text", "required": true, "label": {"en": "Name", "zh-CN": "姓名"}},
                    {"name": "email", "type": "email", "label": "E-mail"},
                    {"name": "report", "type": "file", "label": "Report", "accept": ["pdf", "png", "txt"], "max": "2", "maxBytes": 100_000},
                    {"name": "privacy", "type": "consent", "required": true, "purpose": "contact", "version": "2026-01",
                        "label": {"en": "You may answer me.", "zh-CN": "您可以回复我。"}},
                ]}],
            },
            {"id": "callback", "title": "Call me", "pages": [{"fields": [{"name": "phone", "type": "phone", "label": "Phone"}]}]},
        ],
        "connections": [{"name": "crm", "connector": "webhook", "url": "https://crm.invalid/hook", "secrets": {"signing": {"env": "NONE"}}}],
    })
}
