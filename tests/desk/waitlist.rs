//! A slot that becomes free goes to who waits for it, one person after the other.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Visitor, key, open, patient, site};
use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

on_both_engines!(
    a_cancelled_slot_is_offered_to_one_person_at_a_time_in_the_order_they_came,
    nobody_else_gets_a_slot_that_is_offered,
    who_waits_for_somebody_else_or_for_another_day_is_passed_over,
    a_person_waits_for_a_service_once,
);

/// Somebody who waits.
struct Waiting {
    id: String,
    token: String,
}

impl Waiting {
    async fn new(visitor: &Visitor<'_>, number: u32, wish: Value) -> Self {
        let mut body = json!({"service": "checkup", "answers": patient(number)});
        body.as_object_mut().expect("an object").extend(wish.as_object().expect("an object").clone());
        let reply = visitor.post("waitlist", &key(1_000 + number), "", &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        let json = reply.json();
        let text = |member: &str| json[member].as_str().expect("text").to_owned();
        Self { id: text("id"), token: text("token") }
    }

    async fn seen(&self, visitor: &Visitor<'_>) -> Value {
        visitor.own("GET", &format!("waitlist/{}", self.id), &self.token, None).await.json()
    }

    /// The offer, as soon as there is one.
    async fn offer(&self, visitor: &Visitor<'_>) -> Value {
        for _ in 0..100 {
            let seen = self.seen(visitor).await;
            if seen["turn"] == "offered" {
                return seen["offer"].clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nothing was offered");
    }

    async fn leave(&self, visitor: &Visitor<'_>) -> u16 {
        visitor.own("DELETE", &format!("waitlist/{}", self.id), &self.token, None).await.status
    }
}

/// Books a slot of Dr Li and returns it with what cancels it.
async fn booked(visitor: &Visitor<'_>) -> (String, String, String) {
    let slot = visitor.free("li").await.remove(0);
    let json = visitor.book(&key(1), 1, "li", &slot).await.json();
    let text = |member: &str| json[member].as_str().expect("text").to_owned();
    (slot, format!("appointments/{}", text("id")), text("token"))
}

async fn a_cancelled_slot_is_offered_to_one_person_at_a_time_in_the_order_they_came(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let (slot, path, token) = booked(&visitor).await;
    let mut people = Vec::new();
    for number in 2..5 {
        people.push(Waiting::new(&visitor, number, json!({})).await);
    }
    assert_eq!(visitor.own("DELETE", &path, &token, None).await.status, 200);
    for (at, person) in people.iter().enumerate() {
        let offer = person.offer(&visitor).await;
        assert_eq!((&offer["start"], &offer["practitioner"]), (&json!(slot), &json!("li")));
        assert!(
            offer["seconds"].as_u64().is_some_and(|seconds| (1_700..=1_800).contains(&seconds)),
            "{offer}"
        );
        for (other, waiting) in people.iter().enumerate().filter(|(other, _)| *other != at) {
            let expected = if other < at { "over" } else { "waiting" };
            assert_eq!(waiting.seen(&visitor).await["turn"], expected, "{other} while {at} is asked");
        }
        if at < 2 {
            assert_eq!(person.leave(&visitor).await, 204);
        }
    }
    // The last one takes it as any hold.
    let offer = people[2].offer(&visitor).await;
    let body = json!({"hold": offer["id"], "service": "checkup", "start": slot, "answers": patient(4)});
    let token = offer["token"].as_str().expect("a token");
    let taken = visitor.post("appointments", &key(2), token, &body).await;
    assert_eq!(taken.status, 201, "{}", taken.text());
    assert_eq!(people[2].seen(&visitor).await["turn"], "over");
    gateway.stop().await;
}

async fn nobody_else_gets_a_slot_that_is_offered(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let (slot, path, token) = booked(&visitor).await;
    let person = Waiting::new(&visitor, 2, json!({})).await;
    assert_eq!(visitor.own("DELETE", &path, &token, None).await.status, 200);
    assert_eq!(visitor.book(&key(3), 3, "li", &slot).await.status, 409, "not even before it is offered");
    person.offer(&visitor).await;
    assert_eq!(visitor.book(&key(4), 4, "li", &slot).await.status, 409);
    assert!(!visitor.free("li").await.contains(&slot));
    assert_eq!(person.leave(&visitor).await, 204);
    for _ in 0..100 {
        if visitor.free("li").await.contains(&slot) {
            return drop(gateway.stop().await);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody waits, and it is not free");
}

async fn who_waits_for_somebody_else_or_for_another_day_is_passed_over(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let (_, path, token) = booked(&visitor).await;
    let other = Waiting::new(&visitor, 2, json!({"practitioner": "zhao"})).await;
    let later = Waiting::new(&visitor, 3, json!({"from": "2999-01-01"})).await;
    let fits = Waiting::new(&visitor, 4, json!({"practitioner": "li"})).await;
    assert_eq!(visitor.own("DELETE", &path, &token, None).await.status, 200);
    fits.offer(&visitor).await;
    for passed in [other, later] {
        assert_eq!(passed.seen(&visitor).await["turn"], "waiting");
    }
    gateway.stop().await;
}

async fn a_person_waits_for_a_service_once(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let first = Waiting::new(&visitor, 2, json!({})).await;
    let again = |at, wish: Value| {
        let mut body = json!({"service": "checkup", "answers": patient(2)});
        body.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
        let visitor = &visitor;
        async move { visitor.post("waitlist", &key(at), "", &body).await }
    };
    let refused = again(1, json!({"practitioner": "li"})).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "limit-reached"));
    assert_eq!(first.leave(&visitor).await, 204);
    assert_eq!(again(2, json!({"practitioner": "li"})).await.status, 201);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_would_wait_for_a_day_that_never_comes_hears_it() {
    let gateway = open(Database::sqlite()).await;
    let visitor = Visitor(&gateway.caller);
    for wish in [json!({"to": "2020-01-01"}), json!({"from": "2999-01-02", "to": "2999-01-01"})] {
        let mut body = json!({"service": "checkup", "answers": patient(1)});
        body.as_object_mut().expect("an object").extend(wish.as_object().expect("an object").clone());
        let refused = visitor.post("waitlist", &key(1), "", &body).await;
        assert_eq!((refused.status, refused.problem().as_str()), (422, "not-offered"), "{wish}");
    }
    Waiting::new(&visitor, 1, json!({"from": "2020-01-01", "to": "2999-01-01"})).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_a_waitlist_says_so() {
    let mut site = site();
    site["booking"]["services"][0]["waitlist"] = json!(false);
    let gateway = Gateway::with(Database::sqlite(), Default::default(), site).await;
    let visitor = Visitor(&gateway.caller);
    let body = json!({"service": "checkup", "answers": patient(1)});
    let refused = visitor.post("waitlist", &key(1), "", &body).await;
    assert_eq!((refused.status, refused.problem().as_str()), (422, "not-offered"));
    gateway.stop().await;
}
