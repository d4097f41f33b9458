use crm_protocol::id::DeliveryId;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{Claimed, Lease, Next, Recorded, Replay, Which};
use crm_widgets::store::steps::{FinishStep, StartStep, Step};

use super::{NOW, claim, claim_one, lease, record, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    whoever_goes_on_knows_what_was_done,
    only_the_holder_of_the_lease_writes,
    every_step_renews_the_lease,
    a_replay_goes_on_or_starts_anew,
);

async fn start(store: &Store, lease: Lease, step: &str) -> Recorded {
    store.run(StartStep { lease, step: step.into() }).await.unwrap()
}

async fn finish(store: &Store, lease: Lease, step: &str, outputs: &str) -> Recorded {
    let finish = FinishStep { lease, step: step.into(), outputs: outputs.into(), remember: vec![] };
    store.run(finish).await.unwrap()
}

fn steps(claimed: &Claimed) -> Vec<(&str, Step)> {
    claimed.steps.iter().map(|(step, state)| (step.as_str(), state.clone())).collect()
}

async fn whoever_goes_on_knows_what_was_done(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let first = claim_one(&store, NOW).await;
    assert_eq!(steps(&first), []);
    assert_eq!(start(&store, lease(&first, NOW + 1), "create").await, Recorded::Ok);
    assert_eq!(finish(&store, lease(&first, NOW + 2), "create", r#"{"id":"7"}"#).await, Recorded::Ok);
    assert_eq!(start(&store, lease(&first, NOW + 3), "note").await, Recorded::Ok);
    assert_eq!(start(&store, lease(&first, NOW + 4), "note").await, Recorded::Ok, "it may be sent again");

    let second = claim_one(&store, NOW + 70_000).await;
    let known = [("create", Step::Done(r#"{"id":"7"}"#.into())), ("note", Step::Started(NOW + 4))];
    assert_eq!(steps(&second), known, "after a crash");
    record(&store, &second, Next::RetryAt(NOW + 80_000)).await;
    assert_eq!(steps(&claim_one(&store, NOW + 80_000).await), known, "after a failure");
}

async fn only_the_holder_of_the_lease_writes(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let first = claim_one(&store, NOW).await;
    let late = lease(&first, NOW + 60_000);
    assert_eq!(start(&store, late, "create").await, Recorded::LeaseLost, "it has ended");
    let second = claim_one(&store, NOW + 60_000).await;
    assert_eq!(start(&store, late, "create").await, Recorded::LeaseLost, "another has it");
    assert_eq!(finish(&store, late, "create", "{}").await, Recorded::LeaseLost);
    record(&store, &second, Next::RetryAt(NOW + 70_000)).await;
    assert_eq!(start(&store, lease(&second, NOW), "create").await, Recorded::LeaseLost, "it is recorded");
    assert_eq!(steps(&claim_one(&store, NOW + 70_000).await), []);
}

async fn every_step_renews_the_lease(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let claimed = claim_one(&store, NOW).await;
    assert_eq!(start(&store, lease(&claimed, NOW + 50_000), "create").await, Recorded::Ok);
    assert_eq!(store.run(claim(NOW + 109_999, 1)).await.unwrap(), []);
    assert_eq!(finish(&store, lease(&claimed, NOW + 100_000), "create", "{}").await, Recorded::Ok);
    assert_eq!(store.run(claim(NOW + 159_999, 1)).await.unwrap(), []);
    assert_eq!(claim_one(&store, NOW + 160_000).await.delivery, claimed.delivery);
}

async fn a_replay_goes_on_or_starts_anew(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let replay = Replay { which: Which::One(DeliveryId::from_u128(1)), now: NOW };
    let first = claim_one(&store, NOW).await;
    finish(&store, lease(&first, NOW), "create", "{}").await;
    record(&store, &first, Next::Exhausted("server".into())).await;
    store.run(replay.clone()).await.unwrap();
    let second = claim_one(&store, NOW).await;
    assert_eq!(steps(&second), [("create", Step::Done("{}".into()))], "what was given up goes on");
    record(&store, &second, Next::Delivered).await;
    store.run(replay).await.unwrap();
    assert_eq!(steps(&claim_one(&store, NOW).await), [], "what has arrived starts anew");
}
