use std::collections::BTreeSet;

use crm_protocol::id::DeliveryId;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{
    Attempt, Claim, CountDeliveries, Deliveries, Delivery, DeliveryCount, Due, Filter, Next, Record,
    Recorded, Release, Replay, State, Which,
};
use crm_widgets::store::hasten::Hasten;

use super::{NOW, attempt, claim, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_claim_carries_all_that_is_to_be_delivered,
    many_claimers_never_share_a_delivery,
    an_expired_lease_is_claimed_again_and_its_holder_refused,
    a_fence_is_good_for_one_record,
    a_retry_is_due_at_its_time,
    a_delivery_may_come_back_without_an_attempt_used_up,
    what_pauses_between_attempts_may_be_hastened,
    an_exhausted_delivery_is_kept_and_replayed,
    a_delivered_one_is_replayed_by_its_id_only,
    connections_do_not_see_each_other,
    lists_and_counts_tell_where_deliveries_stand,
);

async fn accept(store: &Store, numbers: std::ops::RangeInclusive<u128>) {
    for number in numbers {
        store.run(submission(number)).await.unwrap();
    }
}

fn record(number: u128, fence: i64, next: Next) -> Record {
    // One attempt id for one fence.
    let attempt = attempt(number * 1_000 + fence.unsigned_abs() as u128);
    Record { delivery: DeliveryId::from_u128(number), fence, attempt, next }
}

async fn list(store: &Store) -> Vec<Delivery> {
    store.run(Deliveries { filter: Filter::default(), limit: 100 }).await.unwrap()
}

async fn a_claim_carries_all_that_is_to_be_delivered(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=3).await;
    assert_eq!(store.run(claim(NOW - 1, 9)).await.unwrap(), [], "not due yet");
    let claimed = store.run(claim(NOW, 2)).await.unwrap();
    assert_eq!(claimed.len(), 2);
    let first = &claimed[0];
    let sent = submission(u128::from(claimed[0].delivery.as_u128() as u64));
    assert_eq!((&first.submission, &first.consents), (&sent.submission, &sent.consents));
    assert_eq!(first.attempt, 1);
    assert_eq!(store.run(claim(NOW, 9)).await.unwrap().len(), 1, "the others are leased");
}

async fn many_claimers_never_share_a_delivery(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=200).await;
    let claimers: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = store.run(claim(NOW, 5)).await.unwrap();
                    assert!(claimed.len() <= 5);
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed.into_iter().map(|claimed| claimed.delivery));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for claimer in claimers {
        all.extend(claimer.await.unwrap());
    }
    // Skipped rows may look like an empty queue to one claimer, so the rest is claimed at the end.
    all.extend(store.run(claim(NOW, 1_000)).await.unwrap().into_iter().map(|claimed| claimed.delivery));
    assert_eq!(all.len(), 200);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 200);
}

async fn an_expired_lease_is_claimed_again_and_its_holder_refused(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    let first = store.run(claim(NOW, 1)).await.unwrap().remove(0);
    assert_eq!(store.run(claim(NOW + 59_999, 1)).await.unwrap(), []);
    let second = store.run(claim(NOW + 60_000, 1)).await.unwrap().remove(0);
    assert!(second.fence > first.fence);
    assert_eq!(second.attempt, 1, "an attempt that was never recorded does not count");
    assert_eq!(store.run(record(1, first.fence, Next::Delivered)).await.unwrap(), Recorded::LeaseLost);
    assert_eq!(list(&store).await[0].state, State::Waiting);
    assert_eq!(list(&store).await[0].attempts.len(), 1, "the late attempt is in the log");
    assert_eq!(store.run(record(1, second.fence, Next::Delivered)).await.unwrap(), Recorded::Ok);
    let delivered = list(&store).await.remove(0);
    assert_eq!((delivered.state, delivered.attempts.len()), (State::Delivered, 2));
    assert_eq!(store.run(claim(NOW + 999_999, 1)).await.unwrap(), []);
}

