//! The store's promises, each on both engines.

mod accept;
mod deliveries;
mod erase;
mod history;
mod opening;
mod purge;
mod sites;
mod sqlite;
mod uploads;

use crm_protocol::id::{AttemptId, DeliveryId, SubmissionId};
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;
use crm_widgets::store::deliveries::{Attempt, Claim};
use crm_widgets::store::submissions::{Accept, Contact, NewDelivery, Submission};

const NOW: i64 = 1_790_000_000_000;

/// A submission to connection `crm` of site `clinic`; different for every number.
fn submission(number: u128) -> Accept {
    Accept {
        submission: Submission {
            id: SubmissionId::from_u128(number),
            site: "clinic".into(),
            form: "enquiry".into(),
            version: 3,
            lang: Lang::parse("zh-CN").unwrap(),
            receipt: format!("R{number}"),
            body: format!(r#"{{"answers":{{"name":"王小明 {number}"}}}}"#),
            received_at: NOW,
        },
        consents: vec![Consent {
            purpose: "contact".into(),
            version: "1".into(),
            text_sha256: "ab".repeat(32),
            granted: true,
        }],
        contacts: vec![Contact::new(&format!("visitor{number}@example.com"))],
        key: format!("key-{number}"),
        body_sha256: [number as u8; 32],
        answer: format!(r#"{{"receipt":"R{number}"}}"#),
        spent: None,
        uploads: vec![],
        deliveries: vec![NewDelivery { id: DeliveryId::from_u128(number), connection: "crm".into() }],
    }
}

fn claim(now: i64, limit: u32) -> Claim {
    Claim { connection: ("clinic".into(), "crm".into()), limit, now, lease_ms: 60_000 }
}

fn attempt(number: u128) -> Attempt {
    Attempt {
        id: AttemptId::from_u128(number),
        started_at: NOW,
        duration_ms: 12,
        status: Some(503),
        outcome: "refused".into(),
        body: Some("later".into()),
        error: None,
    }
}
