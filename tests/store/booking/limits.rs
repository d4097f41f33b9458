use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;
use crm_widgets::definitions::booking::{Blocks, Limits};
use crm_widgets::store::Store;
use crm_widgets::store::booking::{Book, Booked, Limit, Mark, Marked, Move, Moved};

use super::{
    Count, FIRST, MINUTE, NOW, book, book_held, booked, cancel, cancelled, event, find, held, hold, person,
    relocate, slot,
};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_person_books_no_more_than_the_limits,
    a_person_who_books_twenty_times_at_once_keeps_to_the_limit,
    a_move_keeps_to_the_limits_and_does_not_count_itself,
    a_practitioners_day_is_never_overfull,
    who_misses_too_many_is_blocked_for_a_while,
    who_cancels_late_too_often_is_blocked,
    only_what_is_open_can_be_marked,
    nobody_has_missed_what_has_not_begun,
);

/// All of one person, an hour apart.
fn same_person(number: u128, limits: Limits) -> Book {
    let mut book = book(number, slot("li", i64::try_from(number).unwrap() * 60));
    book.appointment.patient_sha256 = person(7);
    book.appointment.limits = limits;
    book
}

async fn a_person_books_no_more_than_the_limits(database: Database) {
    let store = database.open().await;
    booked(&store, same_person(1, Limits::default())).await;
    booked(&store, same_person(2, Limits::default())).await;
    let refused = async |limits: Limits, change: fn(&mut Book)| {
        let mut book = same_person(3, limits);
        change(&mut book);
        store.run(book).await.unwrap()
    };
    let two = Some(2);
    let other_service: fn(&mut Book) = |book| book.appointment.service = "whitening".into();
    let limits = Limits { open: two, ..Limits::default() };
    assert_eq!(refused(limits, |_| ()).await, Booked::LimitReached(Limit::Open));
    let limits = Limits { per_day: two, ..Limits::default() };
    assert_eq!(refused(limits, other_service).await, Booked::LimitReached(Limit::Day));
    let limits = Limits { per_department: two, ..Limits::default() };
    assert_eq!(refused(limits, other_service).await, Booked::LimitReached(Limit::Department));
    let limits = Limits { per_practitioner: two, ..Limits::default() };
    assert_eq!(refused(limits.clone(), |_| ()).await, Booked::LimitReached(Limit::Practitioner));

    // What is not limited is booked: with another practitioner, in another department, on another day.
    let mut elsewhere = same_person(3, limits);
    elsewhere.appointment.candidates.push(slot("wang", 180));
    assert_eq!(booked(&store, elsewhere).await.slot.practitioner, "wang");
    let mut other = same_person(4, Limits { per_department: two, open: Some(3), ..Limits::default() });
    other_service(&mut other);
    other.appointment.department = "eyes".into();
    booked(&store, other).await;
    let mut tomorrow = same_person(5, Limits { per_day: two, ..Limits::default() });
    tomorrow.appointment.day = "2026-12-04".into();
    booked(&store, tomorrow).await;
    // What is cancelled or over does not count, nor does another person's.
    cancelled(&store, cancel(1, 20)).await;
    cancelled(&store, cancel(5, 21)).await;
    booked(&store, same_person(6, Limits { open: Some(3), ..Limits::default() })).await;
    let mut later = same_person(7, Limits { open: Some(1), ..Limits::default() });
    later.now = FIRST + 6 * 60 * MINUTE + 30 * MINUTE;
    booked(&store, later).await;
}

