//! From a free slot to an appointment, and what becomes of it.

use serde_json::json;

use super::{Visitor, key, open, patient};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    a_held_slot_becomes_an_appointment_and_is_free_for_nobody_else,
    the_same_key_books_once,
    a_taken_slot_is_refused_with_the_nearest_free_ones,
    a_released_hold_is_free_again,
    moving_frees_the_old_slot_and_keeps_it_where_the_new_one_is_taken,
    cancelling_frees_the_slot_and_twice_changes_nothing,
    anybody_is_found_for_who_asks_for_nobody,
    two_moves_at_once_are_both_done,
    an_appointment_is_a_file_for_calendars_for_its_owner,
);

async fn a_held_slot_becomes_an_appointment_and_is_free_for_nobody_else(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(3);
    let held = visitor.hold(&key(1), "li", &slot).await;
    assert_eq!(held.status, 201, "{}", held.text());
    let held = held.json();
    assert!((290..=300).contains(&held["seconds"].as_u64().expect("seconds")), "{held}");
    assert!(!visitor.free("li").await.contains(&slot), "it is kept");
    assert!(visitor.free("zhao").await.contains(&slot), "the other dentist is free");
    let body = json!({"hold": held["id"], "service": "checkup", "start": slot, "answers": patient(1)});
    let token = held["token"].as_str().expect("a token");
    let booked = visitor.post("appointments", &key(2), token, &body).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let booked = booked.json();
    assert_eq!(
        [&booked["status"], &booked["practitioner"], &booked["place"], &booked["start"], &booked["sequence"]],
        [&json!("booked"), &json!("li"), &json!("lakeside"), &json!(slot), &json!(0)]
    );
    assert!(!visitor.free("li").await.contains(&slot), "it is taken");
    let id = booked["id"].as_str().expect("an id");
    let token = booked["token"].as_str().expect("a token");
    let seen = visitor.own("GET", &format!("appointments/{id}"), token, None).await;
    assert_eq!((seen.status, seen.json()), (200, booked.clone()));
    // The hold is over: it can be neither released nor booked again.
    let hold = held["id"].as_str().expect("an id");
    let path = format!("holds/{hold}");
    assert_eq!(
        visitor.own("DELETE", &path, held["token"].as_str().expect("a token"), None).await.status,
        404
    );
    gateway.stop().await;
}

async fn the_same_key_books_once(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let first = visitor.book(&key(1), 1, "li", &slot).await;
    let second = visitor.book(&key(1), 1, "li", &slot).await;
    assert_eq!((first.status, second.status), (201, 201), "{}", second.text());
    assert_eq!(first.json(), second.json());
    let other = visitor.book(&key(1), 2, "li", &slot).await;
    assert_eq!((other.status, other.problem().as_str()), (409, "idempotency-key-reused"));
    let hold = visitor.free("li").await.remove(0);
    let first = visitor.hold(&key(2), "li", &hold).await.json();
    let second = visitor.hold(&key(2), "li", &hold).await.json();
    assert_eq!((&first["id"], &first["token"]), (&second["id"], &second["token"]));
    gateway.stop().await;
}

async fn a_taken_slot_is_refused_with_the_nearest_free_ones(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    assert_eq!(visitor.book(&key(1), 1, "li", &free[4]).await.status, 201);
    for refused in
        [visitor.book(&key(2), 2, "li", &free[4]).await, visitor.hold(&key(3), "li", &free[4]).await]
    {
        assert_eq!((refused.status, refused.problem().as_str()), (409, "slot-taken"));
        let alternatives = refused.json()["alternatives"].clone();
        let alternatives = alternatives.as_array().expect("alternatives");
        assert!(!alternatives.is_empty());
        let near = [&free[3], &free[5]].map(|start| json!({"practitioner": "li", "start": start}));
        assert!(near.iter().all(|near| alternatives.contains(near)), "{alternatives:?}");
        assert!(!alternatives.contains(&json!({"practitioner": "li", "start": free[4]})));
    }
    gateway.stop().await;
}

async fn a_released_hold_is_free_again(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let held = visitor.hold(&key(1), "li", &slot).await.json();
    let (id, token) = (held["id"].as_str().expect("an id"), held["token"].as_str().expect("a token"));
    assert_eq!(visitor.own("DELETE", &format!("holds/{id}"), token, None).await.status, 204);
    assert!(visitor.free("li").await.contains(&slot));
    let body = json!({"hold": id, "service": "checkup", "start": slot, "answers": patient(1)});
    let late = visitor.post("appointments", &key(2), token, &body).await;
    assert_eq!((late.status, late.problem().as_str()), (409, "hold-over"));
    gateway.stop().await;
}

