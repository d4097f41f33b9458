use crm_protocol::booking::Turn;
use crm_protocol::id::{HoldId, WaitingId};
use crm_widgets::store::Store;
use crm_widgets::store::booking::{
    Booked, FindWaiting, Held, Hold, Leave, Moved, NewOffer, NewWaiting, Offer, Offered, StoredHold,
    StoredWaiting, Wait, Waited,
};
use crm_widgets::store::submissions::{Accept, Accepted};

use super::{
    Count, FIRST, HOLD, MINUTE, NOW, book, book_held, booked, cancel, cancelled, ended_holds, event, held,
    hold, person, release, relocate, slot, taken, with,
};
use crate::on_both_engines;
use crate::store::submission;
use crate::support::database::Database;

on_both_engines!(
    a_freed_slot_is_offered_to_the_first_who_waits,
    nobody_else_gets_a_freed_slot_before_those_who_wait,
    an_offer_that_is_let_pass_goes_to_the_next,
    an_offer_is_booked_as_any_hold,
    who_leaves_is_offered_nothing,
    only_what_was_wished_for_is_offered,
    many_sweeps_at_once_make_one_offer,
    what_staff_squeezed_in_is_not_offered,
    an_offer_keeps_to_what_a_practitioner_does_a_day,
    what_is_in_no_schedule_any_more_is_offered_to_nobody,
    the_same_again_waits_once,
);

/// Persons 50 and up wait.
fn wait(number: u128) -> Wait {
    let id = WaitingId::from_u128(number);
    Wait {
        accept: Accept { answer: id.to_string(), deliveries: vec![], ..submission(number) },
        waiting: NewWaiting {
            id,
            service: "checkup".into(),
            practitioner: None,
            from_day: "2026-12-01".into(),
            to_day: None,
        },
        patient_sha256: person(number),
    }
}

async fn waits(store: &Store, wait: Wait) {
    let waited = store.run(wait).await.unwrap();
    assert!(matches!(waited, Waited::Stored(_)), "{waited:?}");
}

async fn waiting(store: &Store, number: u128, now: i64) -> StoredWaiting {
    let find = FindWaiting { site: "clinic".into(), id: WaitingId::from_u128(number), now };
    store.run(find).await.unwrap().unwrap()
}

/// The offer of that number, for half an hour.
fn offer(ended: &StoredHold, number: u128, now: i64) -> Offer {
    Offer {
        site: "clinic".into(),
        ended: ended.id,
        next: Some(NewOffer {
            id: HoldId::from_u128(number),
            expires_at: now + 30 * MINUTE,
            per_day: [("zhao".into(), 1)].into(),
            event: event(number, "waitlist.offered"),
        }),
        now,
    }
}

/// Ends every hold that has ended, with offers from that number on.
async fn sweep(store: &Store, number: u128, now: i64) -> Vec<StoredHold> {
    let mut offered = Vec::new();
    for (number, ended) in (number..).zip(store.run(ended_holds(now)).await.unwrap()) {
        match store.run(offer(&ended, number, now)).await.unwrap() {
            Offered::Stored(hold) => offered.push(hold),
            other => assert_eq!(other, Offered::Nobody),
        }
    }
    offered
}

async fn a_freed_slot_is_offered_to_the_first_who_waits(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    waits(&store, wait(51)).await;
    waits(&store, wait(50)).await;
    assert_eq!(sweep(&store, 90, NOW).await, [], "nothing is free");
    cancelled(&store, cancel(1, 20)).await;
    let offered = sweep(&store, 90, NOW).await;
    assert_eq!(offered.len(), 1);
    assert_eq!((offered[0].waiting, &offered[0].slot), (Some(WaitingId::from_u128(50)), &slot("li", 0)));
    let first = waiting(&store, 50, NOW).await;
    assert_eq!((first.turn, first.offer.as_ref()), (Turn::Offered, Some(&offered[0])));
    assert_eq!(waiting(&store, 51, NOW).await.turn, Turn::Waiting);
    assert_eq!(taken(&store, "li").await, [(0, 30, Some(NOW + 30 * MINUTE))]);
    assert_eq!(sweep(&store, 95, NOW).await, []);
}