async fn a_fence_is_good_for_one_record(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    let fence = store.run(claim(NOW, 1)).await.unwrap().remove(0).fence;
    assert_eq!(store.run(record(1, fence, Next::RetryAt(NOW + 5))).await.unwrap(), Recorded::Ok);
    let mut again = record(1, fence, Next::Delivered);
    again.attempt = attempt(77);
    assert_eq!(store.run(again).await.unwrap(), Recorded::LeaseLost);
    assert_eq!(list(&store).await[0].state, State::Waiting);
}

async fn a_retry_is_due_at_its_time(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    let mut now = NOW;
    for number in 1..=4 {
        let claimed = store.run(claim(now, 1)).await.unwrap().remove(0);
        assert_eq!(claimed.attempt, number);
        now += 300_000;
        store.run(record(1, claimed.fence, Next::RetryAt(now))).await.unwrap();
        assert_eq!(store.run(Due { now: now - 1 }).await.unwrap(), []);
        assert_eq!(store.run(claim(now - 1, 1)).await.unwrap(), []);
        assert_eq!(store.run(Due { now }).await.unwrap(), [("clinic".into(), "crm".into())]);
    }
    let kept = list(&store).await.remove(0);
    assert_eq!(kept.due_at, Some(now));
    assert_eq!(kept.attempts.len(), 4);
    let Attempt { status, outcome, body, error, duration_ms, .. } = &kept.attempts[0];
    assert_eq!((*status, outcome.as_str(), body.as_deref()), (Some(503), "refused", Some("later")));
    assert_eq!((error, *duration_ms), (&None, 12));
}

async fn a_delivery_may_come_back_without_an_attempt_used_up(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    let first = store.run(claim(NOW, 1)).await.unwrap().remove(0);
    let release = Release { delivery: first.delivery, fence: first.fence, due_at: NOW + 1_000 };
    assert_eq!(store.run(release.clone()).await.unwrap(), Recorded::Ok);
    assert_eq!(store.run(release).await.unwrap(), Recorded::LeaseLost, "it gave the lease away");
    assert_eq!(store.run(claim(NOW + 999, 1)).await.unwrap(), []);
    let second = store.run(claim(NOW + 1_000, 1)).await.unwrap().remove(0);
    assert_eq!((second.attempt, list(&store).await[0].attempts.len()), (1, 0));
    store.run(record(1, second.fence, Next::Later(NOW + 2_000))).await.unwrap();
    let third = store.run(claim(NOW + 2_000, 1)).await.unwrap().remove(0);
    assert_eq!((third.attempt, list(&store).await[0].attempts.len()), (1, 1), "seen, and not counted");
}

async fn what_pauses_between_attempts_may_be_hastened(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=2).await;
    let first = store.run(claim(NOW, 1)).await.unwrap().remove(0);
    store.run(record(1, first.fence, Next::RetryAt(NOW + 900_000))).await.unwrap();
    assert_eq!(store.run(claim(NOW, 1)).await.unwrap().len(), 1, "the other one is under way");
    let hasten = Hasten { connection: ("clinic".into(), "crm".into()), limit: 9, now: NOW + 1 };
    assert_eq!(store.run(hasten).await.unwrap(), 1);
    let claimed = store.run(claim(NOW + 1, 9)).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.delivery).collect::<Vec<_>>(), [first.delivery]);
}

async fn exhaust(store: &Store, number: u128) {
    let fence = store.run(claim(NOW, 1)).await.unwrap().remove(0).fence;
    let next = Next::Exhausted("refused with 410".into());
    assert_eq!(store.run(record(number, fence, next)).await.unwrap(), Recorded::Ok);
}

