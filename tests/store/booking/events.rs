use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, DeliveryId};
use crm_widgets::store::Store;
use crm_widgets::store::booking::{
    AddException, DueReminders, Exceptions, Moved, Remind, RemoveException, StoredException,
};
use crm_widgets::store::deliveries::{Claim, Claimed, Due, Next, Replay, Which};
use crm_widgets::store::sites::Revision;
use crm_widgets::store::submissions::NewDelivery;
use serde_json::{Value, json};

use super::{Count, FIRST, MINUTE, NOW, book, booked, cancel, cancelled, event, find, relocate, slot};
use crate::on_both_engines;
use crate::store::record;
use crate::support::database::Database;

on_both_engines!(
    an_event_says_who_and_when_and_nothing_of_the_person,
    events_leave_in_the_order_in_which_they_happened,
    an_event_that_was_given_up_does_not_hold_up_the_next,
    connections_and_appointments_do_not_wait_for_each_other,
    events_of_one_moment_have_different_times,
    people_are_reminded_once,
    exceptions_make_gateways_read_again,
);

async fn claim(store: &Store, connection: &str, now: i64) -> Vec<Claimed> {
    let connection = ("clinic".into(), connection.into());
    store.run(Claim { connection, limit: 9, now, lease_ms: 60_000 }).await.unwrap()
}

