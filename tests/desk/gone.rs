//! A service that was taken out of the definitions: what was asked for it before is still answered and can be ended.

use serde_json::{Value, json};

use super::{Visitor, key, past, patient, serving, site};
use crate::on_both_engines;
use crate::staff::Staff;
use crate::support::caller::Reply;
use crate::support::database::Database;

on_both_engines!(
    a_repetition_is_answered_as_the_first_time,
    an_appointment_can_be_cancelled_and_marked_and_connections_hear_of_it,
    what_is_kept_is_free_again_and_offered_to_nobody,
);

/// The clinic, with another connection: one that hears of no form of its services.
fn before() -> Value {
    let mut site = site();
    site["booking"]["services"][0]["cancel"] = json!(1_000_000);
    let connections = site["connections"].as_array_mut().expect("a list");
    connections[0]["forms"] = json!(["visit"]);
    let mut other = connections[0].clone();
    (other["name"], other["forms"]) = (json!("newsletter"), json!(["news"]));
    connections.push(other);
    let news = json!({"id": "news", "title": "News", "pages": [{"fields": [{"name": "mail", "type": "email", "label": "E-mail"}]}]});
    site["forms"].as_array_mut().expect("a list").push(news);
    site
}

/// The same after a check-up is not offered any more.
fn after() -> Value {
    let mut site = before();
    let service = &mut site["booking"]["services"][0];
    (service["key"], service["name"]) = (json!("cleaning"), json!("Cleaning"));
    site
}

async fn a_repetition_is_answered_as_the_first_time(database: Database) {
    let gateway = serving(database, before()).await;
    let visitor = Visitor(&gateway.caller);
    let slots = visitor.free("li").await;
    let wait = json!({"service": "checkup", "answers": patient(3)});
    let ask = async || -> [Reply; 3] {
        [
            visitor.hold(&key(1), "li", &slots[0]).await,
            visitor.book(&key(2), 2, "li", &slots[1]).await,
            visitor.post("waitlist", &key(3), "", &wait).await,
        ]
    };
    let first = ask().await;
    gateway.apply(after()).await;
    for (first, again) in first.iter().zip(ask().await) {
        assert_eq!((first.status, again.status), (201, 201), "{}", again.text());
        assert_eq!(
            (&first.json()["id"], &first.json()["token"]),
            (&again.json()["id"], &again.json()["token"])
        );
    }
    let new = visitor.book(&key(9), 9, "li", &slots[2]).await;
    assert_eq!((new.status, new.problem().as_str()), (404, "unknown-service"));
    let staff = Staff::chief(&gateway).await;
    let new = json!({"service": "checkup", "start": slots[2], "answers": patient(9)});
    assert_eq!(staff.post("appointments", &key(10), &new).await.problem(), "unknown-service");
    gateway.stop().await;
}

async fn an_appointment_can_be_cancelled_and_marked_and_connections_hear_of_it(database: Database) {
    let gateway = serving(database, before()).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slots = visitor.free("li").await;
    let mut booked = Vec::new();
    for number in 0..4 {
        booked.push(visitor.book(&key(number), number, "li", &slots[number as usize]).await.json());
    }
    let path = |at: usize| format!("appointments/{}", booked[at]["id"].as_str().expect("an id"));
    let token = |at: usize| booked[at]["token"].as_str().expect("a token");
    gateway.apply(after()).await;
    let seen = visitor.own("GET", &path(0), token(0), None).await.json();
    // Without a rule of its own it can be cancelled until it begins, and be moved nowhere.
    assert_eq!((&seen["cancellableUntil"], &seen["movableUntil"]), (&json!(slots[0]), &Value::Null));
    for refused in [
        visitor.own("PATCH", &path(0), token(0), Some(json!({"start": slots[9]}))).await,
        staff.patch(&path(0), json!({"start": slots[9]})).await,
    ] {
        assert_eq!((refused.status, refused.problem().as_str()), (422, "not-offered"));
        assert!(refused.json()["detail"].as_str().is_some_and(|detail| detail.contains("cancel")));
    }
    let cancelled = visitor.own("DELETE", &path(0), token(0), None).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (200, &json!("cancelled")));
    past(&gateway.database.open().await, booked[2]["id"].as_str().expect("an id")).await;
    for (at, change, status) in [
        (1, json!({"status": "cancelled", "by": "site"}), "cancelled"),
        (2, json!({"status": "missed"}), "missed"),
        (3, json!({"status": "arrived"}), "arrived"),
    ] {
        let changed = staff.patch(&path(at), change).await;
        assert_eq!((changed.status, &changed.json()["status"]), (200, &json!(status)), "{}", changed.text());
    }
    let metrics = gateway.get("/metrics", &[]).await;
    let waiting = |name: &str, count: u32| {
        format!("crm_deliveries{{site=\"clinic\",connection=\"{name}\",state=\"waiting\"}} {count}\n")
    };
    // Four were booked, two cancelled, one missed. That somebody came is told to nobody.
    assert!(metrics.text().contains(&waiting("crm", 7)), "{}", metrics.text());
    assert!(!metrics.text().contains("connection=\"newsletter\",state="), "{}", metrics.text());
    gateway.stop().await;
}

async fn what_is_kept_is_free_again_and_offered_to_nobody(database: Database) {
    let gateway = serving(database, before()).await;
    let visitor = Visitor(&gateway.caller);
    let slots = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &slots[0]).await.json();
    let wait = json!({"service": "checkup", "answers": patient(2)});
    let waiting = visitor.post("waitlist", &key(2), "", &wait).await.json();
    gateway.apply(after()).await;
    let path = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = booked["token"].as_str().expect("a token");
    assert_eq!(visitor.own("DELETE", &path, token, None).await.status, 200);
    // The time is the dentist's, who does something else now.
    let book = json!({"service": "cleaning", "practitioner": "li", "start": slots[0], "answers": patient(3)});
    for at in 0.. {
        match visitor.post("appointments", &key(100 + at), "", &book).await {
            reply if reply.status == 201 => break,
            reply => assert!(at < 100 && reply.status == 409, "{}", reply.text()),
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let own = format!("waitlist/{}", waiting["id"].as_str().expect("an id"));
    let token = waiting["token"].as_str().expect("a token");
    assert_eq!(visitor.own("GET", &own, token, None).await.json()["turn"], "waiting");
    gateway.stop().await;
}
