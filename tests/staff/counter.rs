//! What staff does for somebody.

use serde_json::{Value, json};

use super::{Staff, id};
use crate::desk::{Visitor, key, open, past, patient, with};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    staff_books_by_the_same_form_and_once_for_a_key,
    overbooking_needs_a_reason_and_shows_in_the_list,
    staff_is_not_bound_by_notice_and_deadlines,
    a_request_is_confirmed_or_declined_and_connections_hear_of_it,
    what_is_over_cannot_be_changed,
    nobody_has_missed_what_has_not_begun,
    who_walks_in_gets_a_slot_that_has_begun,
    a_move_with_a_reason_squeezes_in,
);

fn wanted(number: u32, start: &str) -> Value {
    json!({"service": "checkup", "practitioner": "li", "start": start, "answers": patient(number)})
}

async fn staff_books_by_the_same_form_and_once_for_a_key(database: Database) {
    let gateway = with(database, json!({"approval": true}), json!({})).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slot = visitor.free("li").await.remove(0);
    let mut wrong = wanted(1, &slot);
    wrong["answers"]["phone"] = json!("12");
    let refused = staff.post("appointments", &key(1), &wrong).await;
    assert_eq!((refused.status, refused.problem().as_str()), (422, "invalid-answers"));
    assert_eq!(refused.json()["errors"][0]["field"], "phone");
    let booked = staff.post("appointments", &key(1), &wanted(1, &slot)).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    assert_eq!(booked.json()["status"], "booked", "nobody has to confirm what staff books");
    assert!(!visitor.free("li").await.contains(&slot));
    let again = staff.post("appointments", &key(1), &wanted(1, &slot)).await;
    assert_eq!((again.status, again.json()), (201, booked.json()));
    let other = staff.post("appointments", &key(1), &wanted(2, &slot)).await;
    assert_eq!((other.status, other.problem().as_str()), (409, "idempotency-key-reused"));
    let taken = staff.post("appointments", &key(2), &wanted(2, &slot)).await;
    assert_eq!((taken.status, taken.problem().as_str()), (409, "slot-taken"));
    assert!(!taken.json()["alternatives"].as_array().expect("alternatives").is_empty());
    let odd = slot.replace("00:00Z", "10:00Z");
    let nowhere = staff.post("appointments", &key(3), &wanted(3, &odd)).await;
    assert_eq!(
        (nowhere.status, nowhere.problem().as_str()),
        (422, "not-offered"),
        "the schedules bind staff"
    );
    gateway.stop().await;
}

async fn overbooking_needs_a_reason_and_shows_in_the_list(database: Database) {
    let gateway = with(database, json!({"limits": {"open": 1}}), json!({})).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    assert_eq!(visitor.book(&key(1), 1, "li", &free[0]).await.status, 201);
    let refused = staff.post("appointments", &key(2), &wanted(2, &free[0])).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "slot-taken"));
    let mut squeezed = wanted(2, &free[0]);
    for nothing in ["  ", "a\u{0}b", &"x".repeat(501)] {
        squeezed["overbook"] = json!(nothing);
        let refused = staff.post("appointments", &key(2), &squeezed).await;
        assert_eq!((refused.status, refused.problem().as_str()), (400, "malformed"), "{nothing}");
    }
    squeezed["overbook"] = json!("toothache");
    let booked = staff.post("appointments", &key(2), &squeezed).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    // Who has as many as are allowed gets another only on purpose.
    let enough = staff.post("appointments", &key(3), &wanted(1, &free[5])).await;
    assert_eq!((enough.status, enough.problem().as_str()), (409, "limit-reached"));
    let mut more = wanted(1, &free[5]);
    more["overbook"] = json!("a second opinion");
    assert_eq!(staff.post("appointments", &key(4), &more).await.status, 201);
    let list = staff.get("appointments").await;
    let reasons: Vec<&Value> =
        list["appointments"].as_array().expect("a list").iter().map(|one| &one["overbooked"]).collect();
    assert_eq!(reasons.len(), 3);
    for (reason, count) in [(json!("toothache"), 1), (json!("a second opinion"), 1), (Value::Null, 1)] {
        assert_eq!(reasons.iter().filter(|other| ***other == reason).count(), count, "{reasons:?}");
    }
    gateway.stop().await;
}

