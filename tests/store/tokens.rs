use crm_widgets::store::Store;
use crm_widgets::store::tokens::{KeepToken, LoadToken};

use super::NOW;
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(a_refresh_token_is_replaced_by_the_first_only, each_connection_has_its_own_token);

fn connection(name: &str) -> (String, String) {
    ("clinic".into(), name.into())
}

/// Keeps token number `next` in place of `previous`; returns the number of the one that is kept then.
async fn keep(store: &Store, previous: Option<u8>, next: u8) -> u8 {
    let keep = KeepToken {
        connection: connection("crm"),
        previous: previous.map(|number| vec![number]),
        sealed: vec![next],
        now: NOW,
    };
    store.run(keep).await.unwrap()[0]
}

async fn a_refresh_token_is_replaced_by_the_first_only(database: Database) {
    let store = database.open().await;
    assert_eq!(keep(&store, Some(0), 1).await, 1, "the one before was erased");
    assert_eq!(keep(&store, Some(1), 2).await, 2);
    assert_eq!(keep(&store, Some(1), 3).await, 2, "another gateway was first");
    assert_eq!(keep(&store, Some(1), 2).await, 2, "said twice");
    assert_eq!(keep(&store, None, 4).await, 2, "one is there already");
    assert_eq!(keep(&store, Some(2), 5).await, 5);
    assert_eq!(store.run(LoadToken { connection: connection("crm") }).await.unwrap(), Some(vec![5]));
}

async fn each_connection_has_its_own_token(database: Database) {
    let store = database.open().await;
    assert_eq!(keep(&store, None, 1).await, 1);
    assert_eq!(store.run(LoadToken { connection: connection("archive") }).await.unwrap(), None);
}
