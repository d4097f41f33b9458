//! The store's promises, each on both engines.

mod accept;
mod booking;
mod deliveries;
mod erase;
mod history;
mod links;
mod opening;
mod pauses;
mod purge;
mod sites;
mod sqlite;
mod steps;
mod tokens;
mod uploads;

use crm_protocol::id::{AttemptId, DeliveryId, SubmissionId};
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{Attempt, Claim, Claimed, Lease, Next, Record, Recorded};
use crm_widgets::store::links::LinkKey;
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

/// Claims the one delivery that is due.
async fn claim_one(store: &Store, now: i64) -> Claimed {
    let mut claimed = store.run(claim(now, 1)).await.unwrap();
    assert_eq!(claimed.len(), 1, "one is due");
    claimed.remove(0)
}

/// The lease of a claimed delivery, renewed for a minute.
fn lease(claimed: &Claimed, now: i64) -> Lease {
    Lease { delivery: claimed.delivery, fence: claimed.fence, now, lease_ms: 60_000 }
}

/// Ends the lease of a claimed delivery.
async fn record(store: &Store, claimed: &Claimed, next: Next) {
    let attempt = attempt(claimed.delivery.as_u128() * 1_000 + claimed.fence.unsigned_abs() as u128);
    let record = Record { delivery: claimed.delivery, fence: claimed.fence, attempt, next };
    assert_eq!(store.run(record).await.unwrap(), Recorded::Ok);
}

fn key(link: &str, number: u8) -> LinkKey {
    LinkKey { link: link.into(), key_sha256: [number; 32] }
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