async fn staff_is_not_bound_by_notice_and_deadlines(database: Database) {
    let rules = json!({"notice": 100_000, "window": 7, "cancel": 1_000_000, "move": 1_000_000});
    let gateway = with(database, rules, json!({})).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    assert!(visitor.free("li").await.is_empty(), "visitors come too late for anything");
    let day = |days: i64| {
        let now =
            jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone"));
        let day = now.date().saturating_add(jiff::Span::new().days(days));
        day.at(10, 0, 0, 0).in_tz("Asia/Shanghai").expect("a time").timestamp().to_string()
    };
    let booked = staff.post("appointments", &key(1), &wanted(1, &day(1))).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let path = format!("appointments/{}", id(&booked.json()));
    let moved = staff.patch(&path, json!({"practitioner": "zhao", "start": day(60)})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    let moved = moved.json();
    assert_eq!(
        [&moved["practitioner"], &moved["start"], &moved["sequence"]],
        [&json!("zhao"), &json!(day(60)), &json!(1)]
    );
    let cancelled = staff
        .patch(&path, json!({"status": "cancelled", "by": "site", "reason": "the dentist is ill"}))
        .await;
    let cancelled = cancelled.json();
    assert_eq!((&cancelled["status"], &cancelled["late"]), (&json!("cancelled"), &json!(false)));
    let kinds = ["appointment.booked", "appointment.moved", "appointment.cancelled"];
    let history = cancelled["history"].as_array().expect("a history");
    assert_eq!(history.iter().map(|one| one["type"].as_str().expect("a type")).collect::<Vec<_>>(), kinds);
    assert_eq!((&history[0]["start"], &history[1]["start"]), (&json!(day(1)), &json!(day(60))));
    assert_eq!(history[2]["reason"], "the dentist is ill");
    let words: Vec<&Value> = history.iter().map(|one| &one["status"]).collect();
    assert_eq!(words, ["booked", "booked", "cancelled"], "the same words as the appointment's own");
    gateway.stop().await;
}

async fn a_request_is_confirmed_or_declined_and_connections_hear_of_it(database: Database) {
    let gateway = with(
        database,
        json!({"approval": true, "cancel": 1_000_000}),
        json!({"blocks": {"late": 1, "withinDays": 90, "days": 90}}),
    )
    .await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let (mut paths, mut ids) = (Vec::new(), Vec::new());
    for number in 0..2 {
        let booked = visitor.book(&key(number), number, "li", &free[number as usize]).await.json();
        assert_eq!(booked["status"], "requested");
        paths.push(format!("appointments/{}", id(&booked)));
        ids.push(booked);
    }
    for _ in 0..2 {
        let confirmed = staff.patch(&paths[0], json!({"status": "booked"})).await;
        assert_eq!((confirmed.status, &confirmed.json()["status"]), (200, &json!("booked")));
    }
    let declined =
        staff.patch(&paths[1], json!({"status": "cancelled", "reason": "no referral"})).await.json();
    assert_eq!((&declined["status"], &declined["late"]), (&json!("cancelled"), &json!(false)));
    assert!(visitor.free("li").await.contains(&free[1]), "what is declined is free");
    let block = staff.get(&format!("{}/block", paths[1])).await;
    assert_eq!(block, json!({"blocked": false}), "who is declined has not cancelled");
    let own = |at: usize| ids[at]["token"].as_str().expect("a token");
    let seen = visitor.own("GET", &paths[0], own(0), None).await.json();
    assert_eq!((&seen["status"], &seen["sequence"]), (&json!("booked"), &json!(1)));
    for (path, kinds) in [
        (&paths[0], ["appointment.requested", "appointment.booked"]),
        (&paths[1], ["appointment.requested", "appointment.cancelled"]),
    ] {
        let one = staff.get(path).await;
        let history = one["history"].as_array().expect("a history");
        assert_eq!(
            history.iter().map(|one| one["type"].as_str().expect("a type")).collect::<Vec<_>>(),
            kinds
        );
    }
    let metrics = gateway.get("/metrics", &[]).await;
    let waiting = "crm_deliveries{site=\"clinic\",connection=\"crm\",state=\"waiting\"} 4";
    assert!(metrics.text().contains(waiting), "each event is on its way: {}", metrics.text());
    gateway.stop().await;
}

async fn what_is_over_cannot_be_changed(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    let path = format!("appointments/{}", id(&booked));
    assert_eq!(staff.patch(&path, json!({"status": "arrived"})).await.status, 200);
    let changes = [json!({"status": "cancelled"}), json!({"start": free[1]}), json!({"status": "booked"})];
    for change in &changes {
        let refused = staff.patch(&path, change.clone()).await;
        assert_eq!((refused.status, refused.problem().as_str()), (409, "wrong-status"), "{change}");
    }
    past(&gateway.database.open().await, id(&booked)).await;
    let corrected = staff.patch(&path, json!({"status": "missed"})).await.json();
    assert_eq!((&corrected["status"], &corrected["sequence"]), (&json!("missed"), &json!(2)));
    let taken = visitor.book(&key(2), 2, "li", &free[1]).await.json();
    let other = format!("appointments/{}", id(&visitor.book(&key(3), 3, "li", &free[2]).await.json()));
    let refused = staff.patch(&other, json!({"start": taken["start"]})).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "slot-taken"));
    for wrong in [
        json!({}),
        json!({"status": "requested"}),
        json!({"status": "booked", "start": free[3]}),
        json!([]),
        json!({"status": "cancelled", "reason": ""}),
    ] {
        let refused = staff.patch(&other, wrong.clone()).await;
        assert_eq!((refused.status, refused.problem().as_str()), (400, "malformed"), "{wrong}");
    }
    gateway.stop().await;
}

