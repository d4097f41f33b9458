//! Proof of work at the desk: each of holding, booking and waiting asks for one, once.

use serde_json::{Value, json};

use super::{Visitor, key, patient, serving, site};
use crate::http::challenge::{challenge, header, solve};
use crate::support::caller::Reply;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

async fn guarded() -> Gateway {
    let mut site = site();
    site["challenge"] = json!({"enabled": true, "bits": 9});
    let other = json!({"id": "other", "title": "Other", "pages": [{"fields": [{"name": "name", "type": "text", "label": "Name"}]}]});
    site["forms"].as_array_mut().expect("a list").push(other);
    serving(Database::sqlite(), site).await
}

#[tokio::test(flavor = "multi_thread")]
async fn holding_booking_and_waiting_each_need_one_of_their_own() {
    let gateway = guarded().await;
    let slots = Visitor(&gateway.caller).free("li").await;
    let answers = patient(1);
    let ways: [(&str, Value); 3] = [
        ("holds", json!({"service": "checkup", "practitioner": "li", "start": slots[0]})),
        (
            "appointments",
            json!({"service": "checkup", "practitioner": "li", "start": slots[1], "answers": answers}),
        ),
        ("waitlist", json!({"service": "checkup", "answers": answers})),
    ];
    let send = async |noun: &str, key: &str, solution: &str, body: &Value| -> Reply {
        let headers =
            [("content-type", "application/json"), ("idempotency-key", key), ("crm-challenge", solution)];
        let headers = if solution.is_empty() { &headers[..2] } else { &headers[..] };
        gateway.post(&format!("/v1/sites/clinic/{noun}"), headers, body.to_string()).await
    };
    for (at, (noun, body)) in (0..).step_by(10).zip(&ways) {
        let refused = send(noun, &key(at), "", body).await;
        assert_eq!((refused.status, refused.problem().as_str()), (403, "challenge-required"), "{noun}");
        let other = header(&solve(challenge(&gateway, "other").await));
        let refused = send(noun, &key(at), &other, body).await;
        assert_eq!((refused.status, refused.problem().as_str()), (403, "challenge-invalid"), "{noun}");
        let solution = header(&solve(challenge(&gateway, "visit").await));
        let first = send(noun, &key(at), &solution, body).await;
        assert_eq!(first.status, 201, "{noun}: {}", first.text());
        for solution in ["", "nonsense", &solution] {
            let again = send(noun, &key(at), solution, body).await;
            assert_eq!((again.status, &again.json()["id"]), (201, &first.json()["id"]), "{noun}");
        }
        let mut next = body.clone();
        if *noun != "waitlist" {
            next["start"] = json!(slots[at as usize + 2]);
        }
        let spent = send(noun, &key(at + 1), &solution, &next).await;
        assert_eq!((spent.status, spent.problem().as_str()), (403, "challenge-spent"), "{noun}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_stands_for_the_proof() {
    let gateway = guarded().await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let hold = json!({"service": "checkup", "practitioner": "li", "start": slot});
    let solution = header(&solve(challenge(&gateway, "visit").await));
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "key-of-a-booking-1"),
        ("crm-challenge", solution.as_str()),
    ];
    let held = gateway.post("/v1/sites/clinic/holds", &headers, hold.to_string()).await.json();
    let body = json!({"hold": held["id"], "service": "checkup", "start": slot, "answers": patient(1)});
    let booked = visitor.post("appointments", &key(2), held["token"].as_str().expect("a token"), &body).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    gateway.stop().await;
}
