use crm_widgets::store::purge::{ANSWERS_MS, Purge, Purged, UNBOUND_MS};
use crm_widgets::store::submissions::{Accepted, Spent};

use super::uploads::upload;
use super::{NOW, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(what_is_needed_stays_and_what_is_not_goes, a_purge_goes_in_batches);

async fn what_is_needed_stays_and_what_is_not_goes(database: Database) {
    let store = database.open().await;
    store.run(upload(1)).await.unwrap();
    store.run(upload(2)).await.unwrap();
    let mut accept = submission(1);
    accept.uploads = vec![upload(1).upload.id];
    accept.spent = Some(Spent { nonce: "00".into(), expires_at: NOW + 600_000 });
    store.run(accept).await.unwrap();

    let nothing = Purged { answers: 0, challenges: 0, uploads: 0, past: 0, more: false };
    assert_eq!(store.run(Purge { now: NOW + 600_000 }).await.unwrap(), nothing);
    let day = store.run(Purge { now: NOW + UNBOUND_MS + 1 }).await.unwrap();
    assert_eq!((day.challenges, day.uploads), (1, 1), "the file of the submission stays");
    let three_days = NOW + 72 * 3_600_000;
    assert_eq!(store.run(Purge { now: three_days }).await.unwrap(), nothing);
    let repeated = store.run(submission(1)).await.unwrap();
    assert!(matches!(repeated, Accepted::Repeated { .. }), "{repeated:?}");
    assert_eq!(store.run(Purge { now: NOW + ANSWERS_MS + 1 }).await.unwrap().answers, 1);
}

async fn a_purge_goes_in_batches(database: Database) {
    let store = database.open().await;
    let tasks: Vec<_> = (0..1_100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.run(submission(number)).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let later = Purge { now: NOW + ANSWERS_MS + 1 };
    let first = store.run(later).await.unwrap();
    assert_eq!((first.answers, first.more), (1_000, true));
    let second = store.run(later).await.unwrap();
    assert_eq!((second.answers, second.more), (100, false));
}
