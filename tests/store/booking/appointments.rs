use crm_protocol::booking::Status;
use crm_widgets::store::booking::{Booked, Cancel, Cancelled, Moved};
use crm_widgets::store::submissions::Accepted;

use super::{
    Count, NOW, book, book_held, booked, cancel, cancelled, find, held, hold, relocate, slot, taken, with,
};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_booked_slot_is_nobody_elses,
    the_same_again_books_once,
    what_is_not_booked_leaves_nothing,
    a_move_keeps_the_old_slot_when_the_new_one_is_taken,
    a_move_may_overlap_itself,
    a_cancelled_slot_is_free,
    what_was_moved_meanwhile_is_not_cancelled_as_it_was,
    staff_squeezes_in_what_is_full,
);

async fn a_booked_slot_is_nobody_elses(database: Database) {
    let store = database.open().await;
    let appointment = booked(&store, book(1, with("li", &["chair-1"], 0, 1))).await;
    assert_eq!(
        (appointment.status, appointment.sequence, appointment.code.as_str()),
        (Status::Booked, 0, "R1")
    );
    assert_eq!(find(&store, 1).await, appointment);
    assert_eq!(store.run(book(2, slot("li", 25))).await.unwrap(), Booked::Taken);
    assert_eq!(store.run(book(2, slot("chair-1", 5))).await.unwrap(), Booked::Taken);
    booked(&store, book(2, slot("li", 30))).await;
    assert_eq!(taken(&store, "li").await, [(0, 30, None), (30, 30, None)]);
}

async fn the_same_again_books_once(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, slot("li", 0))).await;
    booked(&store, book_held(1)).await;
    let mut again = book_held(1);
    again.appointment.id = book(2, slot("li", 0)).appointment.id;
    again.accept.answer = "another".into();
    let answer = book(1, slot("li", 0)).appointment.id.to_string();
    let earlier = Booked::NotAccepted(Accepted::Repeated { answer });
    assert_eq!(store.run(again.clone()).await.unwrap(), earlier);
    again.accept.body_sha256 = [9; 32];
    assert_eq!(store.run(again).await.unwrap(), Booked::NotAccepted(Accepted::KeyReused));
    for table in ["appointments", "submissions", "events", "deliveries"] {
        assert_eq!(store.run(Count(table)).await.unwrap(), 1, "{table}");
    }
}

async fn what_is_not_booked_leaves_nothing(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    assert_eq!(store.run(book(2, slot("li", 0))).await.unwrap(), Booked::Taken);
    assert_eq!(store.run(book_held(3)).await.unwrap(), Booked::HoldOver);
    let tables = ["appointments", "submissions", "answers", "consents", "events", "deliveries", "patients"];
    for table in tables {
        assert_eq!(store.run(Count(table)).await.unwrap(), 1, "{table}");
    }
    booked(&store, book(2, slot("li", 30))).await;
}

async fn a_move_keeps_the_old_slot_when_the_new_one_is_taken(database: Database) {
    let store = database.open().await;
    let first = booked(&store, book(1, slot("li", 0))).await;
    booked(&store, book(2, slot("li", 60))).await;
    assert_eq!(store.run(relocate(1, 10, slot("li", 50))).await.unwrap(), Moved::Taken);
    assert_eq!(find(&store, 1).await, first);
    assert_eq!(store.run(book(3, slot("li", 0))).await.unwrap(), Booked::Taken);
    let Moved::Stored(moved) = store.run(relocate(1, 11, slot("wang", 60))).await.unwrap() else { panic!() };
    assert_eq!((moved.sequence, &moved.slot), (1, &slot("wang", 60)));
    assert_eq!(find(&store, 1).await, moved);
    assert_eq!((taken(&store, "li").await.len(), taken(&store, "wang").await.len()), (1, 1));
    assert_eq!(store.run(relocate(1, 12, slot("wang", 60))).await.unwrap(), Moved::Same(moved.clone()));
    let mut stale = relocate(1, 13, slot("li", 0));
    stale.expected_sequence = Some(0);
    assert_eq!(store.run(stale).await.unwrap(), Moved::Changed(moved));
    assert_eq!(store.run(relocate(9, 14, slot("li", 0))).await.unwrap(), Moved::Gone);
    booked(&store, book(3, slot("li", 0))).await;
}

async fn a_move_may_overlap_itself(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, with("li", &["chair-1"], 0, 1))).await;
    let moved = store.run(relocate(1, 10, with("li", &["chair-2"], 10, 1))).await.unwrap();
    assert!(matches!(moved, Moved::Stored(_)), "{moved:?}");
    assert_eq!(taken(&store, "li").await, [(10, 30, None)]);
    assert_eq!((taken(&store, "chair-1").await, store.run(Count("buckets")).await.unwrap()), (vec![], 12));
}

async fn a_cancelled_slot_is_free(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, with("li", &["chair-1"], 0, 1))).await;
    let gone = cancelled(&store, cancel(1, 10)).await;
    assert_eq!((gone.status, gone.sequence), (Status::Cancelled, 1));
    assert_eq!(find(&store, 1).await, gone);
    assert_eq!(store.run(cancel(1, 11)).await.unwrap(), Cancelled::Already(gone.clone()));
    assert_eq!(store.run(cancel(2, 11)).await.unwrap(), Cancelled::Gone);
    assert_eq!(store.run(relocate(1, 12, slot("li", 60))).await.unwrap(), Moved::Closed(gone));
    assert_eq!(
        store.run(Count("buckets")).await.unwrap() + store.run(Count("occupations")).await.unwrap(),
        0
    );
    booked(&store, book(2, slot("li", 0))).await;
}

async fn what_was_moved_meanwhile_is_not_cancelled_as_it_was(database: Database) {
    let store = database.open().await;
    let before = booked(&store, book(1, slot("li", 0))).await;
    let Moved::Stored(moved) = store.run(relocate(1, 10, slot("li", 60))).await.unwrap() else { panic!() };
    let stale = Cancel { expected_sequence: Some(before.sequence), ..cancel(1, 11) };
    assert_eq!(store.run(stale).await.unwrap(), Cancelled::Changed(moved.clone()));
    assert_eq!((find(&store, 1).await, taken(&store, "li").await), (moved.clone(), vec![(60, 30, None)]));
    let fresh = Cancel { expected_sequence: Some(moved.sequence), ..cancel(1, 11) };
    assert_eq!(cancelled(&store, fresh).await.status, Status::Cancelled);
}

async fn staff_squeezes_in_what_is_full(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    let squeeze = |number, minutes| {
        let mut book = book(number, slot("li", minutes));
        book.appointment.overbook = Some("pain".into());
        book
    };
    let mut anybody = squeeze(9, 0);
    anybody.appointment.candidates.push(slot("wang", 0));
    assert_eq!(booked(&store, anybody).await.slot, slot("wang", 0), "who is free comes first");
    assert_eq!(booked(&store, squeeze(2, 10)).await.overbooked.as_deref(), Some("pain"));
    booked(&store, squeeze(3, 10)).await;
    assert_eq!(taken(&store, "li").await.len(), 3);
    cancelled(&store, cancel(1, 11)).await;
    assert_eq!(
        store.run(book(4, slot("li", 5))).await.unwrap(),
        Booked::Taken,
        "those squeezed in are there"
    );
    assert!(NOW < find(&store, 3).await.slot.start);
}
