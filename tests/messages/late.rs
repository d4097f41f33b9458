//! What can only come too late is not sent any more.

use std::collections::BTreeMap;
use std::time::Duration;

use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, DeliveryId, HoldId, WaitingId};
use crm_widgets::definitions::booking::Blocks;
use crm_widgets::store::Store;
use crm_widgets::store::booking::{
    Cancel, NewEvent, NewOffer, NewWaiting, Offer, Offered, SweepHolds, Wait, Waited,
};
use crm_widgets::store::deliveries::{Deliveries, Delivery, Filter, State};
use crm_widgets::store::submissions::NewDelivery;

use super::journey::gateway;
use super::reminders::{HOUR, book, event, reminders};
use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::smtp::Smtp;

on_both_engines!(nobody_is_reminded_of_what_has_begun, nobody_is_offered_what_is_not_kept_any_more,);

/// Starts a gateway and waits until nothing is on its way; the only delivery.
async fn delivered(database: Database) -> Delivery {
    let smtp = Smtp::start().await;
    let store = database.open().await;
    let gateway = gateway(database, &smtp).await;
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let all = store.run(Deliveries { filter: Filter::default(), limit: 10 }).await.unwrap();
        if let [one] = &all[..]
            && one.state != State::Waiting
        {
            assert_eq!(smtp.received().len(), 0);
            gateway.stop().await;
            return one.clone();
        }
    }
    panic!("it is still on its way");
}

fn assert_late(delivery: &Delivery) {
    assert_eq!(delivery.state, State::Delivered);
    let [attempt] = &delivery.attempts[..] else { panic!("{delivery:?}") };
    assert_eq!((attempt.status, attempt.error.as_deref()), (None, Some("nothing was sent: it is too late")));
}

fn five_minutes_ago() -> i64 {
    jiff::Timestamp::now().as_millisecond() / 300_000 * 300_000 - 300_000
}

async fn nobody_is_reminded_of_what_has_begun(database: Database) {
    let store = database.open().await;
    let start = five_minutes_ago();
    let reminders = reminders(&store).await;
    book(&store, 1, start, start - 72 * HOUR, Status::Booked).await;
    assert_eq!(reminders.sweep(start - HOUR).await.unwrap(), 1, "its mail could not be sent since");
    assert_late(&delivered(database).await);
}

async fn nobody_is_offered_what_is_not_kept_any_more(database: Database) {
    let store = database.open().await;
    let now = five_minutes_ago() - 2 * HOUR;
    book(&store, 1, now + 48 * HOUR, now, Status::Booked).await;
    wait(&store, 2).await;
    let cancel = Cancel {
        site: "clinic".into(),
        id: AppointmentId::from_u128(1),
        late: false,
        blocks: Blocks::default(),
        closed: false,
        expected_sequence: None,
        event: event(3, "appointment.cancelled"),
        now,
    };
    store.run(cancel).await.unwrap();
    let [freed] = &store.run(SweepHolds { now, after: None, limit: 10 }).await.unwrap()[..] else {
        panic!("not freed")
    };
    let people = NewDelivery { id: DeliveryId::from_u128(4), connection: "people".into() };
    let offer = Offer {
        site: "clinic".into(),
        ended: freed.id,
        next: Some(NewOffer {
            id: HoldId::from_u128(4),
            expires_at: now + HOUR,
            per_day: BTreeMap::new(),
            event: NewEvent { deliveries: vec![people], ..event(4, "waitlist.offered") },
        }),
        now,
    };
    assert!(matches!(store.run(offer).await.unwrap(), Offered::Stored(_)));
    assert_late(&delivered(database).await);
}

async fn wait(store: &Store, number: u128) {
    let id = WaitingId::from_u128(number);
    let mut accept = crate::delivery::submission(&[]);
    accept.answer = id.to_string();
    accept.submission.form = "visit".into();
    accept.submission.body = r#"{"answers": {"mail": "wang@example.com"},
                                 "fields": [{"name": "mail", "type": "email", "label": "E-mail"}]}"#
        .into();
    let waiting = NewWaiting {
        id,
        service: "checkup".into(),
        practitioner: None,
        from_day: "2020-01-01".into(),
        to_day: None,
    };
    let waited = store.run(Wait { accept, waiting, patient_sha256: [0; 32] }).await.unwrap();
    assert!(matches!(waited, Waited::Stored(_)), "{waited:?}");
}