async fn nobody_else_gets_a_freed_slot_before_those_who_wait(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    booked(&store, book(2, slot("li", 60))).await;
    held(&store, hold(3, slot("li", 120))).await;
    held(&store, hold(4, slot("li", 180))).await;
    for number in 50..54 {
        waits(&store, wait(number)).await;
    }
    cancelled(&store, cancel(1, 20)).await;
    assert!(matches!(store.run(relocate(2, 21, slot("wang", 0))).await.unwrap(), Moved::Stored(_)));
    assert!(store.run(release(3)).await.unwrap());
    let later = NOW + HOLD;
    for (number, minutes) in [(10, 0), (11, 60), (12, 120), (13, 180), (14, 20), (15, 40)] {
        let hold = Hold { now: later, expires_at: later + HOLD, ..hold(number, slot("li", minutes)) };
        assert_eq!(store.run(hold).await.unwrap(), Held::Taken, "{minutes}");
    }
    assert_eq!(sweep(&store, 90, later).await.len(), 4);
}

async fn an_offer_that_is_let_pass_goes_to_the_next(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    waits(&store, wait(50)).await;
    waits(&store, wait(51)).await;
    cancelled(&store, cancel(1, 20)).await;
    assert_eq!(sweep(&store, 90, NOW).await.len(), 1);
    let later = NOW + 30 * MINUTE;
    assert_eq!(waiting(&store, 50, later).await.turn, Turn::Over);
    let second = sweep(&store, 91, later).await;
    assert_eq!(second[0].waiting, Some(WaitingId::from_u128(51)));
    assert!(store.run(release(91)).await.unwrap(), "they say no");
    assert_eq!(waiting(&store, 51, later).await.turn, Turn::Over);
    assert_eq!(sweep(&store, 92, later).await, []);
    for table in ["holds", "buckets", "occupations"] {
        assert_eq!(store.run(Count(table)).await.unwrap(), 0, "{table}");
    }
}

async fn an_offer_is_booked_as_any_hold(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    waits(&store, wait(50)).await;
    cancelled(&store, cancel(1, 20)).await;
    sweep(&store, 90, NOW).await;
    let mut book = book_held(90);
    book.event = event(91, "appointment.booked");
    booked(&store, book).await;
    assert_eq!(waiting(&store, 50, NOW).await.turn, Turn::Over);
    assert_eq!(taken(&store, "li").await, [(0, 30, None)]);
    assert_eq!(store.run(book_held(91)).await.unwrap(), Booked::HoldOver);
}

async fn who_leaves_is_offered_nothing(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    for number in 50..53 {
        waits(&store, wait(number)).await;
    }
    let leave = |number| Leave { site: "clinic".into(), id: WaitingId::from_u128(number), now: NOW };
    assert!(store.run(leave(50)).await.unwrap());
    assert!(!store.run(leave(50)).await.unwrap());
    cancelled(&store, cancel(1, 20)).await;
    assert_eq!(sweep(&store, 90, NOW).await[0].waiting, Some(WaitingId::from_u128(51)));
    assert!(store.run(leave(51)).await.unwrap(), "with an offer");
    assert_eq!(waiting(&store, 51, NOW).await.turn, Turn::Over);
    assert_eq!(sweep(&store, 91, NOW).await[0].waiting, Some(WaitingId::from_u128(52)));
}

async fn only_what_was_wished_for_is_offered(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    let wishes: [fn(&mut NewWaiting); 4] = [
        |wanted| wanted.service = "whitening".into(),
        |wanted| wanted.practitioner = Some("wang".into()),
        |wanted| wanted.from_day = "2026-12-04".into(),
        |wanted| wanted.to_day = Some("2026-12-02".into()),
    ];
    for (number, wish) in (50..).zip(wishes) {
        let mut wait = wait(number);
        wish(&mut wait.waiting);
        waits(&store, wait).await;
    }
    cancelled(&store, cancel(1, 20)).await;
    assert_eq!(store.run(Count("buckets")).await.unwrap(), 0, "none of them waits for it");
    booked(&store, book(2, slot("li", 0))).await;
    let mut exact = wait(60);
    exact.waiting.practitioner = Some("li".into());
    exact.waiting.from_day = "2026-12-03".into();
    exact.waiting.to_day = Some("2026-12-03".into());
    waits(&store, exact).await;
    cancelled(&store, cancel(2, 21)).await;
    assert_eq!(sweep(&store, 90, NOW).await[0].waiting, Some(WaitingId::from_u128(60)));
}

