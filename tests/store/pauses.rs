use crm_widgets::store::Store;
use crm_widgets::store::deliveries::Due;
use crm_widgets::store::pauses::{Cause, LoadPauses, Pause, Resume};

use super::{NOW, claim, claim_one, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_paused_connection_gives_nothing_until_it_is_resumed,
    what_the_destination_asked_for_is_over_by_itself,
    a_failing_connection_is_probed_by_one,
    only_the_last_probe_prolongs_a_pause,
    a_pause_by_hand_goes_before_all_others,
    nothing_due_is_no_probe,
);

fn connection() -> (String, String) {
    ("clinic".into(), "crm".into())
}

async fn pause(store: &Store, cause: Cause, now: i64) -> bool {
    store.run(Pause { connection: connection(), cause, reason: format!("{cause:?}"), now }).await.unwrap()
}

async fn resume(store: &Store, manual: bool) -> bool {
    store.run(Resume { connection: connection(), manual }).await.unwrap()
}

/// Since when and until when the connection pauses.
async fn paused(store: &Store, now: i64) -> Option<(i64, Option<i64>)> {
    let pauses = store.run(LoadPauses { now }).await.unwrap();
    assert!(pauses.iter().all(|pause| (pause.site.as_str(), pause.connection.as_str()) == ("clinic", "crm")));
    pauses.first().map(|pause| (pause.since - NOW, pause.until.map(|until| until - NOW)))
}

/// How many can be claimed, and the number of the probe if it is one. The lease is a minute.
async fn claimed(store: &Store, now: i64) -> (usize, Option<u32>) {
    let claimed = store.run(claim(now, 9)).await.unwrap();
    (claimed.len(), claimed.first().and_then(|claimed| claimed.probe))
}

async fn accept(store: &Store, count: u128) {
    for number in 1..=count {
        store.run(submission(number)).await.unwrap();
    }
}

async fn a_paused_connection_gives_nothing_until_it_is_resumed(database: Database) {
    let store = database.open().await;
    accept(&store, 2).await;
    assert!(pause(&store, Cause::Manual, NOW).await);
    assert_eq!(paused(&store, NOW).await, Some((0, None)));
    assert_eq!(store.run(Due { now: NOW * 2 }).await.unwrap(), []);
    assert_eq!(claimed(&store, NOW * 2).await, (0, None));
    assert!(!resume(&store, false).await, "only a person ends it");
    assert!(resume(&store, true).await);
    assert!(!resume(&store, true).await);
    assert_eq!(paused(&store, NOW).await, None);
    assert_eq!(store.run(Due { now: NOW }).await.unwrap(), [connection()]);
    assert_eq!(claimed(&store, NOW).await, (2, None));
}

async fn what_the_destination_asked_for_is_over_by_itself(database: Database) {
    let store = database.open().await;
    accept(&store, 2).await;
    assert!(pause(&store, Cause::Asked { until: NOW + 500 }, NOW).await);
    assert!(pause(&store, Cause::Asked { until: NOW + 1_000 }, NOW + 1).await);
    assert!(!pause(&store, Cause::Asked { until: NOW + 700 }, NOW + 2).await, "the longest counts");
    assert_eq!(paused(&store, NOW + 999).await, Some((0, Some(1_000))));
    assert_eq!(claimed(&store, NOW + 999).await, (0, None));
    assert_eq!(paused(&store, NOW + 1_000).await, None);
    assert_eq!(store.run(Due { now: NOW + 1_000 }).await.unwrap(), [connection()]);
    assert_eq!(claimed(&store, NOW + 1_000).await, (2, None));
    assert!(pause(&store, Cause::Asked { until: NOW + 3_000 }, NOW + 2_000).await);
    assert_eq!(paused(&store, NOW + 2_000).await, Some((2_000, Some(3_000))), "another pause");
}

async fn a_failing_connection_is_probed_by_one(database: Database) {
    let (store, other) = (database.open().await, database.open().await);
    accept(&store, 20).await;
    assert!(pause(&store, Cause::Failing { until: NOW + 100, probe: 0 }, NOW).await);
    assert_eq!(claimed(&store, NOW + 99).await, (0, None));
    assert_eq!(store.run(Due { now: NOW + 100 }).await.unwrap(), [connection()]);
    let racers: Vec<_> = (0..16)
        .map(|at| {
            let store = if at % 2 == 0 { store.clone() } else { other.clone() };
            tokio::spawn(async move { claimed(&store, NOW + 100).await })
        })
        .collect();
    let mut probes = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            (0, None) => {}
            probe => probes.push(probe),
        }
    }
    assert_eq!(probes, [(1, Some(1))]);
    assert_eq!(claimed(&store, NOW + 60_099).await, (0, None), "all wait for what comes of it");
    assert_eq!(claimed(&store, NOW + 60_100).await, (1, Some(2)), "nothing came of it");
    assert!(resume(&store, false).await);
    assert_eq!(claimed(&store, NOW + 60_101).await.0, 9);
}

async fn only_the_last_probe_prolongs_a_pause(database: Database) {
    let store = database.open().await;
    accept(&store, 9).await;
    assert!(pause(&store, Cause::Asked { until: NOW + 50 }, NOW).await);
    assert!(pause(&store, Cause::Failing { until: NOW + 100, probe: 0 }, NOW + 10).await, "from then on");
    assert_eq!(paused(&store, NOW).await, Some((10, Some(100))));
    assert_eq!(claimed(&store, NOW + 100).await, (1, Some(1)));
    assert!(!pause(&store, Cause::Failing { until: NOW + 1, probe: 0 }, NOW + 110).await, "a late failure");
    assert!(pause(&store, Cause::Failing { until: NOW + 300, probe: 1 }, NOW + 110).await);
    assert_eq!(paused(&store, NOW + 299).await, Some((10, Some(300))), "failing since then");
    assert_eq!(claimed(&store, NOW + 300).await, (1, Some(2)));
    assert!(resume(&store, true).await);
    assert!(
        !pause(&store, Cause::Failing { until: NOW + 900, probe: 2 }, NOW + 310).await,
        "someone ended it"
    );
    assert_eq!(paused(&store, NOW + 310).await, None);
}

async fn a_pause_by_hand_goes_before_all_others(database: Database) {
    let store = database.open().await;
    assert!(pause(&store, Cause::Failing { until: NOW + 100, probe: 0 }, NOW).await);
    assert!(pause(&store, Cause::Manual, NOW + 5).await);
    assert!(!pause(&store, Cause::Failing { until: NOW + 100, probe: 0 }, NOW + 6).await);
    assert!(!pause(&store, Cause::Asked { until: NOW + 100 }, NOW + 6).await);
    assert_eq!(paused(&store, NOW + 6).await, Some((5, None)));
}

async fn nothing_due_is_no_probe(database: Database) {
    let store = database.open().await;
    assert!(pause(&store, Cause::Failing { until: NOW + 100, probe: 0 }, NOW).await);
    assert_eq!(claimed(&store, NOW + 200).await, (0, None));
    accept(&store, 1).await;
    assert_eq!(claim_one(&store, NOW + 201).await.probe, Some(1), "at once, and the first");
}