async fn nobody_has_missed_what_has_not_begun(database: Database) {
    let blocks = json!({"blocks": {"missed": 1, "withinDays": 90, "days": 30}});
    let gateway = with(database, json!({"approval": true}), blocks).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    let path = format!("appointments/{}", id(&booked));
    for (sequence, status) in ["requested", "booked", "arrived"].into_iter().enumerate() {
        if sequence > 0 {
            assert_eq!(staff.patch(&path, json!({"status": status})).await.status, 200, "{status}");
        }
        let refused = staff.patch(&path, json!({"status": "missed"})).await;
        assert_eq!((refused.status, refused.problem().as_str()), (409, "wrong-status"), "{status}");
        assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("has not begun")));
        let seen = staff.get(&path).await;
        assert_eq!((&seen["status"], &seen["sequence"]), (&json!(status), &json!(sequence)));
    }
    let block = format!("{path}/block");
    assert_eq!(staff.get(&block).await, json!({"blocked": false}));
    past(&gateway.database.open().await, id(&booked)).await;
    let missed = staff.patch(&path, json!({"status": "missed"})).await;
    assert_eq!((missed.status, &missed.json()["status"]), (200, &json!("missed")), "{}", missed.text());
    assert_eq!(staff.get(&block).await["blocked"], true);
    gateway.stop().await;
}

async fn who_walks_in_gets_a_slot_that_has_begun(database: Database) {
    // Long slots all around the clock: one of them has begun.
    const LENGTH: i64 = 4 * 3_600;
    let day = |who: &str| json!({"who": who, "place": "lakeside", "days": ["daily"], "hours": [{"from": "00:00", "to": "24:00"}]});
    let schedules = json!({"schedules": [day("li"), day("zhao")]});
    let gateway = with(database, json!({"minutes": 240, "window": 1}), schedules).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let now = jiff::Timestamp::now().as_second();
    let begun = now.div_euclid(LENGTH) * LENGTH;
    let slot = |second: i64| jiff::Timestamp::from_second(second).expect("an instant").to_string();
    let refused = visitor.book(&key(1), 1, "li", &slot(begun)).await;
    assert_eq!((refused.status, refused.problem().as_str()), (422, "not-offered"), "visitors come too late");
    let over = staff.post("appointments", &key(2), &wanted(2, &slot(begun - LENGTH))).await;
    assert_eq!((over.status, over.problem().as_str()), (422, "not-offered"));
    let booked = staff.post("appointments", &key(3), &wanted(3, &slot(begun))).await;
    assert_eq!((booked.status, &booked.json()["start"]), (201, &json!(slot(begun))), "{}", booked.text());
    let taken = staff.post("appointments", &key(4), &wanted(4, &slot(begun))).await;
    assert_eq!((taken.status, taken.problem().as_str()), (409, "slot-taken"), "one at a time all the same");
    let path = format!("appointments/{}", id(&booked.json()));
    assert_eq!(staff.patch(&path, json!({"status": "missed"})).await.status, 200, "and went again");
    // Who comes too early is moved to it as well.
    let early = visitor.book(&key(5), 5, "zhao", &slot(begun + LENGTH)).await.json();
    let path = format!("appointments/{}", id(&early));
    let moved = staff.patch(&path, json!({"start": slot(begun)})).await;
    assert_eq!((moved.status, &moved.json()["start"]), (200, &json!(slot(begun))), "{}", moved.text());
    gateway.stop().await;
}

async fn a_move_with_a_reason_squeezes_in(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    assert_eq!(visitor.book(&key(1), 1, "li", &free[0]).await.status, 201);
    let path = format!("appointments/{}", id(&visitor.book(&key(2), 2, "li", &free[3]).await.json()));
    let refused = staff.patch(&path, json!({"start": free[0]})).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "slot-taken"));
    let nothing = staff.patch(&path, json!({"start": free[0], "overbook": " "})).await;
    assert_eq!((nothing.status, nothing.problem().as_str()), (400, "malformed"));
    let moved = staff.patch(&path, json!({"start": free[0], "overbook": "toothache"})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    let moved = moved.json();
    assert_eq!([&moved["start"], &moved["overbooked"]], [&json!(free[0]), &json!("toothache")]);
    let now = visitor.free("li").await;
    assert!(now.contains(&free[3]) && !now.contains(&free[0]), "the old slot is free");
    // Where there is room again it is not squeezed in any more.
    let back = staff.patch(&path, json!({"start": free[4]})).await.json();
    assert_eq!([&back["start"], &back["overbooked"]], [&json!(free[4]), &Value::Null]);
    let now = visitor.free("li").await;
    assert!(!now.contains(&free[0]) && !now.contains(&free[4]), "who was there before still is");
    gateway.stop().await;
}
