//! What staff changes of the schedules.

use std::time::Duration;

use crm_widgets::command::apply::apply;
use serde_json::{Value, json};

use super::{Staff, id};
use crate::desk::{Visitor, day, key, open, patient, site};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    an_exception_changes_the_slots_and_survives_apply,
    a_closed_time_names_the_appointments_in_it_and_cancels_none,
    what_was_held_in_a_closed_time_cannot_be_booked,
    what_becomes_free_in_a_closed_time_is_offered_to_nobody,
    wrong_exceptions_name_what_is_wrong_and_change_nothing,
);

async fn an_exception_changes_the_slots_and_survives_apply(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let closed = json!({"closed": {"who": "li", "from": day(&free[0]), "reason": "training"}});
    let added = staff.post("exceptions", &key(1), &closed).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let added = added.json();
    assert_eq!(added["appointments"], json!([]));
    let left = visitor.free("li").await;
    assert_eq!(left, free[20..], "a day of half hours is gone");
    assert_eq!(visitor.free("zhao").await.len(), 40, "only she is away");
    let again = staff.post("exceptions", &key(1), &closed).await;
    assert_eq!((again.status, &again.json()["id"]), (201, &added["id"]), "once for its key");
    let other = json!({"closed": {"from": day(&free[0])}});
    let reused = staff.post("exceptions", &key(1), &other).await;
    assert_eq!((reused.status, reused.problem().as_str()), (409, "idempotency-key-reused"));

    let evening = json!({"open": {"who": "li", "place": "lakeside", "day": day(&free[0]), "hours": {"from": "19:00", "to": "20:00"}}});
    assert_eq!(staff.post("exceptions", &key(2), &evening).await.status, 201);
    assert_eq!(visitor.free("li").await.len(), 22, "two in the evening");
    let definitions = |name: &str| {
        let mut site = site();
        site["name"] = json!(name);
        serde_json::from_value(json!({"sites": [site]})).expect("definitions")
    };
    let store = gateway.database.open().await;
    assert_eq!(apply(&store, &definitions("Renamed")).await.expect("applied").changed, ["clinic"]);
    // The next exception makes this gateway read all anew, the site as it was applied among them.
    let third = json!({"closed": {"who": "zhao", "from": day(&free[0])}});
    let third = staff.post("exceptions", &key(3), &third).await.json();
    assert_eq!(gateway.get("/v1/sites/clinic", &[]).await.json()["name"], "Renamed");
    assert_eq!((visitor.free("li").await.len(), visitor.free("zhao").await.len()), (22, 20));

    let list = staff.get("exceptions").await;
    let list: Vec<&Value> = list["exceptions"].as_array().expect("a list").iter().collect();
    assert_eq!(list.len(), 3);
    assert_eq!((&list[0]["closed"], &list[1]["open"]), (&closed["closed"], &evening["open"]));
    let page = staff.get("exceptions?limit=2").await;
    assert_eq!(page["exceptions"].as_array().map(Vec::len), Some(2));
    let next = page["next"].as_str().expect("there is another page");
    for wrong in ["after=0.5", "after=1.exc_1", "limit=0"] {
        let reply = staff.send("GET", &format!("exceptions?{wrong}"), None).await;
        assert_eq!((reply.status, reply.problem().as_str()), (400, "malformed"), "{wrong}");
    }
    let rest = staff.get(&format!("exceptions?limit=2&after={next}")).await;
    assert_eq!(rest, json!({"exceptions": [{"id": third["id"], "closed": third["closed"]}]}));
    for (gone, free) in [(id(&added), 42), (id(list[1]), 40)] {
        assert_eq!(staff.delete(&format!("exceptions/{gone}")).await.status, 204);
        assert_eq!(visitor.free("li").await.len(), free);
        assert_eq!(staff.delete(&format!("exceptions/{gone}")).await.status, 404, "it is gone");
    }
    for nothing in ["%00", "exc_0", "..", "%2e%2e"] {
        assert_eq!(staff.delete(&format!("exceptions/{nothing}")).await.status, 404, "{nothing}");
    }
    assert_eq!(staff.get("exceptions").await["exceptions"][0]["id"], third["id"]);
    gateway.stop().await;
}

