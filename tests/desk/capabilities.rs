//! Nobody gets at what is somebody else's: guessed, replayed and altered ids and tokens, at every route.

use crm_widgets::config::Settings;
use serde_json::json;

use super::{Visitor, key, patient, site};
use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::gateway::Gateway;
use crate::support::report;

on_both_engines!(guessed_replayed_and_altered_capabilities_get_404_and_change_nothing);

async fn guessed_replayed_and_altered_capabilities_get_404_and_change_nothing(database: Database) {
    let mut annex = site();
    annex["key"] = json!("annex");
    let settings = Settings { visitor_submissions: Some(100_000), ..Settings::default() };
    let gateway = Gateway::serving(database, settings, &[site(), annex]).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let owner = |reply: crate::support::caller::Reply| {
        let json = reply.json();
        let text = |member: &str| json[member].as_str().unwrap_or_else(|| panic!("{json}")).to_owned();
        (text("id"), text("token"))
    };
    let appointment = owner(visitor.book(&key(1), 1, "li", &free[0]).await);
    let other = owner(visitor.book(&key(2), 2, "li", &free[1]).await);
    let hold = owner(visitor.hold(&key(3), "li", &free[2]).await);
    let wait = json!({"service": "checkup", "answers": patient(4)});
    let waiting = owner(visitor.post("waitlist", &key(4), "", &wait).await);
    let replayed = owner(visitor.hold(&key(5), "li", &free[3]).await);
    let released = visitor.own("DELETE", &format!("holds/{}", replayed.0), &replayed.1, None).await;
    assert_eq!(released.status, 204);

    let tokens = |(_, right): &(String, String)| {
        let (head, tail) = right.split_at(right.len() - 2);
        let altered = format!("{head}{}", if tail == "AA" { "BB" } else { "AA" });
        let upper = right.to_ascii_uppercase();
        let mut wrong = vec![
            String::new(),
            "x".to_owned(),
            altered,
            upper,
            format!("{right}A"),
            head.to_owned(),
            "A".repeat(43),
            "../../admin".to_owned(),
        ];
        let others = [&appointment, &other, &hold, &waiting, &replayed].map(|(_, token)| token.clone());
        wrong.extend(others.into_iter().filter(|token| token != right));
        wrong
    };
    let ids = |(id, _): &(String, String), prefix: &str| {
        let zero = format!("{prefix}{:032x}", 0);
        let next = u128::from_str_radix(&id[prefix.len()..], 16).expect("digits") + 1;
        [zero, format!("{prefix}{next:032x}"), id.to_ascii_uppercase(), "1".to_owned(), "%2e%2e".to_owned()]
    };
    let change = || Some(json!({"start": free[5]}));
    let mut tried = 0;
    for (what, noun, prefix) in
        [(&appointment, "appointments", "apt_"), (&hold, "holds", "hold_"), (&waiting, "waitlist", "wait_")]
    {
        let calls = match noun {
            "appointments" => vec![("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/calendar")],
            "holds" => vec![("DELETE", "")],
            _ => vec![("GET", ""), ("DELETE", "")],
        };
        let guesses = tokens(what).into_iter().map(|token| (what.0.clone(), token));
        let guesses = guesses.chain(ids(what, prefix).map(|id| (id, what.1.clone())));
        for (id, token) in guesses {
            for (method, rest) in &calls {
                let body = if *method == "PATCH" { change() } else { None };
                let reply = visitor.own(method, &format!("{noun}/{id}{rest}"), &token, body).await;
                assert_eq!(reply.status, 404, "{method} {noun}/{id}{rest} {token}: {}", reply.text());
                tried += 1;
            }
        }
        // What is right at one site is nothing at another.
        for (method, rest) in &calls {
            let path = format!("/v1/sites/annex/{noun}/{}{rest}", what.0);
            let token = format!("Bearer {}", what.1);
            let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
            let body = if *method == "PATCH" { change().map(|body| body.to_string()) } else { None };
            let body = body.unwrap_or_default().into();
            let reply = gateway.send(method.parse().expect("a method"), &path, &headers, body).await;
            assert_eq!((reply.status, reply.problem().as_str()), (404, "not-found"), "{method} {path}");
            tried += 1;
        }
    }
    // A hold can be booked by nobody else, and a released one by nobody.
    for (id, token) in [(&hold.0, &other.1), (&hold.0, &replayed.1), (&replayed.0, &hold.1)] {
        let body = json!({"hold": id, "service": "checkup", "start": free[2], "answers": patient(9)});
        let reply = visitor.post("appointments", &key(90 + tried), token, &body).await;
        assert_eq!(reply.status, 404, "{}", reply.text());
        tried += 1;
    }
    report(&format!("capabilities: {tried} wrong ones refused"));

    let (id, token) = &appointment;
    let seen = visitor.own("GET", &format!("appointments/{id}"), token, None).await.json();
    assert_eq!((&seen["status"], &seen["sequence"]), (&json!("booked"), &json!(0)), "nothing has changed");
    let (id, token) = &waiting;
    let seen = visitor.own("GET", &format!("waitlist/{id}"), token, None).await.json();
    assert_eq!(seen["turn"], "waiting");
    let (id, token) = &hold;
    assert_eq!(visitor.own("DELETE", &format!("holds/{id}"), token, None).await.status, 204, "still there");
    gateway.stop().await;
}
