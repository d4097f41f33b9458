use std::time::{Duration, Instant};

use crm_widgets::store::deliveries::State;

use super::{Outbox, connection, quick};
use crate::support::crm::{Answer, Crm};

#[tokio::test]
async fn a_hanging_destination_delays_no_other() {
    let (hanging, healthy) = (Crm::start().await, Crm::start().await);
    hanging.always(Answer::Hang);
    let connections = vec![connection("hanging", &hanging), connection("healthy", &healthy)];
    let outbox = Outbox::start(connections, quick()).await;
    for _ in 0..100 {
        outbox.accept(&["hanging", "healthy"]).await;
    }
    let before = Instant::now();
    healthy.wait_for(100).await;
    assert!(before.elapsed() < Duration::from_secs(1), "{:?}", before.elapsed());
}

#[tokio::test]
async fn no_more_requests_at_the_same_time_than_the_connection_allows() {
    let crm = Crm::start().await;
    crm.always(Answer::Hang);
    let mut narrow = connection("crm", &crm);
    narrow.concurrency = 3;
    let outbox = Outbox::start(vec![narrow], quick()).await;
    for _ in 0..10 {
        outbox.accept(&["crm"]).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(crm.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_is_drained_quickly() {
    let crm = Crm::start().await;
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    for _ in 0..1_000 {
        outbox.accept(&["crm"]).await;
    }
    let delivered = outbox.wait_for(State::Delivered).await;
    assert_eq!((delivered.len(), crm.effects().len()), (1_000, 1_000));
}
