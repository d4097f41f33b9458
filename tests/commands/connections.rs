use crm_widgets::store::deliveries::Claim;
use serde_json::Value;

use super::{clinic, printed, run};
use crate::delivery::submission;

#[tokio::test]
async fn connections_are_listed_paused_and_resumed() {
    let (database, store) = clinic().await;
    let accept = submission(&["crm"]);
    let now = accept.submission.received_at;
    store.run(accept).await.unwrap();
    store.run(submission(&["gone"])).await.unwrap();
    let listed = |connection: &str| -> Value {
        let lines = printed(&database, &["connections", "list", "--json"]);
        let mut rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.find(|row| row["connection"] == connection).expect("it is listed")
    };
    let crm = listed("crm");
    assert_eq!((&crm["site"], &crm["connector"]), (&"clinic".into(), &"webhook".into()));
    assert_eq!((&crm["waiting"], &crm["exhausted"], &crm["paused"]), (&1.into(), &0.into(), &Value::Null));
    assert_eq!(listed("gone")["connector"], Value::Null, "deliveries of a removed connection stay in sight");

    let claim = Claim { connection: ("clinic".into(), "crm".into()), limit: 9, now, lease_ms: 1 };
    printed(&database, &["connections", "pause", "clinic/crm", "--reason", "moving house"]);
    assert_eq!(listed("crm")["paused"]["reason"], "moving house");
    let table = printed(&database, &["connections", "list"]);
    assert!(table.contains("clinic/crm") && table.contains("moving house"), "{table}");
    assert_eq!(store.run(claim.clone()).await.unwrap(), [], "a running gateway sees it");
    printed(&database, &["connections", "resume", "clinic/crm"]);
    assert_eq!(listed("crm")["paused"], Value::Null);
    assert_eq!(store.run(claim).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_paused_or_resumed_is_said() {
    let (database, _store) = clinic().await;
    for arguments in [["pause", "clinic/other"], ["pause", "clinic"], ["resume", "clinic/crm"]] {
        let output = run(&database, &[&["connections"], arguments.as_slice()].concat());
        assert!(!output.status.success(), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
}
