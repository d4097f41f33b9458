use crm_protocol::id::AttemptId;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{Attempt, Claim, Next, Record};
use serde_json::Value;

use super::{clinic, printed, run};
use crate::delivery::submission;

/// Accepts one and gives it up after an attempt. Returns the delivery's id.
async fn exhausted(store: &Store) -> String {
    let accept = submission(&["crm"]);
    let (id, received_at) = (accept.deliveries[0].id, accept.submission.received_at);
    store.run(accept).await.unwrap();
    let connection = ("clinic".to_owned(), "crm".to_owned());
    let claim = Claim { connection, limit: 9, now: received_at, lease_ms: 1_000 };
    let claimed = store.run(claim).await.unwrap().remove(0);
    let attempt = Attempt {
        id: AttemptId::from_u128(id.as_u128()),
        started_at: received_at,
        duration_ms: 12,
        status: Some(500),
        outcome: "server".into(),
        body: Some("broken".into()),
        error: None,
    };
    let next = Next::Exhausted("server".into());
    store.run(Record { delivery: id, fence: claimed.fence, attempt, next }).await.unwrap();
    id.to_string()
}

#[tokio::test]
async fn deliveries_are_listed_with_their_attempts() {
    let (database, store) = clinic().await;
    let id = exhausted(&store).await;
    store.run(submission(&["crm"])).await.unwrap();
    let table = printed(&database, &["deliveries", "list"]);
    assert!(table.contains(&id) && table.contains("clinic/crm") && table.contains("500"), "{table}");
    assert_eq!(table.lines().count(), 4, "a heading, two deliveries, an attempt: {table}");
    let lines = printed(&database, &["deliveries", "list", "--state", "exhausted", "--json"]);
    let delivery: Value = serde_json::from_str(&lines).expect("one line");
    assert_eq!(delivery["id"], id);
    assert_eq!((&delivery["reason"], &delivery["attempts"][0]["status"]), (&"server".into(), &500.into()));
    assert_eq!(printed(&database, &["deliveries", "list", "--site", "other", "--json"]), "");
}

#[tokio::test]
async fn what_was_given_up_can_be_replayed_alone_or_together() {
    let (database, store) = clinic().await;
    let one = exhausted(&store).await;
    exhausted(&store).await;
    assert_eq!(printed(&database, &["replay", &one]), "1 to be sent again\n");
    assert!(!run(&database, &["replay", &one]).status.success(), "it is on its way already");
    assert_eq!(printed(&database, &["replay", "--exhausted", "--site", "other"]), "0 to be sent again\n");
    assert_eq!(printed(&database, &["replay", "--exhausted", "--site", "clinic"]), "1 to be sent again\n");
    assert!(!run(&database, &["replay"]).status.success(), "nothing is named");
}
