//! Proof of work: solved once, for one form of one site, or refused.

use axum::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crm_protocol::challenge::{Challenge, Solution};
use crm_widgets::config::Settings;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Gateway, Reply, answers, key, site};
use crate::support::database::Database;

async fn guarded() -> Gateway {
    let mut site = site();
    site["challenge"] = json!({"enabled": true, "bits": 9});
    Gateway::with(Database::sqlite(), Settings::default(), site).await
}

pub async fn challenge(gateway: &Gateway, form: &str) -> Challenge {
    let reply = gateway.get(&format!("/v1/sites/clinic/challenge?form={form}"), &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    serde_json::from_slice(&reply.body).expect("a challenge")
}

/// Solves as ALTCHA's documents say, without the gateway's code.
pub fn solve(challenge: Challenge) -> Solution {
    let parameters = &challenge.parameters;
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
    };
    let (salt, nonce) = (bytes(&parameters.salt), bytes(&parameters.nonce));
    let solves = |counter: &u32| {
        let start = [salt.as_slice(), nonce.as_slice(), &counter.to_be_bytes()].concat();
        let key = (0..parameters.cost).fold(start, |key, _| Sha256::digest(key).to_vec());
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.starts_with(&parameters.key_prefix)
    };
    let counter = (0..).find(solves).expect("a solution");
    Solution { challenge, counter }
}

pub fn header(solution: &Solution) -> String {
    BASE64_STANDARD.encode(serde_json::to_vec(solution).expect("JSON"))
}

async fn submit(gateway: &Gateway, key: &str, solution: Option<&str>) -> Reply {
    let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key)];
    headers.extend(solution.map(|solution| ("crm-challenge", solution)));
    let body = json!({"form": "enquiry", "answers": answers()});
    gateway.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_solved_challenge_admits_one_submission() {
    let gateway = guarded().await;
    let refused = submit(&gateway, &key(1), None).await;
    assert_eq!((refused.status, refused.problem().as_str()), (403, "challenge-required"));
    let solution = header(&solve(challenge(&gateway, "enquiry").await));
    let accepted = submit(&gateway, &key(1), Some(&solution)).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text());
    let spent = submit(&gateway, &key(2), Some(&solution)).await;
    assert_eq!((spent.status, spent.problem().as_str()), (403, "challenge-spent"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_is_answered_whatever_became_of_its_challenge() {
    let gateway = guarded().await;
    let solution = header(&solve(challenge(&gateway, "enquiry").await));
    let accepted = submit(&gateway, &key(1), Some(&solution)).await;
    assert_eq!(accepted.status, 201);
    for solution in [Some(solution.as_str()), Some("nonsense"), None] {
        let again = submit(&gateway, &key(1), solution).await;
        assert_eq!((again.status, &again.body), (201, &accepted.body));
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_borrowed_and_guessed_challenges_are_refused() {
    let gateway = guarded().await;
    let good = solve(challenge(&gateway, "enquiry").await);
    let mut bad =
        vec![header(&solve(challenge(&gateway, "callback").await)), "e30=".to_owned(), "%%%".to_owned()];
    let unsolved = Solution { counter: good.counter.wrapping_add(1), ..good.clone() };
    bad.push(header(&unsolved));
    let spoils: [fn(&mut Value); 5] = [
        |value| value["signature"] = "".into(),
        |value| value["parameters"]["expiresAt"] = 9_999_999_999_u64.into(),
        |value| value["parameters"]["keyPrefix"] = "".into(),
        |value| value["parameters"]["data"]["form"] = "callback".into(),
        |value| value["parameters"]["algorithm"] = "none".into(),
    ];
    for spoil in spoils {
        let mut value = serde_json::to_value(&good.challenge).expect("JSON");
        spoil(&mut value);
        let challenge = serde_json::from_value(value).expect("a challenge");
        bad.push(header(&Solution { challenge, counter: good.counter }));
    }
    for (number, solution) in bad.iter().enumerate() {
        let reply = submit(&gateway, &key(number as u32), Some(solution)).await;
        assert_eq!((reply.status, reply.problem().as_str()), (403, "challenge-invalid"), "{number}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_for_a_form_that_exists() {
    let gateway = guarded().await;
    let cases = [
        ("clinic/challenge", 400),
        ("clinic/challenge?form=nothing", 404),
        ("nowhere/challenge?form=enquiry", 404),
    ];
    for (path, status) in cases {
        let reply = gateway.get(&format!("/v1/sites/{path}"), &[]).await;
        assert_eq!(reply.status, status, "{path}");
        reply.problem();
    }
    let headers: HeaderMap = gateway.get("/v1/sites/clinic/challenge?form=enquiry", &[]).await.headers;
    assert!(headers.contains_key("request-id"));
    gateway.stop().await;
}
