use std::collections::HashMap;

use crm_protocol::id::HoldId;
use crm_widgets::store::booking::{Booked, FindHold, Held, Hold, Occupations};
use crm_widgets::store::submissions::Spent;

use super::{
    Count, FIRST, HOLD, MINUTE, NOW, book, book_held, booked, held, hold, release, slot, taken, with,
};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_held_slot_is_nobody_elses,
    the_same_again_gets_the_same_hold,
    a_challenge_is_good_for_one_hold,
    slots_that_overlap_by_five_minutes_exclude_each_other,
    the_next_candidate_is_taken_where_the_first_is_not_free,
    a_resource_with_seats_takes_so_many,
    a_hold_that_has_ended_is_taken_over,
    a_hold_may_be_booked_until_somebody_takes_it_over,
    a_released_slot_is_free,
    what_is_held_counts_for_a_practitioners_day,
    only_what_has_changed_is_read_again,
);

async fn a_held_slot_is_nobody_elses(database: Database) {
    let store = database.open().await;
    let stored = held(&store, hold(1, slot("li", 0))).await;
    assert_eq!((&stored.slot, stored.expires_at), (&slot("li", 0), NOW + HOLD));
    let find = FindHold { site: "clinic".into(), id: HoldId::from_u128(1) };
    assert_eq!(store.run(find.clone()).await.unwrap(), Some(stored));
    assert_eq!(store.run(FindHold { site: "dentist".into(), ..find }).await.unwrap(), None);
    assert_eq!(store.run(hold(2, slot("li", 0))).await.unwrap(), Held::Taken);
    assert_eq!(store.run(book(3, slot("li", 0))).await.unwrap(), Booked::Taken);
    assert_eq!(taken(&store, "li").await, [(0, 30, Some(NOW + HOLD))]);
    // Neither another's time nor another site's has to do with it.
    held(&store, hold(4, slot("wang", 0))).await;
    held(&store, Hold { site: "dentist".into(), ..hold(5, slot("li", 0)) }).await;
}

async fn the_same_again_gets_the_same_hold(database: Database) {
    let store = database.open().await;
    let first = held(&store, hold(1, slot("li", 0))).await;
    let mut again = hold(2, slot("li", 0));
    (again.key, again.body_sha256) = (hold(1, slot("li", 0)).key, [1; 32]);
    assert_eq!(store.run(again.clone()).await.unwrap(), Held::Repeated(first));
    let other = Hold { body_sha256: [9; 32], ..again.clone() };
    assert_eq!(store.run(other).await.unwrap(), Held::KeyReused);
    let late = Hold { now: NOW + HOLD, ..again.clone() };
    assert_eq!(store.run(late).await.unwrap(), Held::Over, "not swept yet, and over all the same");
    store.run(release(1)).await.unwrap();
    assert_eq!(store.run(again).await.unwrap(), Held::Over);
}

async fn a_challenge_is_good_for_one_hold(database: Database) {
    let store = database.open().await;
    let spent = Some(Spent { nonce: "0011".into(), expires_at: NOW + 600_000 });
    let with = |number, minutes| Hold { spent: spent.clone(), ..hold(number, slot("li", minutes)) };
    store.run(hold(9, slot("li", 60))).await.unwrap();
    assert_eq!(store.run(with(1, 60)).await.unwrap(), Held::Taken, "that does not use it up");
    held(&store, with(2, 0)).await;
    assert_eq!(store.run(with(3, 30)).await.unwrap(), Held::ChallengeSpent);
}

async fn slots_that_overlap_by_five_minutes_exclude_each_other(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, slot("li", 30))).await;
    for (number, minutes) in [(2, 5), (3, 25), (4, 35), (5, 55)] {
        assert_eq!(store.run(hold(number, slot("li", minutes))).await.unwrap(), Held::Taken, "{minutes}");
    }
    held(&store, hold(6, slot("li", 0))).await;
    held(&store, hold(7, slot("li", 60))).await;
    assert_eq!(store.run(Count("buckets")).await.unwrap(), 18, "what is refused leaves nothing");
}

async fn the_next_candidate_is_taken_where_the_first_is_not_free(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, with("li", &["chair-1"], 0, 1))).await;
    let mut second = hold(2, with("wang", &["chair-1"], 0, 1));
    second.candidates.push(with("wang", &["chair-2"], 0, 1));
    assert_eq!(held(&store, second).await.slot, with("wang", &["chair-2"], 0, 1));
    assert_eq!(taken(&store, "wang").await.len(), 1);
    assert_eq!(taken(&store, "chair-1").await.len(), 1);
    assert_eq!(store.run(hold(3, with("zhao", &["chair-2"], 0, 1))).await.unwrap(), Held::Taken);
    assert_eq!(taken(&store, "zhao").await, [], "it takes all it needs or nothing");
}

