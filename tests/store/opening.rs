use crm_widgets::store::{DatabaseUrl, StoreError, migrations, sites};

use super::submission;
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    opening_again_keeps_everything,
    two_gateways_may_start_at_once,
    a_newer_database_is_refused,
    a_closed_store_refuses,
    a_panic_stops_only_its_operation,
);

async fn opening_again_keeps_everything(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    store.close().await;
    let store = database.open().await;
    let repeated = store.run(submission(1)).await.unwrap();
    assert!(matches!(repeated, crm_widgets::store::submissions::Accepted::Repeated { .. }));
}

async fn two_gateways_may_start_at_once(database: Database) {
    let (one, two) = tokio::join!(database.open(), database.open());
    one.run(submission(1)).await.unwrap();
    two.run(submission(2)).await.unwrap();
    assert_eq!(one.run(super::claim(super::NOW, 9)).await.unwrap().len(), 2);
}

async fn a_newer_database_is_refused(database: Database) {
    database.open().await.close().await;
    let sql = format!("insert into migrations (version) values ({})", migrations::VERSION + 6);
    match &database.dir {
        Some(dir) => {
            rusqlite::Connection::open(dir.path().join("test.db")).unwrap().execute_batch(&sql).unwrap();
        }
        None => {
            let (client, connection) =
                tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&sql).await.unwrap();
        }
    }
    let error = database.try_open().await.unwrap_err();
    let known = migrations::VERSION;
    assert!(
        matches!(error, StoreError::Newer { found, known: here } if (found, here) == (known + 6, known)),
        "{error}"
    );
    assert!(error.to_string().contains("newer crm-widgets"), "{error}");
}

async fn a_closed_store_refuses(database: Database) {
    let store = database.open().await;
    store.close().await;
    let error = store.run(sites::Apply { sites: vec![] }).await.unwrap_err();
    assert!(error.is_temporary(), "{error}");
}

struct Panics;

impl crm_widgets::store::Op for Panics {
    type Out = ();

    async fn run(&self, tx: &mut crm_widgets::store::Tx) -> Result<(), StoreError> {
        tx.execute("insert into spent (nonce, expires_at) values ('x', 1)", &[]).await?;
        panic!("on purpose");
    }
}

async fn a_panic_stops_only_its_operation(database: Database) {
    let store = database.open().await;
    for _ in 0..20 {
        assert!(matches!(store.run(Panics).await, Err(StoreError::Statement(_))));
    }
    store.run(submission(1)).await.unwrap();
    let purged = store.run(crm_widgets::store::purge::Purge { now: super::NOW }).await.unwrap();
    assert_eq!(purged.challenges, 0, "what it wrote is undone");
}

#[test]
fn addresses_are_read_or_refused_with_a_reason() {
    for good in
        ["sqlite:data.db", "sqlite:///var/lib/crm.db", "sqlite::memory:", "postgres://crm@localhost/crm"]
    {
        assert!(good.parse::<DatabaseUrl>().is_ok(), "{good}");
    }
    for (bad, reason) in [
        ("data.db", "must start with sqlite:"),
        ("mysql://localhost", "must start with sqlite:"),
        ("sqlite:", "a path must follow"),
        ("sqlite:data.db?synchronous=maybe", "unknown option"),
        ("postgres://localhost/crm?synchronous=off", "wrong"),
    ] {
        let error = bad.parse::<DatabaseUrl>().unwrap_err().to_string();
        assert!(error.contains(reason), "{bad}: {error}");
    }
    let url: DatabaseUrl = "postgres://crm:secret@localhost/crm".parse().unwrap();
    assert!(!format!("{url} {url:?}").contains("secret"));
}