async fn a_closed_time_names_the_appointments_in_it_and_cancels_none(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let mut booked = Vec::new();
    // At 8:00, 12:30, 17:30; the same for the other dentist; and a day later.
    for (number, (who, at)) in
        [("li", 0), ("li", 9), ("li", 19), ("zhao", 9), ("li", 29)].into_iter().enumerate()
    {
        booked.push(visitor.book(&key(number as u32), number as u32, who, &free[at]).await.json());
    }
    let afternoon = json!({"from": "12:45", "to": "18:00"});
    let closed = json!({"closed": {"who": "li", "from": day(&free[0]), "hours": afternoon}});
    let added = staff.post("exceptions", &key(10), &closed).await.json();
    let named = added["appointments"].as_array().expect("a list");
    assert_eq!(named.iter().map(id).collect::<Vec<_>>(), [id(&booked[1]), id(&booked[2])]);
    assert!(!added.to_string().contains("Patient"), "not what they wrote");
    for one in &booked {
        let token = one["token"].as_str().expect("a token");
        let seen = visitor.own("GET", &format!("appointments/{}", id(one)), token, None).await.json();
        assert_eq!(seen["status"], "booked", "nothing is cancelled silently");
    }
    gateway.stop().await;
}

async fn what_was_held_in_a_closed_time_cannot_be_booked(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slot = visitor.free("li").await.remove(0);
    let held = visitor.hold(&key(1), "li", &slot).await.json();
    let closed = json!({"closed": {"from": day(&slot)}});
    assert_eq!(staff.post("exceptions", &key(2), &closed).await.status, 201);
    let body = json!({"hold": held["id"], "service": "checkup", "start": slot, "answers": patient(1)});
    let token = held["token"].as_str().expect("a token");
    let refused = visitor.post("appointments", &key(3), token, &body).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "hold-over"));
    gateway.stop().await;
}

async fn what_becomes_free_in_a_closed_time_is_offered_to_nobody(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let (closed, open) = (&free[0], &free[25]);
    let mut booked = Vec::new();
    for (number, start) in [(1, closed), (2, open)] {
        booked.push(visitor.book(&key(number), number, "li", start).await.json());
    }
    let wait = json!({"service": "checkup", "answers": patient(3)});
    let waiting = visitor.post("waitlist", &key(3), "", &wait).await.json();
    let exception = json!({"closed": {"from": day(closed)}});
    assert_eq!(staff.post("exceptions", &key(4), &exception).await.status, 201);
    let text = |of: &Value, member: &str| of[member].as_str().expect("text").to_owned();
    for one in &booked {
        let path = format!("appointments/{}", id(one));
        assert_eq!(visitor.own("DELETE", &path, &text(one, "token"), None).await.status, 200);
    }
    // What became free first is looked at first.
    let path = format!("waitlist/{}", id(&waiting));
    let mut seen = json!({"turn": "waiting"});
    for _ in 0..200 {
        seen = visitor.own("GET", &path, &text(&waiting, "token"), None).await.json();
        if seen["turn"] == "offered" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(seen["offer"]["start"], json!(open));
    gateway.stop().await;
}

async fn wrong_exceptions_name_what_is_wrong_and_change_nothing(database: Database) {
    let gateway = open(database).await;
    let staff = Staff::chief(&gateway).await;
    let hours = |from: &str, to: &str| json!({"from": from, "to": to});
    for (wrong, field, fix) in [
        (json!({"closed": {"who": "lee", "from": "2026-12-24"}}), "closed.who", "choose from li, zhao"),
        (json!({"closed": {"from": "24.12.2026"}}), "closed.from", "2026-11-24"),
        (json!({"closed": {"from": "2026-12-24", "to": "2026-12-23"}}), "closed.to", "the last day"),
        (
            json!({"closed": {"from": "2026-12-24", "hours": hours("13:02", "18:00")}}),
            "closed.hours.from",
            "08:30",
        ),
        (
            json!({"closed": {"from": "2026-12-24", "hours": hours("18:00", "13:00")}}),
            "closed.hours.to",
            "a later time",
        ),
        (
            json!({"open": {"who": "li", "place": "moon", "day": "2026-12-24", "hours": hours("09:00", "12:00")}}),
            "open.place",
            "choose from lakeside",
        ),
    ] {
        let refused = staff.post("exceptions", &key(1), &wrong).await;
        assert_eq!((refused.status, refused.problem().as_str()), (422, "invalid-exception"), "{wrong}");
        let error = &refused.json()["errors"][0];
        assert_eq!(error["field"], field);
        assert!(error["message"].as_str().expect("a message").contains(fix), "{error}");
    }
    let odd =
        staff.post("exceptions", &key(1), &json!({"closed": {"from": "2026-12-24", "whom": "li"}})).await;
    assert_eq!((odd.status, odd.problem().as_str()), (400, "malformed"));
    assert_eq!(staff.get("exceptions").await, json!({"exceptions": []}));
    gateway.stop().await;
}