async fn a_person_who_books_twenty_times_at_once_keeps_to_the_limit(database: Database) {
    let store = database.open().await;
    let tasks: Vec<_> = (1..=20)
        .map(|number| {
            let store = store.clone();
            let book = same_person(number, Limits { per_day: Some(2), ..Limits::default() });
            tokio::spawn(async move { store.run(book).await.unwrap() })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        match task.await.unwrap() {
            Booked::Stored(_) => stored += 1,
            other => assert_eq!(other, Booked::LimitReached(Limit::Day)),
        }
    }
    assert_eq!((stored, store.run(Count("appointments")).await.unwrap()), (2, 2));
}

async fn a_move_keeps_to_the_limits_and_does_not_count_itself(database: Database) {
    let store = database.open().await;
    let one_a_day = Limits { per_day: Some(1), ..Limits::default() };
    booked(&store, same_person(1, one_a_day.clone())).await;
    let mut tomorrow = same_person(2, one_a_day.clone());
    tomorrow.appointment.day = "2026-12-04".into();
    booked(&store, tomorrow).await;
    let to = |change, day: &str| Move {
        limits: one_a_day.clone(),
        day: day.into(),
        ..relocate(2, change, slot("li", 600))
    };
    assert_eq!(store.run(to(10, "2026-12-03")).await.unwrap(), Moved::LimitReached(Limit::Day));
    assert!(matches!(store.run(to(11, "2026-12-04")).await.unwrap(), Moved::Stored(_)));
}

async fn a_practitioners_day_is_never_overfull(database: Database) {
    let store = database.open().await;
    let tasks: Vec<_> = (1..=30)
        .map(|number: u128| {
            let store = store.clone();
            let minutes = i64::try_from(number).unwrap() * 30;
            tokio::spawn(async move {
                if number.is_multiple_of(2) {
                    let mut hold = hold(number, slot("li", minutes));
                    hold.per_day.insert("li".into(), 5);
                    drop(store.run(hold).await.unwrap());
                    drop(store.run(book_held(number)).await.unwrap());
                } else {
                    let mut book = book(number, slot("li", minutes));
                    book.appointment.per_day.insert("li".into(), 5);
                    drop(store.run(book).await.unwrap());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.run(Count("appointments")).await.unwrap(), 5);
    let mut other = book(40, slot("wang", 0));
    other.appointment.per_day.insert("li".into(), 5);
    booked(&store, other).await;
    let mut into = relocate(40, 41, slot("li", 1_200));
    into.per_day.insert("li".into(), 5);
    assert_eq!(store.run(into).await.unwrap(), Moved::Taken);
}

/// When the appointments of [`FIRST`]'s day are over.
const OVER: i64 = FIRST + DAY;

fn mark(number: u128, status: Status) -> Mark {
    let blocks = Blocks { missed: 2, late: 2, within_days: 30, days: 10 };
    let event = (status == Status::Missed).then(|| event(number + 500, "appointment.missed"));
    Mark { site: "clinic".into(), id: AppointmentId::from_u128(number), status, blocks, event, now: OVER }
}

async fn marked(store: &Store, mark: Mark) {
    let marked = store.run(mark).await.unwrap();
    assert!(matches!(marked, Marked::Stored(_)), "{marked:?}");
}

const DAY: i64 = 24 * 60 * MINUTE;

async fn who_misses_too_many_is_blocked_for_a_while(database: Database) {
    let store = database.open().await;
    for number in 1..=3 {
        booked(&store, same_person(number, Limits::default())).await;
    }
    marked(&store, mark(1, Status::Missed)).await;
    let long_after = Mark { now: FIRST + 40 * DAY, ..mark(2, Status::Missed) };
    marked(&store, long_after).await;
    let another = same_person(4, Limits::default());
    assert!(matches!(store.run(another).await.unwrap(), Booked::Stored(_)), "the first was too long ago");
    marked(&store, mark(3, Status::Missed)).await;
    let until = OVER + 10 * DAY;
    let at = |number, now| Book { now, ..same_person(number, Limits::default()) };
    assert_eq!(store.run(at(5, until - 1)).await.unwrap(), Booked::Blocked { until });
    held(&store, hold(6, slot("wang", 0))).await;
    let mut with_hold = book_held(6);
    with_hold.appointment.patient_sha256 = person(7);
    assert_eq!(store.run(with_hold).await.unwrap(), Booked::Blocked { until });
    booked(&store, book(8, slot("wang", 60))).await;
    booked(&store, at(5, until)).await;

    // A mistake is put right.
    marked(&store, mark(3, Status::Arrived)).await;
    marked(&store, mark(2, Status::Arrived)).await;
    booked(&store, at(9, OVER)).await;
}

async fn who_cancels_late_too_often_is_blocked(database: Database) {
    let store = database.open().await;
    for number in 1..=3 {
        booked(&store, same_person(number, Limits::default())).await;
    }
    let blocks = mark(1, Status::Missed).blocks;
    for (number, late) in [(1, true), (2, false), (3, true)] {
        let mut cancel = cancel(number, number + 100);
        (cancel.late, cancel.blocks) = (late, blocks.clone());
        assert!(
            matches!(
                store.run(same_person(9, Limits { open: Some(0), ..Limits::default() })).await.unwrap(),
                Booked::LimitReached(_)
            ),
            "not blocked yet"
        );
        assert_eq!(cancelled(&store, cancel).await.late, late);
    }
    let until = NOW + 10 * DAY;
    assert_eq!(store.run(same_person(4, Limits::default())).await.unwrap(), Booked::Blocked { until });
}

async fn only_what_is_open_can_be_marked(database: Database) {
    let store = database.open().await;
    let mut requested = book(1, slot("li", 0));
    requested.appointment.status = Status::Requested;
    booked(&store, requested).await;
    marked(&store, mark(1, Status::Booked)).await;
    assert_eq!((find(&store, 1).await.status, find(&store, 1).await.sequence), (Status::Booked, 1));
    assert!(matches!(store.run(mark(1, Status::Booked)).await.unwrap(), Marked::Already(_)));
    marked(&store, mark(1, Status::Missed)).await;
    for status in [Status::Booked, Status::Requested, Status::Cancelled] {
        assert!(matches!(store.run(mark(1, status)).await.unwrap(), Marked::Refused(_)), "{status:?}");
    }
    assert_eq!(store.run(book(2, slot("li", 0))).await.unwrap(), Booked::Taken, "its time stays taken");
    booked(&store, book(3, slot("li", 60))).await;
    cancelled(&store, cancel(3, 30)).await;
    assert!(matches!(store.run(mark(3, Status::Arrived)).await.unwrap(), Marked::Refused(_)));
    assert_eq!(store.run(mark(4, Status::Arrived)).await.unwrap(), Marked::Gone);
}

async fn nobody_has_missed_what_has_not_begun(database: Database) {
    let store = database.open().await;
    let at = |status, now| Mark { now, ..mark(1, status) };
    let before = booked(&store, book(1, slot("li", 0))).await;
    assert_eq!(store.run(at(Status::Missed, FIRST - 1)).await.unwrap(), Marked::Early(before.clone()));
    assert_eq!(find(&store, 1).await, before);
    marked(&store, at(Status::Arrived, NOW)).await;
    let early = store.run(at(Status::Missed, FIRST - 1)).await.unwrap();
    assert!(matches!(early, Marked::Early(_)), "who came early: {early:?}");
    assert_eq!(store.run(Count("events")).await.unwrap(), 1, "only that it was booked");
    marked(&store, at(Status::Missed, FIRST)).await;
    assert_eq!(store.run(Count("events")).await.unwrap(), 2);
    booked(&store, Book { now: OVER, ..book(2, slot("wang", 0)) }).await;
}
