use crm_widgets::connector::{Class, Outcome};
use serde_json::{Value, json};

use super::{Setup, assert_delivered, delivery};
use crate::support::authority::{Authority, Seen, ok, refusal};

const PASSWORD: &str = "pa55/wörd &co";
const SECRETS: &[(&str, &str)] = &[("key", PASSWORD)];

/// Everything that was received, in the forms in which servers like to repeat it.
fn echo(seen: &Seen) -> Value {
    let php = serde_json::to_string(&seen.body).unwrap().replace('/', "\\/");
    json!({"headers": seen.headers, "path": seen.path, "body": seen.body, "php": php})
}

/// Every `auth` that carries the password, or something made of it.
fn every_auth() -> Vec<Value> {
    let oauth = |client_in: &str| {
        json!({
            "type": "oauth2", "grant": "client_credentials", "tokenUrl": "{{ url }}/token", "clientIn": client_in,
            "clientId": "client-4711", "clientSecret": "{{ secret.key }}"
        })
    };
    vec![
        json!({"type": "header", "name": "x-key", "value": "{{ secret.key | base64 }}"}),
        json!({"type": "query", "name": "key", "value": "{{ secret.key }}"}),
        json!({"type": "basic", "user": "me", "password": "{{ secret.key }}"}),
        json!({"type": "hmac", "key": "{{ secret.key }}", "over": "{{ path }}", "headers": {"x-sum": "{{ signature }}"}}),
        json!({"type": "login", "request": {"path": "/token", "form": {"password": "{{ secret.key }}"}},
               "outputs": {"access_token": "{{ body.access_token }}"}}),
        oauth("body"),
        oauth("basic"),
        oauth("json"),
    ]
}

/// Whatever in the requests nobody may read afterwards.
fn sensitive(authority: &Authority) -> Vec<String> {
    let mut texts = vec!["pa55".to_owned(), "cGE1NS93".to_owned(), "tok3n-from-the-server".to_owned()];
    for seen in authority.seen("/api").iter().chain(&authority.seen("/token")) {
        let credentials = ["authorization", "x-key", "x-sum"].map(|name| seen.header(name).to_owned());
        texts.extend(credentials.into_iter().filter(|text| !text.is_empty()));
    }
    texts
}

#[tokio::test]
async fn no_secret_is_recorded_when_the_crm_repeats_the_request() {
    for auth in every_auth() {
        let authority = Authority::start(|seen, _| match seen.path.as_str() {
            "/token" => ok(json!({"access_token": "tok3n-from-the-server"})),
            _ => refusal(400, echo(seen)),
        });
        let authority = authority.await;
        let report = Setup::new(&authority, auth.clone(), SECRETS).deliver().await;
        let shown = format!("{report:?} {}", report.body);
        assert!(shown.contains("•••") && shown.contains("hello"), "{auth}: {shown}");
        for text in sensitive(&authority) {
            assert!(!shown.contains(&text), "{auth}: {text} in {shown}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_recorded_when_the_token_server_repeats_the_request() {
    for auth in every_auth().into_iter().skip(5) {
        let authority = Authority::start(|seen, count| {
            // Wherever the words are cut, no secret is cut in two.
            let words = format!("{}{}", "-".repeat(count * 7), echo(seen));
            refusal(400, json!({"error": "invalid_client", "error_description": words}))
        });
        let authority = authority.await;
        let setup = Setup::new(&authority, auth.clone(), SECRETS);
        for _ in 0..40 {
            let report = setup.deliver().await;
            assert_eq!(report.outcome, Outcome::Retry { class: Class::Auth, after: None });
            let shown = format!("{report:?}");
            for text in sensitive(&authority) {
                assert!(!shown.contains(&text), "{auth}: {text} in {shown}");
            }
        }
    }
}

#[tokio::test]
async fn who_looks_on_sees_requests_and_answers_without_secrets() {
    for auth in every_auth() {
        let authority = Authority::start(|seen, _| match seen.path.as_str() {
            "/token" => ok(json!({"access_token": "tok3n-from-the-server", "echo": echo(seen)})),
            _ => ok(echo(seen)),
        });
        let authority = authority.await;
        let setup = Setup::new(&authority, auth.clone(), SECRETS);
        let shown = std::sync::Mutex::new(String::new());
        let watch = |text: &str| shown.lock().unwrap().push_str(text);
        let delivery = delivery();
        let mut ledger = setup.book.open(delivery.id);
        let report =
            setup.connector.deliver_watched(&setup.connection, &delivery, &mut ledger, Some(&watch)).await;
        assert_delivered(&report);
        let shown = shown.into_inner().unwrap();
        assert!(shown.contains("/api"), "{shown}");
        for text in sensitive(&authority) {
            assert!(!shown.contains(&text), "{auth}: {text} in {shown}");
        }
    }
}

#[tokio::test]
async fn a_secret_is_sent_to_no_host_that_it_was_not_set_up_for() {
    let stranger = Authority::start(|_, _| ok(json!({"access_token": "token"}))).await;
    let there = stranger.url.clone();
    let authority =
        Authority::start(move |_, _| ok(json!({"access_token": "token", "instance_url": there}))).await;
    let oauth = |url: &str| {
        json!({"type": "oauth2", "grant": "client_credentials", "tokenUrl": url, "clientId": "client-4711",
               "clientSecret": "{{ secret.key }}"})
    };
    let login = json!({"type": "login", "request": {"url": format!("{{{{ '' }}}}{}/login", stranger.url)}, "outputs": {"a": "b"}});
    for members in [
        json!({"auth": oauth("{{ url }}/token"), "server": "{{ token.instance_url }}"}),
        json!({"auth": oauth(&format!("{{{{ '' }}}}{}/token", stranger.url))}),
        json!({"auth": login}),
    ] {
        let report = Setup::of(&authority, members.clone(), SECRETS).deliver().await;
        assert_eq!(report.outcome, Outcome::Retry { class: Class::Settings, after: None }, "{members}");
        let error = report.error.unwrap();
        assert!(
            error.contains(stranger.url.trim_start_matches("http://")) && error.contains("\"hosts\""),
            "{error}"
        );
    }
    assert_eq!(stranger.requests(), 0);
}
