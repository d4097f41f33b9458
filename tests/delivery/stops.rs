use std::time::{Duration, Instant};

use crm_widgets::store::deliveries::State;

use super::{Outbox, connection, quick};
use crate::support::crm::{Answer, Crm};
use crate::support::database::Database;

#[tokio::test]
async fn a_stop_finishes_what_is_under_way_and_loses_nothing() {
    let crm = Crm::start().await;
    crm.always(Answer::Hang);
    let database = Database::sqlite();
    let outbox = Outbox::over(database.open().await, vec![connection("crm", &crm)], quick()).await;
    for _ in 0..12 {
        outbox.accept(&["crm"]).await;
    }
    crm.wait_for(8).await;
    let store = outbox.stop().await;
    assert_eq!(crm.received().len(), 8, "nothing was claimed after the stop");
    store.close().await;
    crm.always(Answer::Accept(200));
    let outbox = Outbox::over(database.open().await, vec![connection("crm", &crm)], quick()).await;
    let delivered = outbox.wait_for(State::Delivered).await;
    assert_eq!((delivered.len(), crm.effects().len()), (12, 12));
    assert_eq!(delivered.iter().filter(|delivery| delivery.attempts.len() == 2).count(), 8);
}

#[tokio::test]
async fn what_a_crash_left_claimed_goes_when_its_lease_ends() {
    let crm = Crm::start().await;
    crm.next([Answer::Hang]);
    let database = Database::sqlite();
    let outbox = Outbox::over(database.open().await, vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    crm.wait_for(1).await;
    let crashed = Instant::now();
    outbox.worker.abort();
    let outbox = Outbox::over(database.open().await, vec![connection("crm", &crm)], quick()).await;
    outbox.wait_for(State::Delivered).await;
    // Two seconds for a step and five for the record; the next sweep finds it.
    assert!(crashed.elapsed() < Duration::from_secs(9));
    assert_eq!(crm.effects().len(), 1);
}
