use std::time::Duration;

use crm_widgets::delivery::Schedule;
use crm_widgets::store::deliveries::{Replay, State, Which};

use super::{Outbox, connection, quick};
use crate::on_both_engines;
use crate::support::crm::{Answer, Crm};
use crate::support::database::Database;

on_both_engines!(is_delivered_once_to_every_connection, what_waits_goes_soon_after_the_destination_is_back);

async fn is_delivered_once_to_every_connection(database: Database) {
    let (one, two) = (Crm::start().await, Crm::start().await);
    let connections = vec![connection("one", &one), connection("two", &two)];
    let outbox = Outbox::over(database.open().await, connections, quick()).await;
    for _ in 0..20 {
        outbox.accept(&["one", "two"]).await;
    }
    let deliveries = outbox.wait_for(State::Delivered).await;
    assert_eq!(deliveries.len(), 40);
    assert!(deliveries.iter().all(|delivery| delivery.attempts.len() == 1));
    for crm in [one, two] {
        assert_eq!(crm.received().len(), 20);
        assert_eq!(crm.effects().len(), 20);
    }
}

#[tokio::test]
async fn every_attempt_carries_the_same_id_and_body() {
    let crm = Crm::start().await;
    crm.next([Answer::Status(500), Answer::Reset, Answer::Status(404), Answer::Hang]);
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    let requests = crm.wait_for(5).await;
    let first = &requests[0];
    assert!(requests.iter().all(|request| request.id() == first.id() && request.body == first.body));
    let deliveries = outbox.wait_for(State::Delivered).await;
    let outcomes: Vec<_> = deliveries[0].attempts.iter().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!(outcomes, ["server", "network", "rejected", "timeout", "delivered"]);
    assert_eq!(crm.effects().into_values().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_lost_answer_has_no_second_effect() {
    let crm = Crm::start().await;
    crm.next([Answer::Lose]);
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    let deliveries = outbox.wait_for(State::Delivered).await;
    assert_eq!(deliveries[0].attempts[1].outcome, "duplicate", "409 says that it is there");
    assert_eq!(crm.effects().into_values().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn every_attempt_is_recorded_with_status_duration_and_cut_body() {
    let crm = Crm::start().await;
    crm.next([Answer::Status(503), Answer::Huge(1 << 20)]);
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    let deliveries = outbox.wait_for(State::Delivered).await;
    let [failed, delivered] = deliveries[0].attempts.as_slice() else { panic!("{deliveries:?}") };
    assert_eq!((failed.status, failed.body.as_deref()), (Some(503), Some("{}")));
    assert_eq!(delivered.status, Some(200));
    assert_eq!(delivered.body.as_ref().map(String::len), Some(16 * 1024));
    assert!(delivered.started_at >= failed.started_at + failed.duration_ms + 40, "after the pause");
}

#[tokio::test]
async fn waits_as_long_as_retry_after_asks() {
    let crm = Crm::start().await;
    crm.next([Answer::TooMany(Some(2)), Answer::TooMany(None)]);
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    let requests = crm.wait_for(3).await;
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(2));
    assert!(requests[2].at - requests[1].at < Duration::from_secs(2));
}

#[tokio::test]
async fn what_is_exhausted_is_kept_and_can_be_replayed() {
    let crm = Crm::start().await;
    crm.always(Answer::Status(500));
    let outbox = Outbox::start(vec![connection("crm", &crm)], Schedule::from_millis(&[10])).await;
    outbox.accept(&["crm"]).await;
    let exhausted = outbox.wait_for(State::Exhausted).await;
    assert_eq!((exhausted[0].attempts.len(), exhausted[0].reason.as_deref()), (2, Some("server")));
    crm.always(Answer::Accept(204));
    let which = Which::Exhausted { site: Some("clinic".into()), connection: None };
    let now = jiff::Timestamp::now().as_millisecond();
    assert_eq!(outbox.store.run(Replay { which, now }).await.unwrap(), 1);
    let delivered = outbox.wait_for(State::Delivered).await;
    assert_eq!(delivered[0].attempts.len(), 3, "the earlier attempts stay in the log");
    assert_eq!(crm.effects().len(), 1);
}

#[tokio::test]
async fn gone_is_not_tried_again() {
    let crm = Crm::start().await;
    crm.always(Answer::Status(410));
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    let exhausted = outbox.wait_for(State::Exhausted).await;
    assert_eq!((exhausted[0].attempts.len(), exhausted[0].reason.as_deref()), (1, Some("gone")));
}

async fn what_waits_goes_soon_after_the_destination_is_back(database: Database) {
    let crm = Crm::start().await;
    crm.always(Answer::Status(500));
    // The second pause would be an hour.
    let schedule = Schedule::from_millis(&[500, 3_600_000]);
    let outbox = Outbox::over(database.open().await, vec![connection("crm", &crm)], schedule).await;
    for _ in 0..50 {
        outbox.accept(&["crm"]).await;
    }
    crm.wait_for(100).await;
    crm.always(Answer::Accept(200));
    // One that was just accepted goes through and shows that the CRM is back.
    outbox.accept(&["crm"]).await;
    let delivered = outbox.wait_for(State::Delivered).await;
    assert_eq!(delivered.len(), 51);
}