async fn an_exhausted_delivery_is_kept_and_replayed(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    exhaust(&store, 1).await;
    let kept = list(&store).await.remove(0);
    assert_eq!((kept.state, kept.reason.as_deref()), (State::Exhausted, Some("refused with 410")));
    assert_eq!((kept.due_at, store.run(claim(NOW * 2, 1)).await.unwrap().len()), (None, 0));

    let elsewhere = Which::Exhausted { site: Some("dentist".into()), connection: None };
    assert_eq!(store.run(Replay { which: elsewhere, now: NOW + 9 }).await.unwrap(), 0);
    let which = Which::Exhausted { site: Some("clinic".into()), connection: Some("crm".into()) };
    assert_eq!(store.run(Replay { which: which.clone(), now: NOW + 9 }).await.unwrap(), 1);
    assert_eq!(store.run(Replay { which, now: NOW + 9 }).await.unwrap(), 0);
    let claimed = store.run(claim(NOW + 9, 1)).await.unwrap().remove(0);
    assert_eq!((claimed.delivery, claimed.attempt), (DeliveryId::from_u128(1), 1));
    assert_eq!(store.run(record(1, claimed.fence, Next::Delivered)).await.unwrap(), Recorded::Ok);
}

async fn a_delivered_one_is_replayed_by_its_id_only(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    let fence = store.run(claim(NOW, 1)).await.unwrap().remove(0).fence;
    let one = Replay { which: Which::One(DeliveryId::from_u128(1)), now: NOW };
    assert_eq!(store.run(one.clone()).await.unwrap(), 0, "someone holds its lease");
    store.run(record(1, fence, Next::Delivered)).await.unwrap();
    let all = Which::Exhausted { site: None, connection: None };
    assert_eq!(store.run(Replay { which: all, now: NOW }).await.unwrap(), 0);
    assert_eq!(store.run(one).await.unwrap(), 1);
    assert_eq!(store.run(claim(NOW, 1)).await.unwrap().len(), 1);
}

async fn connections_do_not_see_each_other(database: Database) {
    let store = database.open().await;
    let mut accept = submission(1);
    let mut other = accept.deliveries[0].clone();
    other.id = DeliveryId::from_u128(2);
    other.connection = "archive".into();
    accept.deliveries.push(other);
    store.run(accept).await.unwrap();
    let mut due = store.run(Due { now: NOW }).await.unwrap();
    due.sort();
    assert_eq!(due, [("clinic".into(), "archive".into()), ("clinic".into(), "crm".into())]);
    let claimed = store.run(claim(NOW, 9)).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].delivery), (1, DeliveryId::from_u128(1)));
    let archive = Claim { connection: ("clinic".into(), "archive".into()), ..claim(NOW, 9) };
    assert_eq!(store.run(archive).await.unwrap()[0].delivery, DeliveryId::from_u128(2));
}

async fn lists_and_counts_tell_where_deliveries_stand(database: Database) {
    let store = database.open().await;
    accept(&store, 1..=1).await;
    exhaust(&store, 1).await;
    accept(&store, 2..=4).await;
    let count = DeliveryCount { site: "clinic".into(), connection: "crm".into(), waiting: 3, exhausted: 1 };
    assert_eq!(store.run(CountDeliveries).await.unwrap(), [count]);
    let ids = |filter| {
        let store = store.clone();
        async move {
            let found = store.run(Deliveries { filter, limit: 2 }).await.unwrap();
            found.iter().map(|delivery| delivery.id.as_u128()).collect::<Vec<_>>()
        }
    };
    assert_eq!(ids(Filter::default()).await, [1, 2]);
    assert_eq!(ids(Filter { after: Some(DeliveryId::from_u128(2)), ..Filter::default() }).await, [3, 4]);
    assert_eq!(ids(Filter { state: Some(State::Exhausted), ..Filter::default() }).await, [1]);
    let one = Filter { submission: Some(submission(3).submission.id), ..Filter::default() };
    assert_eq!(ids(one).await, [3]);
    assert_eq!(ids(Filter { site: Some("dentist".into()), ..Filter::default() }).await, [0; 0]);
    assert_eq!(ids(Filter { connection: Some("archive".into()), ..Filter::default() }).await, [0; 0]);
}
