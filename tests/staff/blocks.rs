//! What follows from not coming.

use jiff::Timestamp;
use serde_json::json;

use super::{Staff, id};
use crate::desk::{Visitor, key, past, with};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    three_missed_appointments_block_a_person_until_the_day_that_is_told,
    cancelling_for_a_person_after_the_deadline_counts_as_late,
);

async fn three_missed_appointments_block_a_person_until_the_day_that_is_told(database: Database) {
    let blocks = json!({"blocks": {"missed": 3, "withinDays": 90, "days": 30}});
    let gateway = with(database, json!({}), blocks).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let store = gateway.database.open().await;
    let free = visitor.free("li").await;
    let mut paths = Vec::new();
    for at in 0..3 {
        let booked = visitor.book(&key(at), 7, "li", &free[at as usize]).await;
        assert_eq!(booked.status, 201, "{}", booked.text());
        past(&store, id(&booked.json())).await;
        paths.push(format!("appointments/{}", id(&booked.json())));
        if at < 2 {
            assert_eq!(staff.patch(&paths[at as usize], json!({"status": "missed"})).await.status, 200);
        }
    }
    let block = format!("{}/block", paths[0]);
    assert_eq!(staff.get(&block).await, json!({"blocked": false}), "two are not three");
    assert_eq!(staff.patch(&paths[2], json!({"status": "missed"})).await.status, 200);

    let told = staff.get(&block).await;
    assert_eq!(told["blocked"], true);
    let until: Timestamp = told["until"].as_str().expect("an end").parse().expect("an instant");
    let until = until.in_tz("Asia/Shanghai").expect("a zone");
    let from = told["from"].as_str().expect("a day");
    assert_eq!(from, until.date().tomorrow().expect("a day").to_string(), "all of that day");
    let days = (until.timestamp() - Timestamp::now()).get_seconds() / 86_400;
    assert!((29..=30).contains(&days), "{days}");
    let refused = visitor.book(&key(4), 7, "li", &free[4]).await;
    assert_eq!((refused.status, refused.problem().as_str()), (403, "blocked"));
    assert!(refused.json()["detail"].as_str().expect("a detail").contains(from), "the same day is told");
    let wait = json!({"service": "checkup", "answers": crate::desk::patient(7)});
    let refused = visitor.post("waitlist", &key(4), "", &wait).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "blocked"),
        "nothing is kept for who cannot take it"
    );
    let body = json!({"service": "checkup", "start": free[4], "answers": crate::desk::patient(7), "overbook": "urgent"});
    let refused = staff.post("appointments", &key(5), &body).await;
    assert_eq!((refused.status, refused.problem().as_str()), (403, "blocked"), "it is lifted first");
    assert_eq!(visitor.book(&key(6), 8, "li", &free[4]).await.status, 201, "somebody else may");

    for _ in 0..2 {
        assert_eq!(staff.delete(&block).await.status, 204);
    }
    assert_eq!(staff.get(&block).await, json!({"blocked": false}));
    assert_eq!(visitor.book(&key(7), 7, "li", &free[5]).await.status, 201, "lifted");
    assert_eq!(visitor.post("waitlist", &key(4), "", &wait).await.status, 201);
    gateway.stop().await;
}

async fn cancelling_for_a_person_after_the_deadline_counts_as_late(database: Database) {
    let blocks = json!({"blocks": {"late": 2, "withinDays": 90, "days": 30}});
    let gateway = with(database, json!({"cancel": 1_000_000}), blocks).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let mut late = Vec::new();
    for (at, by) in ["patient", "site", "patient"].into_iter().enumerate() {
        let booked = visitor.book(&key(at as u32), 7, "li", &free[at]).await;
        assert_eq!(booked.status, 201, "{}", booked.text());
        let path = format!("appointments/{}", id(&booked.json()));
        let cancelled = staff.patch(&path, json!({"status": "cancelled", "by": by})).await;
        assert_eq!(cancelled.status, 200, "{}", cancelled.text());
        late.push(cancelled.json()["late"].clone());
        let block = staff.get(&format!("{path}/block")).await;
        assert_eq!(block["blocked"], at == 2, "{block}");
    }
    assert_eq!(late, [true, false, true]);
    assert!(visitor.free("li").await.contains(&free[0]), "its slot is free all the same");
    gateway.stop().await;
}
