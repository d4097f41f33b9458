use std::time::Duration;

use crm_widgets::definitions::Rate;
use crm_widgets::store::deliveries::State;

use super::{Outbox, connection, quick};
use crate::support::crm::Crm;

#[tokio::test]
async fn requests_keep_the_connections_pace() {
    let crm = Crm::start().await;
    let mut connection = connection("crm", &crm);
    connection.rate = Some(Rate { requests: 10, seconds: 1 });
    connection.concurrency = 64;
    let outbox = Outbox::start(vec![connection], quick()).await;
    for _ in 0..25 {
        outbox.accept(&["crm"]).await;
    }
    let requests = crm.wait_for(25).await;
    let delivered = outbox.wait_for(State::Delivered).await;
    assert!(delivered.iter().all(|delivery| delivery.attempts.len() == 1));
    let took = requests[24].at - requests[0].at;
    assert!((Duration::from_millis(2_300)..Duration::from_secs(5)).contains(&took), "{took:?}");
    for period in requests.windows(11) {
        let took = period[10].at - period[0].at;
        // What the network adds or takes.
        assert!(took > Duration::from_millis(900), "eleven within {took:?}");
    }
}
