use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, WaitingId};
use crm_widgets::definitions::booking::Blocks;
use crm_widgets::store::booking::{Booked, Cancel, Mark, Marked, NewWaiting, Wait, Waited};
use crm_widgets::store::erase::By;
use crm_widgets::store::purge::{PAST_MS, Purge};
use crm_widgets::store::submissions::Accept;
use crm_widgets::store::{Store, StoreError};

use super::audit::Audit;
use super::{
    Count, FIRST, MINUTE, NOW, book, booked, cancel, cancelled, ended_holds, find, person, slot, taken, with,
};
use crate::on_both_engines;
use crate::store::submission;
use crate::support::database::Database;

on_both_engines!(
    who_is_erased_has_no_appointment_and_its_time_is_free,
    what_an_erased_person_had_goes_to_who_waits,
    what_is_long_past_can_be_erased_and_cancelled_while_somebody_waits,
    who_is_blocked_stays_known_until_it_is_over,
    what_is_over_leaves_the_books_and_the_appointment_stays,
    a_clock_that_ran_ahead_gives_no_appointment_away,
);

async fn erase(store: &Store, number: u128) {
    let id = submission(number).submission.id;
    assert_eq!(store.erase(By::Submission(id)).await.unwrap().submissions, [id]);
}

async fn who_is_erased_has_no_appointment_and_its_time_is_free(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, with("li", &["chair-1"], 0, 1))).await;
    booked(&store, book(2, slot("li", 30))).await;
    booked(&store, book(3, slot("li", 60))).await;
    cancelled(&store, cancel(3, 10)).await;
    erase(&store, 1).await;
    erase(&store, 3).await;
    assert_eq!(taken(&store, "li").await, [(30, 30, None)]);
    assert_eq!(taken(&store, "chair-1").await, []);
    for table in ["appointments", "events", "deliveries", "patients", "answers", "submissions"] {
        assert_eq!(store.run(Count(table)).await.unwrap(), 1, "{table}");
    }
    assert_eq!(store.run(Count("buckets")).await.unwrap(), 6);
    booked(&store, book(4, slot("li", 0))).await;
    assert_eq!(store.run(book(5, slot("li", 30))).await.unwrap(), Booked::Taken);
}

/// Person 50 waits.
async fn wait(store: &Store) {
    let wait = Wait {
        accept: Accept { deliveries: vec![], ..submission(50) },
        waiting: NewWaiting {
            id: WaitingId::from_u128(50),
            service: "checkup".into(),
            practitioner: None,
            from_day: "2026-12-01".into(),
            to_day: None,
        },
        patient_sha256: person(50),
    };
    assert!(matches!(store.run(wait).await.unwrap(), Waited::Stored(_)));
}

async fn what_is_long_past_can_be_erased_and_cancelled_while_somebody_waits(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    booked(&store, book(2, slot("li", 30))).await;
    wait(&store).await;
    let now = FIRST + 48 * 60 * MINUTE;
    store.run(Purge { now }).await.unwrap();
    erase(&store, 1).await;
    cancelled(&store, Cancel { now, ..cancel(2, 20) }).await;
    assert_eq!(store.run(ended_holds(now)).await.unwrap(), [], "what is past is offered to nobody");
}

async fn what_an_erased_person_had_goes_to_who_waits(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    wait(&store).await;
    erase(&store, 1).await;
    assert_eq!(store.run(book(2, slot("li", 0))).await.unwrap(), Booked::Taken);
    assert_eq!(store.run(ended_holds(NOW)).await.unwrap().len(), 1);
    erase(&store, 50).await;
    assert_eq!(store.run(Count("waiting")).await.unwrap(), 0);
    booked(&store, book(2, slot("li", 0))).await;
}

async fn who_is_blocked_stays_known_until_it_is_over(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    let blocks = Blocks { missed: 1, late: 0, within_days: 30, days: 1 };
    let id = AppointmentId::from_u128(1);
    let mark = Mark { site: "clinic".into(), id, status: Status::Missed, blocks, event: None, now: FIRST };
    assert!(matches!(store.run(mark).await.unwrap(), Marked::Stored(_)));
    erase(&store, 1).await;
    let until = FIRST + 24 * 60 * MINUTE;
    let again = || book(1, slot("li", 0));
    assert_eq!(store.run(again()).await.unwrap(), Booked::Blocked { until });
    assert_eq!(store.run(Purge { now: until }).await.unwrap().past, 0);
    assert_eq!(store.run(Purge { now: until + 1 }).await.unwrap().past, 1);
    assert_eq!(store.run(Count("patients")).await.unwrap(), 0);
}

async fn what_is_over_leaves_the_books_and_the_appointment_stays(database: Database) {
    let store = database.open().await;
    let over = booked(&store, book(1, with("li", &["chair-1"], 0, 1))).await;
    booked(&store, book(2, slot("li", 60))).await;
    let purge = Purge { now: over.slot.end + PAST_MS };
    assert_eq!(store.run(Purge { now: FIRST }).await.unwrap().past, 0);
    // Twelve buckets and two intervals; the intervals touch the limit and stay a moment longer.
    assert_eq!(store.run(purge).await.unwrap().past, 12);
    assert_eq!(store.run(Purge { now: purge.now + 1 }).await.unwrap().past, 2);
    assert_eq!(taken(&store, "li").await, [(60, 30, None)]);
    assert_eq!(find(&store, 1).await, over);
}

async fn a_clock_that_ran_ahead_gives_no_appointment_away(database: Database) {
    let store = database.open().await;
    let slot = || with("li", &["chair-1"], 0, 1);
    booked(&store, book(1, slot())).await;
    let mut squeezed = book(2, slot());
    squeezed.appointment.overbook = Some("pain".into());
    booked(&store, squeezed).await;
    booked(&store, book(3, with("wang", &[], 0, 1))).await;
    let ahead = NOW + 60 * 24 * 60 * MINUTE;
    // Six buckets and an interval of each resource.
    assert_eq!(store.run(Purge { now: ahead }).await.unwrap().past, 5 * 7);
    // The clock is right again, and the books are not.
    assert!(matches!(store.run(book(4, slot())).await, Err(StoreError::Busy)));
    store.run(Purge { now: NOW }).await.unwrap();
    assert_eq!(store.run(book(4, slot())).await.unwrap(), Booked::Taken);
    store.run(Audit).await.unwrap().check(NOW);
    assert_eq!(store.run(Count("buckets")).await.unwrap(), 5 * 6);
    // Each has its own again, and leaves it to the next.
    for number in [1, 2] {
        cancelled(&store, cancel(number, 20 + number)).await;
    }
    booked(&store, book(4, slot())).await;
}
