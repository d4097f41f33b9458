use std::time::Duration;

use crm_widgets::connector::{Class, Outcome};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha512;

use super::{Setup, assert_delivered};
use crate::support::authority::{Authority, Reply, Seen, ok, refusal};
use crate::support::crm::SECRET;

/// The one request that a connector with this `auth` makes.
async fn request(auth: Value, secrets: &[(&str, &str)]) -> Seen {
    let authority = Authority::start(|_, _| ok(json!({}))).await;
    assert_delivered(&Setup::new(&authority, auth, secrets).deliver().await);
    assert_eq!(authority.requests(), 1);
    authority.seen("/api").pop().unwrap()
}

#[tokio::test]
async fn a_header_carries_the_secret() {
    let auth = json!({"type": "header", "name": "X-Api-Key", "value": "key {{ secret.key }}"});
    assert_eq!(request(auth, &[("key", "k3y")]).await.header("x-api-key"), "key k3y");
    let auth = json!({"type": "header", "value": "{{ secret.missing }}"});
    assert_eq!(request(auth, &[]).await.headers.get("authorization"), None, "nothing is no header");
}

#[tokio::test]
async fn a_query_carries_the_secret_encoded() {
    let auth = json!({"type": "query", "name": "access key", "value": "{{ secret.key }}"});
    assert_eq!(request(auth, &[("key", "k&3=y")]).await.path, "/api?a=1&access+key=k%263%3Dy");
}

#[tokio::test]
async fn basic_carries_user_and_password() {
    let auth = json!({"type": "basic", "user": "Aladdin", "password": "{{ secret.password }}"});
    let seen = request(auth, &[("password", "open sesame")]).await;
    assert_eq!(seen.header("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

#[tokio::test]
async fn a_signature_covers_the_request_as_it_is_sent() {
    let auth = json!({
        "type": "hmac", "hash": "sha512", "key": "{{ secret.key }}", "encoding": "hex",
        "over": "{{ method }} {{ path }}\n{{ timestamp }}\n{{ body }}",
        "headers": {"x-signature": "v1={{ signature }}", "x-time": "{{ timestamp }}", "x-key": "{{ input.id }}"}
    });
    let seen = request(auth, &[("key", "k3y-for-signatures")]).await;
    let over = format!("POST /api?a=1\n{}\n{}", seen.header("x-time"), seen.body);
    assert_eq!(seen.body, r#"{"text":"hello"}"#);
    let sum = Hmac::<Sha512>::new_from_slice(b"k3y-for-signatures").unwrap().chain_update(over);
    let hex: String = sum.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(seen.header("x-signature"), format!("v1={hex}"));
    let age = jiff::Timestamp::now().as_second() - seen.header("x-time").parse::<i64>().unwrap();
    assert!((0..=5).contains(&age), "{age}");
}

#[tokio::test]
async fn a_webhook_is_signed_by_the_standard() {
    let auth = json!({"type": "standardWebhooks", "secret": "{{ secret.signing }}"});
    let seen = request(auth, &[("signing", SECRET)]).await;
    let mut headers = hyper::HeaderMap::new();
    for (name, value) in &seen.headers {
        headers.insert(hyper::header::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    standardwebhooks::Webhook::new(SECRET).unwrap().verify(seen.body.as_bytes(), &headers).unwrap();
    assert!(seen.header("webhook-id").starts_with("dlv_"));
    let auth = json!({"type": "standardWebhooks", "secret": "{{ secret.signing }}"});
    assert_eq!(request(auth, &[]).await.headers.get("webhook-signature"), None, "unsigned without a secret");
}

/// `POST /login` takes user and password and gives a session, in the body and in a header; the API takes the second.
fn crm(seen: &Seen, count: usize) -> Reply {
    match (seen.path.as_str(), seen.header("admin-token")) {
        ("/login", _) if seen.body != r#"{"password":"pa55-word","username":"web"}"# => {
            refusal(200, json!({"code": 302, "msg": "wrong"}))
        }
        ("/login", _) => {
            Reply(200, vec![("x-session", format!("session-{count}"))], json!({"code": 0, "data": {"id": 7}}))
        }
        (_, "session-2/7") => ok(json!({})),
        _ => refusal(401, json!({})),
    }
}

fn login() -> Value {
    json!({
        "type": "login",
        "request": {"path": "/login", "body": {"username": "web", "password": "{{ secret.password }}"}},
        "successCriteria": ["status == 200", "body.code == 0"],
        "outputs": {"session": "{{ headers['x-session'] }}", "id": "{{ body.data.id }}"},
        "expiresIn": "{{ 3600 * 24 }}",
        "apply": {"header": "Admin-Token", "value": "{{ token.session }}/{{ token.id }}"}
    })
}

#[tokio::test]
async fn a_login_gives_a_session_which_is_renewed_when_it_is_refused() {
    let authority = Authority::start(crm).await;
    let setup = Setup::new(&authority, login(), &[("password", "pa55-word")]);
    for _ in 0..3 {
        assert_delivered(&setup.deliver().await);
    }
    assert_eq!((authority.seen("/login").len(), authority.seen("/api").len()), (2, 4));
}

/// What an answer means is said once, for logins too; but a login gives up no delivery.
#[tokio::test]
async fn a_login_is_judged_by_the_errors_of_its_file() {
    for (class, wanted) in [
        ("rate", Outcome::Retry { class: Class::Rate, after: Some(Duration::from_secs(90)) }),
        ("retry", Outcome::Retry { class: Class::Rejected, after: None }),
        ("permanent", Outcome::Retry { class: Class::Auth, after: None }),
    ] {
        let authority = Authority::start(crm).await;
        let mut error = json!({"when": "body.code == 302", "class": class});
        if class == "rate" {
            error["retryAfter"] = json!(90);
        }
        let mut login = login();
        login.as_object_mut().unwrap().remove("successCriteria");
        let members = json!({"auth": login, "errors": [error]});
        let report = Setup::of(&authority, members, &[("password", "wrong-word")]).deliver().await;
        assert_eq!((report.outcome, authority.requests()), (wanted, 1), "{class}: {report:?}");
    }
}

#[tokio::test]
async fn a_login_that_fails_by_its_body_sends_nothing_more() {
    let authority = Authority::start(crm).await;
    let report = Setup::new(&authority, login(), &[("password", "wrong-word")]).deliver().await;
    assert_eq!(
        report.error.as_deref(),
        Some("step send: the CRM's login answered 200 without a token, and `body.code == 0` does not hold")
    );
    assert_eq!(authority.requests(), 1);
}