async fn a_resource_with_seats_takes_so_many(database: Database) {
    let store = database.open().await;
    for number in 1..=3 {
        // Unequal starts: at 10 minutes all three are there.
        held(&store, hold(number, with("team", &[], i64::try_from(number).unwrap() * 5 - 5, 3))).await;
    }
    assert_eq!(store.run(hold(4, with("team", &[], 10, 3))).await.unwrap(), Held::Taken);
    held(&store, hold(5, with("team", &[], 30, 3))).await;
    store.run(release(2)).await.unwrap();
    assert_eq!(
        store.run(hold(6, with("team", &[], 5, 2))).await.unwrap(),
        Held::Taken,
        "a seat was taken away"
    );
    held(&store, hold(7, with("team", &[], 0, 3))).await;
}

async fn a_hold_that_has_ended_is_taken_over(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, with("li", &["chair-1"], 0, 1))).await;
    let at = |number, now| Hold { now, expires_at: now + HOLD, ..hold(number, slot("li", 10)) };
    assert_eq!(store.run(at(2, NOW + HOLD - 1)).await.unwrap(), Held::Taken);
    held(&store, at(3, NOW + HOLD)).await;
    let mut late = book_held(1);
    late.now = NOW + HOLD;
    assert_eq!(store.run(late).await.unwrap(), Booked::HoldOver);
    assert!(store.run(release(1)).await.unwrap());
    assert_eq!(taken(&store, "li").await, [(10, 30, Some(NOW + 2 * HOLD))]);
    assert_eq!((store.run(Count("buckets")).await.unwrap(), taken(&store, "chair-1").await.len()), (6, 0));
}

async fn a_hold_may_be_booked_until_somebody_takes_it_over(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, slot("li", 0))).await;
    let mut late = book_held(1);
    late.now = NOW + HOLD + MINUTE;
    let appointment = booked(&store, late).await;
    assert_eq!(appointment.slot, slot("li", 0));
    assert_eq!(taken(&store, "li").await, [(0, 30, None)]);
    assert_eq!(store.run(Count("holds")).await.unwrap(), 0);
    let again = Hold { now: NOW + 9 * HOLD, ..hold(2, slot("li", 0)) };
    assert_eq!(store.run(again).await.unwrap(), Held::Taken, "an appointment does not end by itself");
}

async fn a_released_slot_is_free(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, with("li", &["chair-1"], 0, 1))).await;
    assert!(store.run(release(1)).await.unwrap());
    assert!(!store.run(release(1)).await.unwrap());
    for table in ["holds", "buckets", "occupations"] {
        assert_eq!(store.run(Count(table)).await.unwrap(), 0, "{table}");
    }
    assert_eq!(store.run(book_held(1)).await.unwrap(), Booked::HoldOver);
    held(&store, hold(2, slot("li", 0))).await;
}

async fn what_is_held_counts_for_a_practitioners_day(database: Database) {
    let store = database.open().await;
    let limited = |number: u128, practitioner: &str| {
        let mut hold = hold(number, slot(practitioner, i64::try_from(number).unwrap() * 30));
        hold.per_day.insert("li".into(), 2);
        hold
    };
    held(&store, limited(1, "li")).await;
    booked(&store, book_held(1)).await;
    held(&store, limited(2, "li")).await;
    assert_eq!(store.run(limited(3, "li")).await.unwrap(), Held::Taken);
    let mut direct = book(4, slot("li", 120));
    direct.appointment.per_day.insert("li".into(), 2);
    assert_eq!(store.run(direct).await.unwrap(), Booked::Taken);
    let mut either = limited(5, "li");
    either.candidates.push(slot("wang", 150));
    assert_eq!(held(&store, either).await.slot.practitioner, "wang");
    let tomorrow = Hold { day: "2026-12-04".into(), ..limited(6, "li") };
    held(&store, tomorrow).await;
    booked(&store, book_held(2)).await;
}

async fn only_what_has_changed_is_read_again(database: Database) {
    let store = database.open().await;
    held(&store, hold(1, with("li", &["chair-1"], 0, 1))).await;
    held(&store, hold(2, slot("wang", 0))).await;
    let read = |since: HashMap<String, i64>| {
        let store = store.clone();
        let (from, to) = (FIRST, FIRST + 60 * MINUTE);
        async move {
            store.run(Occupations { site: "clinic".into(), since, from, to, except: None }).await.unwrap()
        }
    };
    let all = read(HashMap::new()).await;
    assert_eq!(all.iter().map(|of| of.resource.as_str()).collect::<Vec<_>>(), ["chair-1", "li", "wang"]);
    assert!(all.iter().all(|of| of.occupations.len() == 1));
    let known: HashMap<_, _> = all.into_iter().map(|of| (of.resource, of.revision)).collect();
    assert_eq!(read(known.clone()).await, []);
    store.run(release(2)).await.unwrap();
    assert_eq!(
        store.run(hold(3, slot("li", 0))).await.unwrap(),
        Held::Taken,
        "what stores nothing changes nothing"
    );
    let changed = read(known).await;
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].resource.as_str(), changed[0].occupations.len()), ("wang", 0));
}