async fn moving_frees_the_old_slot_and_keeps_it_where_the_new_one_is_taken(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    assert_eq!(visitor.book(&key(2), 2, "li", &free[1]).await.status, 201);
    let path = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = booked["token"].as_str().expect("a token");
    let refused = visitor.own("PATCH", &path, token, Some(json!({"start": free[1]}))).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "slot-taken"));
    assert!(!visitor.free("li").await.contains(&free[0]), "it keeps what it has");
    let moved = visitor.own("PATCH", &path, token, Some(json!({"start": free[2]}))).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    let moved = moved.json();
    assert_eq!((&moved["start"], &moved["sequence"]), (&json!(free[2]), &json!(1)));
    let now = visitor.free("li").await;
    assert!(now.contains(&free[0]) && !now.contains(&free[2]));
    let same = visitor.own("PATCH", &path, token, Some(json!({"start": free[2]}))).await.json();
    assert_eq!(same["sequence"], 1, "moving to where it is changes nothing");
    gateway.stop().await;
}

async fn cancelling_frees_the_slot_and_twice_changes_nothing(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let booked = visitor.book(&key(1), 1, "li", &slot).await.json();
    let path = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = booked["token"].as_str().expect("a token");
    for _ in 0..2 {
        let cancelled = visitor.own("DELETE", &path, token, None).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text());
        let cancelled = cancelled.json();
        assert_eq!((&cancelled["status"], &cancelled["sequence"]), (&json!("cancelled"), &json!(1)));
    }
    assert!(visitor.free("li").await.contains(&slot));
    let late = visitor.own("PATCH", &path, token, Some(json!({"start": slot}))).await;
    assert_eq!((late.status, late.problem().as_str()), (409, "too-late"));
    gateway.stop().await;
}

async fn anybody_is_found_for_who_asks_for_nobody(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let body = |number| json!({"service": "checkup", "start": slot, "answers": patient(number)});
    let mut who = Vec::new();
    for number in 0..2 {
        let booked = visitor.post("appointments", &key(number), "", &body(number)).await;
        assert_eq!(booked.status, 201, "{}", booked.text());
        who.push(booked.json()["practitioner"].as_str().expect("somebody").to_owned());
    }
    who.sort();
    assert_eq!(who, ["li", "zhao"]);
    assert_eq!(visitor.post("appointments", &key(9), "", &body(9)).await.status, 409);
    gateway.stop().await;
}

async fn an_appointment_is_a_file_for_calendars_for_its_owner(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let booked = visitor.book(&key(1), 1, "li", &slot).await.json();
    let path = format!("appointments/{}/calendar", booked["id"].as_str().expect("an id"));
    let file = visitor.own("GET", &path, booked["token"].as_str().expect("a token"), None).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/calendar; charset=utf-8"));
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"appointment.ics\"");
    let text = file.text();
    let begin = format!("DTSTART:{}", slot.replace(['-', ':'], ""));
    for line in ["BEGIN:VCALENDAR", "BEGIN:VEVENT", &begin, "END:VCALENDAR"] {
        assert!(text.lines().any(|known| known.trim_end() == line), "{line} is missing: {text}");
    }
    assert!(text.contains(booked["code"].as_str().expect("a code")), "{text}");
    gateway.stop().await;
}

async fn two_moves_at_once_are_both_done(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    let path = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = booked["token"].as_str().expect("a token");
    let mut last = 0;
    for round in 0..15 {
        let to = |at: usize| visitor.own("PATCH", &path, token, Some(json!({"start": free[at]})));
        let at = 1 + 2 * (round % 2);
        let (one, other) = tokio::join!(to(at), to(at + 1));
        for moved in [&one, &other] {
            assert_eq!(moved.status, 200, "{round}: {}", moved.text());
        }
        let sequence = |moved: &serde_json::Value| moved["sequence"].as_u64().expect("a number");
        let mut both = [sequence(&one.json()), sequence(&other.json())];
        both.sort_unstable();
        assert_eq!(both, [last + 1, last + 2], "one after the other");
        last += 2;
    }
    gateway.stop().await;
}
