//! Who asks for too much is told to come back later, at every way to ask for a slot.

use crm_widgets::config::Settings;
use serde_json::{Value, json};

use super::hosted::{Page, posted};
use super::{Visitor, key, patient, site};
use crate::support::caller::Reply;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

/// Writes a minute. One of a hosted page weighs five.
const RATE: u32 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_ask_for_a_slot_has_a_limit() {
    let settings = Settings {
        visitor_submissions: Some(RATE),
        trusted_proxies: Some(vec!["127.0.0.0/8".to_owned()]),
        ..Settings::default()
    };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let booked = visitor.book(&key(1), 1, "li", &slot).await.json();
    let own = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = format!("Bearer {}", booked["token"].as_str().expect("a token"));
    let answers = patient(2);
    let ways: [(&str, &str, Value); 4] = [
        ("POST", "holds", json!({"service": "checkup", "start": slot})),
        ("POST", "appointments", json!({"service": "checkup", "start": slot, "answers": answers})),
        ("POST", "waitlist", json!({"service": "checkup", "answers": answers})),
        ("PATCH", &own, json!({"start": slot})),
    ];
    for (at, (method, path, body)) in ways.iter().enumerate() {
        // Each way by another visitor.
        let address = format!("198.51.100.{at}");
        let send = async |number: u32| -> Reply {
            let key = key(100 * (at as u32 + 1) + number);
            let headers = [
                ("content-type", "application/json"),
                ("idempotency-key", key.as_str()),
                ("authorization", token.as_str()),
                ("x-forwarded-for", address.as_str()),
            ];
            let path = format!("/v1/sites/clinic/{path}");
            let method = method.parse().expect("a method");
            gateway.send(method, &path, &headers, body.to_string().into()).await
        };
        for number in 0..RATE {
            let reply = send(number).await;
            assert_ne!(reply.status, 429, "{method} {path} {number}");
        }
        let refused = send(RATE).await;
        assert_eq!((refused.status, refused.problem().as_str()), (429, "too-many-requests"), "{path}");
        assert!(!refused.header("retry-after").is_empty());
    }
    let page = Page::open(&gateway, "?service=checkup").await;
    let again = [("_step", "join")];
    let headers = [("x-forwarded-for", "198.51.100.99")];
    assert_eq!(posted(&gateway, &page, &again, &headers).await.status, 200);
    assert_eq!(posted(&gateway, &page, &again, &headers).await.status, 429);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_token_uses_up_nothing_of_anybodys() {
    let settings = Settings { visitor_submissions: Some(RATE), ..Settings::default() };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let change = || Some(json!({"start": slot}));
    for _ in 0..2 * RATE {
        let path = "appointments/apt_00000000000000000000000000000000";
        assert_eq!(visitor.own("PATCH", path, "guessed", change()).await.status, 404);
    }
    assert_eq!(visitor.book(&key(1), 1, "li", &slot).await.status, 201);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_takes_so_many_slots_whatever_it_says_of_itself() {
    let settings = Settings {
        visitor_holds: Some(3),
        trusted_proxies: Some(vec!["127.0.0.0/8".to_owned()]),
        ..Settings::default()
    };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    let free = Visitor(&gateway.caller).free("li").await;
    let hold = async |number: u32, headers: &[(&str, &str)]| {
        let key = key(number);
        let body = json!({"service": "checkup", "practitioner": "li", "start": free[number as usize]});
        let headers =
            [&[("content-type", "application/json"), ("idempotency-key", key.as_str())], headers].concat();
        let path = "/v1/sites/clinic/holds";
        gateway.send(hyper::Method::POST, path, &headers, body.to_string().into()).await.status
    };
    for number in 0..4 {
        // What the proxy writes, and what a visitor has made up of the other header.
        let made_up = format!("for=10.0.0.{number}");
        let headers = [("x-forwarded-for", "198.51.100.1"), ("forwarded", made_up.as_str())];
        assert_eq!(hold(number, &headers).await, if number < 3 { 201 } else { 429 }, "{number}");
    }
    for number in 4..8 {
        let headers = [("x-forwarded-for", "198.51.100.2")];
        assert_eq!(hold(number, &headers).await, if number < 7 { 201 } else { 429 }, "{number}");
    }
    let page = Page::open(&gateway, "?service=checkup&practitioner=li").await;
    let headers = [("x-forwarded-for", "198.51.100.2")];
    assert_eq!(posted(&gateway, &page, &[("_start", &free[8])], &headers).await.status, 429);
    gateway.stop().await;
}
