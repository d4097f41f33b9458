//! 201 means stored, once; everything else means not stored and says why.

use crm_widgets::config::Settings;
use crm_widgets::store::deliveries::{Deliveries, Filter};
use crm_widgets::store::submissions::Submissions;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Gateway, answers, key, site};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    an_accepted_submission_is_stored_with_all_that_belongs_to_it,
    the_same_key_gives_the_same_answer
);

async fn an_accepted_submission_is_stored_with_all_that_belongs_to_it(database: Database) {
    let gateway = Gateway::with(database, Settings::default(), site()).await;
    let body = json!({
        "form": "enquiry",
        "lang": "zh-CN",
        "answers": answers(),
        "context": {"page": "https://www.example.com/a?token=1#top", "campaign": {"utm_source": "news", "secret": "1"}},
        "signals": {"trap": false, "elapsed": 5_000},
    });
    let headers = [("content-type", "application/json"), ("idempotency-key", "0123456789abcdef")];
    let reply = gateway.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let receipt = reply.json();

    let store = gateway.stop().await;
    let store = store.open().await;
    let all = Submissions { site: "clinic".to_owned(), form: None, after: None, limit: 10 };
    let stored = store.run(all).await.expect("the submissions");
    let [(submission, consents)] = stored.as_slice() else { panic!("{} submissions", stored.len()) };
    assert_eq!(receipt, json!({"id": submission.id, "receipt": submission.receipt}));
    let body: serde_json::Value = serde_json::from_str(&submission.body).expect("JSON");
    assert_eq!(body["answers"], json!({"name": "王小明", "email": "wang@example.com", "privacy": true}));
    assert_eq!(body["fields"][0], json!({"name": "name", "type": "text", "label": "姓名"}));
    assert_eq!(
        body["context"],
        json!({"page": "https://www.example.com/a", "campaign": {"utm_source": "news"}})
    );
    let [consent] = consents.as_slice() else { panic!("{} consents", consents.len()) };
    let hash: String = Sha256::digest("您可以回复我。").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((consent.purpose.as_str(), consent.granted, &consent.text_sha256), ("contact", true, &hash));
    let deliveries =
        store.run(Deliveries { filter: Filter::default(), limit: 10 }).await.expect("deliveries");
    assert_eq!(deliveries.len(), 1);
}