fn kinds(claimed: &[Claimed]) -> Vec<&str> {
    claimed.iter().map(|claimed| claimed.event.as_ref().map_or("", |event| event.r#type.as_str())).collect()
}

async fn an_event_says_who_and_when_and_nothing_of_the_person(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    let claimed = claim(&store, "crm", NOW).await.remove(0);
    assert_eq!(
        claimed.submission,
        book(1, slot("li", 0)).accept.submission,
        "the person's words come with it"
    );
    let event = claimed.event.unwrap();
    assert_eq!((event.r#type.as_str(), event.at), ("appointment.booked", NOW));
    let data: Value = serde_json::from_str(&event.data).unwrap();
    let expected = json!({
        "id": AppointmentId::from_u128(1), "code": "R1", "site": "clinic", "lang": "zh-CN", "service": "口腔检查",
        "practitioner": "李医生", "place": "湖滨诊所",
        "keys": {"service": "checkup", "practitioner": "li", "place": "lakeside"},
        "start": "2026-12-03T00:00:00Z", "end": "2026-12-03T00:30:00Z",
        "timeZone": "Asia/Shanghai", "status": "confirmed", "sequence": 0
    });
    assert_eq!(data, expected);
}

/// Booked, moved and cancelled at once.
async fn live(store: &Store, number: u128) {
    booked(store, book(number, slot("li", 0))).await;
    let moved = store.run(relocate(number, number + 1, slot("li", 60))).await.unwrap();
    assert!(matches!(moved, Moved::Stored(_)), "{moved:?}");
    cancelled(store, cancel(number, number + 2)).await;
}

async fn events_leave_in_the_order_in_which_they_happened(database: Database) {
    let store = database.open().await;
    live(&store, 1).await;
    let mut now = NOW + 10;
    for kind in ["appointment.booked", "appointment.moved", "appointment.cancelled"] {
        let claimed = claim(&store, "crm", now).await;
        assert_eq!(kinds(&claimed), [kind]);
        assert_eq!(kinds(&claim(&store, "crm", now).await), [""; 0], "one at a time");
        // Also while it waits for its next attempt.
        record(&store, &claimed[0], Next::RetryAt(now + 5_000)).await;
        assert_eq!(kinds(&claim(&store, "crm", now + 1_000).await), [""; 0]);
        assert_eq!(store.run(Due { now: now + 1_000 }).await.unwrap(), [], "nobody looks for nothing");
        now += 5_000;
        let claimed = claim(&store, "crm", now).await;
        assert_eq!(kinds(&claimed), [kind]);
        record(&store, &claimed[0], Next::Delivered).await;
    }
    assert_eq!(claim(&store, "crm", now).await, []);
}

async fn an_event_that_was_given_up_does_not_hold_up_the_next(database: Database) {
    let store = database.open().await;
    live(&store, 1).await;
    let booked = claim(&store, "crm", NOW + 10).await;
    record(&store, &booked[0], Next::Exhausted("no".into())).await;
    let moved = claim(&store, "crm", NOW + 10).await;
    assert_eq!(kinds(&moved), ["appointment.moved"]);
    let which = Which::One(booked[0].delivery);
    assert_eq!(store.run(Replay { which, now: NOW + 10 }).await.unwrap(), 1);
    record(&store, &moved[0], Next::Delivered).await;
    assert_eq!(
        kinds(&claim(&store, "crm", NOW + 10).await),
        ["appointment.booked"],
        "replayed, it is the first"
    );
}

async fn connections_and_appointments_do_not_wait_for_each_other(database: Database) {
    let store = database.open().await;
    let mut first = book(1, slot("li", 0));
    let archive = NewDelivery { id: DeliveryId::from_u128(100), connection: "archive".into() };
    first.event.deliveries.push(archive);
    booked(&store, first).await;
    booked(&store, book(2, slot("li", 30))).await;
    cancelled(&store, cancel(1, 10)).await;
    cancelled(&store, cancel(2, 11)).await;
    assert_eq!(kinds(&claim(&store, "crm", NOW + 10).await), ["appointment.booked"; 2]);
    assert_eq!(kinds(&claim(&store, "archive", NOW + 10).await), ["appointment.booked"]);
}

async fn events_of_one_moment_have_different_times(database: Database) {
    let store = database.open().await;
    live(&store, 1).await;
    assert_eq!(find(&store, 1).await.changed_at, NOW + 2);
    assert_eq!(
        store.run(Count("events where at in (1796083200000, 1796083200001, 1796083200002)")).await.unwrap(),
        3
    );
    assert_eq!(store.run(Count("deliveries")).await.unwrap(), 3);
}

async fn people_are_reminded_once(database: Database) {
    let store = database.open().await;
    let hour = 60 * MINUTE;
    booked(&store, book(1, slot("li", 0))).await;
    booked(&store, book(2, slot("li", 60))).await;
    let mut late = book(3, slot("li", 120));
    late.now = FIRST - 20 * hour;
    booked(&store, late).await;
    let mut requested = book(4, slot("li", 180));
    requested.appointment.status = Status::Requested;
    booked(&store, requested).await;
    let due = |hours, now| {
        let store = store.clone();
        async move {
            let due = DueReminders { site: "clinic".into(), hours, now, after: None, limit: 9 };
            let due = store.run(due).await.unwrap();
            due.iter().map(|appointment| appointment.id.as_u128()).collect::<Vec<_>>()
        }
    };
    assert_eq!(due(24, FIRST - 24 * hour - 1).await, [0; 0]);
    assert_eq!(due(24, FIRST - 24 * hour).await, [1]);
    assert_eq!(
        due(24, FIRST - 10 * hour).await,
        [1, 2],
        "who booked just now knows, who is not confirmed is not told"
    );
    let remind = |number, change, now| Remind {
        site: "clinic".into(),
        id: AppointmentId::from_u128(number),
        hours: 24,
        event: event(change, "appointment.reminder"),
        now,
    };
    let now = FIRST - 10 * hour;
    assert!(store.run(remind(1, 20, now)).await.unwrap());
    assert!(!store.run(remind(1, 21, now)).await.unwrap());
    assert!(!store.run(remind(4, 22, now)).await.unwrap());
    assert_eq!(due(24, now).await, [2]);
    assert_eq!(find(&store, 1).await.sequence, 0);
    let mut away = relocate(1, 23, slot("li", 3_000));
    away.now = now;
    assert!(matches!(store.run(away).await.unwrap(), Moved::Stored(_)));
    assert_eq!(due(24, FIRST + 3_000 * MINUTE - 24 * hour).await, [1], "moved, it is another appointment");
}

async fn exceptions_make_gateways_read_again(database: Database) {
    let store = database.open().await;
    let before = store.run(Revision).await.unwrap();
    for (at, id) in [(2, "b"), (1, "a")] {
        let add = AddException {
            site: "clinic".into(),
            id: id.into(),
            body: format!("{{\"{id}\":1}}"),
            now: NOW + at,
        };
        store.run(add).await.unwrap();
    }
    assert_eq!(store.run(Revision).await.unwrap(), before + 2);
    let all = Exceptions { site: "clinic".into(), after: None, limit: 9 };
    let ids = async |page: Exceptions| -> Vec<_> {
        store.run(page).await.unwrap().into_iter().map(|stored| stored.id).collect()
    };
    assert_eq!(ids(all.clone()).await, ["a", "b"]);
    assert_eq!(ids(Exceptions { limit: 1, ..all.clone() }).await, ["a"]);
    assert_eq!(ids(Exceptions { after: Some((NOW + 1, "a".into())), ..all.clone() }).await, ["b"]);
    let remove = |site: &str| RemoveException { site: site.into(), id: "a".into() };
    assert!(!store.run(remove("dentist")).await.unwrap());
    assert_eq!(store.run(Revision).await.unwrap(), before + 2);
    assert!(store.run(remove("clinic")).await.unwrap());
    assert_eq!(store.run(Revision).await.unwrap(), before + 3);
    let left = StoredException { id: "b".into(), body: "{\"b\":1}".into(), created_at: NOW + 2 };
    assert_eq!(store.run(all).await.unwrap(), [left]);
}