async fn an_offer_keeps_to_what_a_practitioner_does_a_day(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, slot("zhao", 0))).await;
    waits(&store, wait(50)).await;
    let mut other = book(2, slot("zhao", 60));
    (other.appointment.per_day, other.now) = ([("zhao".into(), 1)].into(), NOW + HOLD);
    booked(&store, other).await;
    assert_eq!(sweep(&store, 90, NOW + HOLD).await, [], "that was all of the day");
    assert_eq!(waiting(&store, 50, NOW + HOLD).await.turn, Turn::Waiting);
}

async fn what_is_in_no_schedule_any_more_is_offered_to_nobody(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    waits(&store, wait(50)).await;
    cancelled(&store, cancel(1, 20)).await;
    let ended = store.run(ended_holds(NOW)).await.unwrap().remove(0);
    let closed = Offer { next: None, ..offer(&ended, 90, NOW) };
    assert_eq!(store.run(closed).await.unwrap(), Offered::Nobody);
    assert_eq!(taken(&store, "li").await, []);
    assert_eq!(waiting(&store, 50, NOW).await.turn, Turn::Waiting);
}

async fn many_sweeps_at_once_make_one_offer(database: Database) {
    let store = database.open().await;
    for round in 0..10 {
        let base = 1_000 * (round + 1);
        booked(&store, book(base, slot("li", 0))).await;
        waits(&store, wait(base + 1)).await;
        waits(&store, wait(base + 2)).await;
        cancelled(&store, cancel(base, base + 3)).await;
        let ended = store.run(ended_holds(NOW)).await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                tokio::spawn({
                    let (store, offer) = (store.clone(), offer(&ended[0], base + 10 + task, NOW));
                    async move { store.run(offer).await.unwrap() }
                })
            })
            .collect();
        let mut offered = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Offered::Stored(hold) => offered.push(hold),
                other => assert_eq!(other, Offered::Gone),
            }
        }
        assert_eq!(offered.len(), 1);
        assert_eq!(offered[0].waiting, Some(WaitingId::from_u128(base + 1)));
        // Clears the stage.
        for number in [base + 2, base + 1] {
            let leave = Leave { site: "clinic".into(), id: WaitingId::from_u128(number), now: NOW };
            assert!(store.run(leave).await.unwrap());
        }
        assert_eq!(store.run(Count("buckets")).await.unwrap(), 0);
    }
}

async fn what_staff_squeezed_in_is_not_offered(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, with("li", &["chair-1"], 0, 1))).await;
    let mut squeezed = book(2, slot("li", 10));
    squeezed.appointment.overbook = Some("pain".into());
    booked(&store, squeezed).await;
    waits(&store, wait(50)).await;
    cancelled(&store, cancel(1, 20)).await;
    assert_eq!(sweep(&store, 90, NOW).await, [], "somebody is there still");
    cancelled(&store, cancel(2, 21)).await;
    let offered = sweep(&store, 91, NOW).await;
    assert_eq!((offered.len(), offered[0].slot.start), (1, FIRST + 10 * MINUTE));
}

async fn the_same_again_waits_once(database: Database) {
    let store = database.open().await;
    waits(&store, wait(50)).await;
    let answer = WaitingId::from_u128(50).to_string();
    assert_eq!(store.run(wait(50)).await.unwrap(), Waited::NotAccepted(Accepted::Repeated { answer }));
    assert_eq!(store.run(Count("waiting")).await.unwrap(), 1);
    // An offer ends at the slot's start at the latest, and none is made after it.
    booked(&store, book(1, slot("li", 0))).await;
    cancelled(&store, cancel(1, 20)).await;
    assert_eq!(sweep(&store, 90, FIRST - MINUTE).await[0].expires_at, FIRST);
}