async fn the_same_key_gives_the_same_answer(database: Database) {
    let gateway = Gateway::with(database, Settings::default(), site()).await;
    let first = gateway.submit(&key(1), answers()).await;
    assert_eq!(first.status, 201);
    for _ in 0..3 {
        let again = gateway.submit(&key(1), answers()).await;
        assert_eq!((again.status, &again.body), (201, &first.body));
    }
    let mut other = answers();
    other["name"] = "李四".into();
    let reused = gateway.submit(&key(1), other.clone()).await;
    assert_eq!((reused.status, reused.problem().as_str()), (409, "idempotency-key-reused"));
    let second = gateway.submit(&key(2), other).await;
    assert_eq!(second.status, 201);
    assert_ne!(second.body, first.body);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_number_may_be_written_as_a_float() {
    let gateway = Gateway::start().await;
    let body = json!({
        "form": "enquiry", "version": 1.0, "answers": answers(), "signals": {"elapsed": 5_000.0}
    });
    let headers = [("content-type", "application/json"), ("idempotency-key", "0123456789abcdef")];
    let reply = gateway.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sendings_at_once_are_one_submission() {
    let settings = Settings { visitor_submissions: Some(0), ..Settings::default() };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    let key = key(1);
    let sendings = (0..1_000).map(|_| gateway.submit(&key, answers()));
    let replies = futures_util::future::join_all(sendings).await;
    let first = replies.first().expect("a reply");
    assert!(replies.iter().all(|reply| reply.status == 201 && reply.body == first.body));
    let store = gateway.stop().await.open().await;
    let all = Submissions { site: "clinic".to_owned(), form: None, after: None, limit: 10 };
    assert_eq!(store.run(all).await.expect("the submissions").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_come_back_in_the_visitors_language() {
    let gateway = Gateway::start().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "0123456789abcdef")];
    let body = json!({"form": "enquiry", "lang": "zh-CN", "answers": {"email": "nonsense"}});
    let reply = gateway.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await;
    assert_eq!((reply.status, reply.problem().as_str()), (422, "invalid-answers"));
    let problem = reply.json();
    let fields: Vec<_> =
        problem["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["name", "email", "privacy"]);
    assert!(problem["errors"][0]["message"].as_str().expect("a message").contains("姓名"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_named() {
    let gateway = Gateway::start().await;
    let json = ("content-type", "application/json");
    let key = ("idempotency-key", "0123456789abcdef");
    let path = "/v1/sites/clinic/submissions";
    let good = json!({"form": "enquiry", "answers": answers()}).to_string();
    let large = json!({"form": "enquiry", "answers": {"name": "a".repeat(300_000)}}).to_string();
    let unknown = json!({"form": "nothing", "answers": {}}).to_string();
    let extra = json!({"form": "enquiry", "answers": {}, "admin": true}).to_string();
    let operator = json!({"form": "enquiry", "answers": {"name": {"$ne": null}}}).to_string();
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, u16, &'a str);
    let cases: [Case<'_>; 10] = [
        (path, &[json], &good, 400, "idempotency-key-missing"),
        (path, &[json, ("idempotency-key", "short")], &good, 400, "idempotency-key-missing"),
        (path, &[("content-type", "text/plain"), key], &good, 415, "unsupported-type"),
        (path, &[key], &good, 415, "unsupported-type"),
        (path, &[json, key], "{\"form\":", 400, "malformed"),
        (path, &[json, key], &extra, 400, "malformed"),
        (path, &[json, key], &operator, 400, "malformed"),
        (path, &[json, key], &large, 413, "too-large"),
        (path, &[json, key], &unknown, 404, "unknown-form"),
        ("/v1/sites/nowhere/submissions", &[json, key], &good, 404, "unknown-site"),
    ];
    for (path, headers, body, status, code) in cases {
        let reply = gateway.post(path, headers, body.to_owned()).await;
        assert_eq!((reply.status, reply.problem().as_str()), (status, code), "{body:.60}");
    }
    let reply = gateway.get(path, &[]).await;
    assert_eq!((reply.status, reply.problem().as_str()), (405, "method-not-allowed"));
    assert_eq!(reply.header("allow"), "POST");
    let reply = gateway.get("/v1/sites/%FF", &[]).await;
    assert_eq!((reply.status, reply.problem().as_str()), (400, "malformed"));
    let reply = gateway.get("/v1/nothing", &[]).await;
    assert_eq!((reply.status, reply.problem().as_str()), (404, "not-found"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_in_the_trap_is_stored_and_not_delivered() {
    let gateway = Gateway::start().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "0123456789abcdef")];
    let body = json!({"form": "enquiry", "answers": answers(), "signals": {"trap": true, "elapsed": 3}});
    let reply = gateway.post("/v1/sites/clinic/submissions", &headers, body.to_string()).await;
    assert_eq!(reply.status, 201);
    let store = gateway.stop().await.open().await;
    let all = Submissions { site: "clinic".to_owned(), form: None, after: None, limit: 10 };
    let stored = store.run(all).await.expect("the submissions");
    assert!(stored.iter().all(|(submission, _)| submission.body.contains("\"spam\":true")));
    assert_eq!(stored.len(), 1);
    let deliveries =
        store.run(Deliveries { filter: Filter::default(), limit: 10 }).await.expect("deliveries");
    assert_eq!(deliveries.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_site_is_followed_while_running() {
    let gateway = Gateway::start().await;
    let mut changed = site();
    changed["forms"].as_array_mut().expect("forms").retain(|form| form["id"] != "callback");
    let definitions = serde_json::from_value(json!({"sites": [changed]})).expect("definitions");
    assert_eq!(gateway.get("/v1/sites/clinic/forms/callback", &[]).await.status, 200);
    let store = gateway.database.open().await;
    crm_widgets::command::apply::apply(&store, &definitions).await.expect("applied");
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    assert_eq!(gateway.get("/v1/sites/clinic/forms/callback", &[]).await.status, 404);
    gateway.stop().await;
}
