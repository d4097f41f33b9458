//! What holds on SQLite alone.

use crm_widgets::store::submissions::{Accepted, Submissions};
use crm_widgets::store::{Op, StoreError, Tx};

use super::{NOW, claim, submission};
use crate::support::database::Database;

#[tokio::test]
async fn memory_works_like_a_file() {
    let store = Database::memory().open().await;
    store.run(submission(1)).await.unwrap();
    assert_eq!(store.run(claim(NOW, 9)).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_operations_share_commits_under_load() {
    let database = Database::sqlite();
    let store = database.open().await;
    let waiting: Vec<_> = (0..500)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.run(submission(number)).await.unwrap() })
        })
        .collect();
    for task in waiting {
        task.await.unwrap();
    }
    let stats = store.stats();
    assert_eq!(stats.ops, 500);
    assert!(stats.commits < 250, "{stats:?}");
}

/// Lets the file grow to so many pages, as a disk does.
struct DiskOf(i64);

impl Op for DiskOf {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.query(&format!("pragma max_page_count = {}", self.0), &[]).await.map(drop)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_survived() {
    let database = Database::sqlite();
    let store = database.open().await;
    store.run(DiskOf(80)).await.unwrap();
    let tasks: Vec<_> = (0..600)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { (number, store.run(submission(number)).await) })
        })
        .collect();
    let mut stored = 0;
    let mut refused = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            (_, Ok(outcome)) => stored += usize::from(outcome == Accepted::Stored),
            (number, Err(StoreError::Full)) => refused.push(number),
            (_, Err(other)) => panic!("{other}"),
        }
    }
    assert!(!refused.is_empty());
    let all = Submissions { site: "clinic".into(), form: None, after: None, limit: 1_000 };
    assert_eq!(store.run(all.clone()).await.unwrap().len(), stored, "none that was refused is there");
    store.run(DiskOf(1_000_000)).await.unwrap();
    for number in refused {
        assert_eq!(store.run(submission(number)).await.unwrap(), Accepted::Stored);
    }
    assert_eq!(store.run(all).await.unwrap().len(), 600);
}

/// A disk that takes its time.
struct Slow;

impl Op for Slow {
    type Out = ();

    async fn run(&self, _: &mut Tx) -> Result<(), StoreError> {
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_wait_in_line_is_told_so() {
    let database = Database::sqlite();
    let store = database.open().await;
    let slow = tokio::spawn({
        let store = store.clone();
        async move { store.run(Slow).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let tasks: Vec<_> = (0..1_100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.run(submission(number)).await })
        })
        .collect();
    let (mut stored, mut busy) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(outcome) => stored += usize::from(outcome == Accepted::Stored),
            Err(StoreError::Busy) => busy += 1,
            Err(other) => panic!("{other}"),
        }
    }
    slow.await.unwrap().unwrap();
    assert_eq!((stored, busy), (1_024, 76));
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_answers_everyone() {
    for _ in 0..50 {
        let database = Database::sqlite();
        let store = database.open().await;
        let tasks: Vec<_> = (0..40)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move { store.run(submission(number)).await.is_ok() })
            })
            .collect();
        store.close().await;
        let mut stored = 0;
        for task in tasks {
            stored += usize::from(task.await.unwrap());
        }
        let store = database.open().await;
        let all = Submissions { site: "clinic".into(), form: None, after: None, limit: 100 };
        assert_eq!(store.run(all).await.unwrap().len(), stored);
        store.close().await;
    }
}
