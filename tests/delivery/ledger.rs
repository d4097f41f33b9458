use std::collections::BTreeMap;
use std::time::Duration;

use crm_widgets::connector::ledger::{Ledger, LinkKey, Lost, Reserved, StepState};
use crm_widgets::delivery::ledger::StoreLedger;
use crm_widgets::keys::Keys;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::Claim;
use crm_widgets::store::tokens::LoadToken;
use jiff::Timestamp;
use serde_json::json;

use super::submission;
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    the_next_attempt_knows_the_steps_of_the_last,
    two_deliveries_never_work_on_one_link,
    a_refresh_token_is_kept_sealed,
    a_token_that_another_gateway_replaced_is_used_instead,
);

fn connection() -> (String, String) {
    ("clinic".into(), "crm".into())
}

/// Claims a delivery for `lease_ms`.
async fn claim(store: &Store, lease_ms: i64) -> StoreLedger {
    let now = Timestamp::now().as_millisecond();
    let claimed = store.run(Claim { connection: connection(), limit: 1, now, lease_ms }).await.unwrap();
    StoreLedger::new(store.clone(), Keys::new(b"secret"), connection(), &claimed[0], lease_ms)
}

/// Accepts a submission and claims its delivery.
async fn open(store: &Store, lease_ms: i64) -> StoreLedger {
    store.run(submission(&["crm"])).await.unwrap();
    claim(store, lease_ms).await
}

fn person() -> LinkKey {
    LinkKey { link: "person".into(), key_sha256: [7; 32] }
}

async fn the_next_attempt_knows_the_steps_of_the_last(database: Database) {
    let store = database.open().await;
    let mut first = open(&store, 300).await;
    first.started("create").await.unwrap();
    first.finished("create", &json!({"id": "7"}), vec![(person(), "7".into())]).await.unwrap();
    first.started("note").await.unwrap();
    assert_eq!(first.steps()["create"], StepState::Done(json!({"id": "7"})));
    tokio::time::sleep(Duration::from_millis(350)).await;
    let mut second = claim(&store, 60_000).await;
    assert_eq!(second.steps(), first.steps());
    assert!(matches!(second.steps()["note"], StepState::Started(at) if at > 0));
    assert_eq!(first.finished("note", &json!({}), vec![]).await, Err(Lost), "it was taken over");
    let known = BTreeMap::from([("person".to_owned(), "7".to_owned())]);
    assert_eq!(second.reserve(&[person()]).await, Ok(Reserved::Free(known)));
}

async fn two_deliveries_never_work_on_one_link(database: Database) {
    let store = database.open().await;
    let (mut one, mut two) = (open(&store, 60_000).await, open(&store, 60_000).await);
    assert_eq!(one.reserve(&[person()]).await, Ok(Reserved::Free(BTreeMap::new())));
    assert_eq!(two.reserve(&[person()]).await, Ok(Reserved::Busy));
}

async fn a_refresh_token_is_kept_sealed(database: Database) {
    let store = database.open().await;
    let mut ledger = open(&store, 60_000).await;
    assert_eq!(ledger.refresh_token().await, Ok(None));
    assert_eq!(ledger.keep_refresh_token(None, "refresh-1").await.as_deref(), Ok("refresh-1"));
    assert_eq!(ledger.refresh_token().await.unwrap().as_deref(), Some("refresh-1"));
    let kept = store.run(LoadToken { connection: connection() }).await.unwrap().unwrap();
    assert!(!kept.windows(7).any(|window| window == b"refresh"));

    store.run(submission(&["crm"])).await.unwrap();
    let now = Timestamp::now().as_millisecond();
    let claim = Claim { connection: connection(), limit: 1, now, lease_ms: 60_000 };
    let claimed = store.run(claim).await.unwrap().remove(0);
    let keys = Keys::new(b"a new secret");
    let mut changed = StoreLedger::new(store.clone(), keys, connection(), &claimed, 60_000);
    assert_eq!(changed.refresh_token().await, Ok(None), "nobody can open it any more");
    assert_eq!(changed.keep_refresh_token(None, "refresh-2").await.as_deref(), Ok("refresh-2"));
}

async fn a_token_that_another_gateway_replaced_is_used_instead(database: Database) {
    let (store, other) = (database.open().await, database.open().await);
    let (mut here, mut there) = (open(&store, 60_000).await, open(&other, 60_000).await);
    here.keep_refresh_token(None, "first").await.unwrap();
    assert_eq!(there.keep_refresh_token(Some("first"), "second").await.as_deref(), Ok("second"));
    assert_eq!(here.keep_refresh_token(Some("first"), "third").await.as_deref(), Ok("second"));
    assert_eq!(here.keep_refresh_token(Some("second"), "third").await.as_deref(), Ok("third"));
}

/// Longer than SQLite itself waits for a lock.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_asked_again_while_the_lease_lasts() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut ledger = open(&store, 60_000).await;
    let path = database.dir.as_ref().unwrap().path().join("test.db");
    let away = rusqlite::Connection::open(path).unwrap();
    away.execute_batch("begin exclusive").unwrap();
    let back = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5_400));
        drop(away);
    });
    assert_eq!(ledger.started("create").await, Ok(()));
    back.join().unwrap();
}
