use std::time::{Duration, Instant};

use crm_widgets::delivery::{PauseRule, Schedule};
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::State;
use crm_widgets::store::pauses::{Cause, LoadPauses, Pause, Paused, Resume};
use jiff::Timestamp;
use tokio::time::sleep;

use super::{Outbox, connection, quick};
use crate::on_both_engines;
use crate::support::crm::{Answer, Crm};
use crate::support::database::Database;

on_both_engines!(
    a_failing_destination_is_probed_and_nothing_is_used_up,
    a_person_pauses_and_resumes_a_connection_while_gateways_run,
);

fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

async fn paused(store: &Store) -> Option<Paused> {
    store.run(LoadPauses { now: now() }).await.unwrap().pop()
}

async fn wait_until_paused(store: &Store) -> Paused {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(paused) = paused(store).await {
            return paused;
        }
        assert!(Instant::now() < deadline, "it does not pause");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Deliveries are tried six times; five failures in a row pause a connection, for a second and then two.
fn impatient() -> Schedule {
    let pauses = [1, 2].map(Duration::from_secs).to_vec();
    let rule = PauseRule { failures: 5, over: Duration::from_millis(1), pauses };
    Schedule::from_millis(&[10; 5]).with_failing(rule)
}

/// Two gateways share a database.
async fn a_failing_destination_is_probed_and_nothing_is_used_up(database: Database) {
    let crm = Crm::start().await;
    crm.always(Answer::Status(500));
    let mut connection = connection("crm", &crm);
    connection.concurrency = 2;
    let outbox = Outbox::over(database.open().await, vec![connection.clone()], impatient()).await;
    let other = Outbox::over(database.open().await, vec![connection], impatient()).await;
    for _ in 0..30 {
        outbox.accept(&["crm"]).await;
    }
    let pause = wait_until_paused(&outbox.store).await;
    assert!(pause.reason.starts_with("server (status 500), failing since 20"), "{}", pause.reason);
    sleep(Duration::from_millis(200)).await;
    let before = crm.received().len();
    // Both count for themselves, and what was under way when it paused is finished.
    assert!(before <= 14, "{before}");
    sleep(Duration::from_secs(4)).await;
    let probes = crm.received().len() - before;
    assert!((1..=3).contains(&probes), "one at the end of each pause: {probes}");
    let waiting = outbox.deliveries().await;
    assert!(waiting.iter().all(|delivery| delivery.state == State::Waiting), "nothing is given up");
    assert!(waiting.iter().filter(|delivery| delivery.attempts.is_empty()).count() > 10);
    crm.always(Answer::Accept(200));
    let delivered = outbox.wait_for(State::Delivered).await;
    assert_eq!((delivered.len(), crm.effects().len()), (30, 30));
    assert_eq!(paused(&other.store).await, None);
}

async fn a_person_pauses_and_resumes_a_connection_while_gateways_run(database: Database) {
    let (crm, archive) = (Crm::start().await, Crm::start().await);
    let connections = vec![connection("crm", &crm), connection("archive", &archive)];
    let outbox = Outbox::over(database.open().await, connections, quick()).await;
    let elsewhere = database.open().await;
    let name = ("clinic".to_owned(), "crm".to_owned());
    let pause = Pause { connection: name.clone(), cause: Cause::Manual, reason: "moving".into(), now: now() };
    assert!(elsewhere.run(pause).await.unwrap());
    for _ in 0..5 {
        outbox.accept(&["crm", "archive"]).await;
    }
    archive.wait_for(5).await;
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(crm.received().len(), 0);
    assert!(elsewhere.run(Resume { connection: name, manual: true }).await.unwrap());
    let resumed = Instant::now();
    crm.wait_for(5).await;
    assert!(resumed.elapsed() < Duration::from_secs(2), "{:?}", resumed.elapsed());
    let delivered = outbox.wait_for(State::Delivered).await;
    assert!(delivered.iter().all(|delivery| delivery.attempts.len() == 1));
}

#[tokio::test]
async fn a_destination_that_asks_to_be_left_alone_is() {
    let crm = Crm::start().await;
    crm.next([Answer::TooMany(Some(2)), Answer::TooMany(Some(1))]);
    let mut connection = connection("crm", &crm);
    connection.concurrency = 1;
    // Nothing is tried twice: what the destination asks for is no failure of a delivery.
    let outbox = Outbox::start(vec![connection], Schedule::from_millis(&[])).await;
    for _ in 0..10 {
        outbox.accept(&["crm"]).await;
    }
    assert_eq!(wait_until_paused(&outbox.store).await.reason, "rate (status 429)");
    let requests = crm.wait_for(12).await;
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(2), "all of them waited");
    assert!(requests[2].at - requests[1].at >= Duration::from_secs(1), "again");
    let delivered = outbox.wait_for(State::Delivered).await;
    let attempts: usize = delivered.iter().map(|delivery| delivery.attempts.len()).sum();
    assert_eq!(attempts, 12, "they are in the log");
    assert_eq!(paused(&outbox.store).await, None);
}

#[tokio::test]
async fn a_refused_secret_pauses_too() {
    let crm = Crm::start().await;
    crm.always(Answer::Status(401));
    let outbox = Outbox::start(vec![connection("crm", &crm)], impatient()).await;
    outbox.accept(&["crm"]).await;
    assert!(wait_until_paused(&outbox.store).await.reason.starts_with("auth (status 401)"));
}
