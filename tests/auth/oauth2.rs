use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_widgets::connector::ledger::{Ledger, LinkKey, Lost, Reserved, StepState};
use crm_widgets::connector::memory::MemoryLedger;
use crm_widgets::connector::{Class, Outcome};
use serde_json::{Value, json};

use super::{Setup, assert_delivered, delivery};
use crate::support::authority::{Authority, Reply, Seen, ok, refusal};

const SECRETS: &[(&str, &str)] = &[("id", "client-4711"), ("secret", "s3cret/with+signs")];

/// Client credentials from `/token`, with more members.
fn client_credentials(more: Value) -> Value {
    let mut auth = json!({
        "type": "oauth2", "grant": "client_credentials", "tokenUrl": "{{ url }}/token",
        "clientId": "{{ secret.id }}", "clientSecret": "{{ secret.secret }}"
    });
    auth.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    auth
}

/// Gives `token-1`, `token-2` …; the API takes any.
fn counting(seen: &Seen, count: usize) -> Reply {
    match seen.path.as_str() {
        "/token" => ok(
            json!({"access_token": format!("token-{count}-long"), "token_type": "Bearer", "expires_in": 3600}),
        ),
        _ => ok(json!({})),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_deliveries_at_once_fetch_one_token() {
    let authority = Authority::start(counting).await;
    let setup = Arc::new(Setup::new(&authority, client_credentials(json!({})), SECRETS));
    let deliveries: Vec<_> = (0..50)
        .map(|_| {
            let setup = setup.clone();
            tokio::spawn(async move { setup.deliver().await })
        })
        .collect();
    for delivery in deliveries {
        assert_delivered(&delivery.await.unwrap());
    }
    assert_eq!(authority.seen("/token").len(), 1);
    let calls = authority.seen("/api");
    assert_eq!(calls.len(), 50);
    assert!(calls.iter().all(|call| call.header("authorization") == "Bearer token-1-long"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waited_for_a_refusal_does_not_ask_again() {
    let authority = Authority::start(|_, _| refusal(401, json!({"error": "invalid_client"}))).await;
    let setup = Arc::new(Setup::new(&authority, client_credentials(json!({})), SECRETS));
    let deliver = || async { setup.deliver().await };
    let reports = futures_util::future::join_all((0..50).map(|_| deliver())).await;
    for report in reports {
        assert_eq!(report.outcome, Outcome::Retry { class: Class::Auth, after: None }, "{report:?}");
    }
    assert_eq!(authority.requests(), 1, "one to the token server, none to the CRM");
    setup.deliver().await;
    assert_eq!(authority.requests(), 2, "who comes later asks again");
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    let authority = Authority::start(|seen, _| match seen.path.as_str() {
        "/token" => ok(json!({"access_token": "token", "expires_in": "2"})),
        _ => ok(json!({})),
    });
    let authority = authority.await;
    let setup = Setup::new(&authority, client_credentials(json!({})), SECRETS);
    for _ in 0..3 {
        assert_delivered(&setup.deliver().await);
    }
    assert_eq!(authority.seen("/token").len(), 1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_delivered(&setup.deliver().await);
    assert_eq!(authority.seen("/token").len(), 2);
}

#[tokio::test]
async fn a_token_that_the_crm_refuses_is_replaced_once() {
    let authority = Authority::start(|seen, count| match seen.header("authorization") {
        "Bearer token-1-long" => refusal(401, json!({})),
        _ => counting(seen, count),
    });
    let authority = authority.await;
    let setup = Setup::new(&authority, client_credentials(json!({})), SECRETS);
    assert_delivered(&setup.deliver().await);
    assert_eq!((authority.seen("/token").len(), authority.seen("/api").len()), (2, 2));
    assert_delivered(&setup.deliver().await);
    assert_eq!(authority.seen("/token").len(), 2, "the second one is kept");
}

#[tokio::test]
async fn an_attempt_does_not_ask_for_a_third_token() {
    let authority = Authority::start(|seen, count| match seen.path.as_str() {
        "/token" => counting(seen, count),
        _ => refusal(401, json!({})),
    });
    let authority = authority.await;
    let setup = Setup::new(&authority, client_credentials(json!({})), SECRETS);
    let report = setup.deliver().await;
    assert_eq!(report.outcome, Outcome::Retry { class: Class::Auth, after: None });
    assert_eq!((authority.seen("/token").len(), authority.seen("/api").len()), (2, 2));
}

#[tokio::test]
async fn the_client_names_itself_where_it_is_told_to() {
    let authority = Authority::start(counting).await;
    for (client_in, kind) in [("body", "application/x-www-form-urlencoded"), ("json", "application/json")] {
        let more =
            json!({"clientIn": client_in, "scope": "crm leads", "parameters": {"resource": "{{ url }}"}});
        assert_delivered(&Setup::new(&authority, client_credentials(more), SECRETS).deliver().await);
        let request = authority.seen("/token").pop().unwrap();
        assert_eq!((request.header("content-type"), request.header("accept")), (kind, "application/json"));
        let json: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let parameter = |name: &str| json[name].as_str().map_or_else(|| request.form(name), str::to_owned);
        assert_eq!(parameter("grant_type"), "client_credentials");
        assert_eq!(parameter("client_id"), "client-4711");
        assert_eq!(parameter("client_secret"), "s3cret/with+signs");
        assert_eq!(parameter("scope"), "crm leads");
        assert_eq!(parameter("resource"), authority.url);
        assert_eq!(request.header("authorization"), "");
    }
    let basic = client_credentials(json!({"clientIn": "basic"}));
    assert_delivered(&Setup::new(&authority, basic, SECRETS).deliver().await);
    let request = authority.seen("/token").pop().unwrap();
    // base64("client-4711:s3cret%2Fwith%2Bsigns"): both parts form-encoded, RFC 6749, 2.3.1.
    assert_eq!(request.header("authorization"), "Basic Y2xpZW50LTQ3MTE6czNjcmV0JTJGd2l0aCUyQnNpZ25z");
    assert_eq!(request.body, "grant_type=client_credentials");
}

/// A refresh token is good for one use; each answer has the next one, `refresh-1`, `refresh-2` …
fn rotating(seen: &Seen, count: usize) -> Reply {
    match seen.path.as_str() {
        "/token" if seen.form("refresh_token") == format!("refresh-{}", count - 1) => ok(json!({
            "access_token": format!("access-{count}-long"), "refresh_token": format!("refresh-{count}"), "expires_in": 3600
        })),
        "/token" => refusal(400, json!({"error": "invalid_grant"})),
        _ => ok(json!({})),
    }
}

fn refreshing() -> Value {
    json!({
        "type": "oauth2", "grant": "refresh_token", "tokenUrl": "{{ url }}/token", "clientId": "{{ secret.id }}",
        "clientSecret": "{{ secret.secret }}", "refreshToken": "{{ secret.first }}"
    })
}

fn with_first(first: &str) -> [(&str, &str); 3] {
    [SECRETS[0], SECRETS[1], ("first", first)]
}

#[tokio::test]
async fn the_newest_refresh_token_outlives_a_restart() {
    let authority = Authority::start(rotating).await;
    let mut setup = Setup::new(&authority, refreshing(), &with_first("refresh-0"));
    for _ in 0..4 {
        assert_delivered(&setup.deliver().await);
        setup.restart();
    }
    let used: Vec<_> = authority.seen("/token").iter().map(|request| request.form("refresh_token")).collect();
    assert_eq!(used, ["refresh-0", "refresh-1", "refresh-2", "refresh-3"]);
}

/// The ledger of a database that goes away when a refresh token is to be kept.
struct Forgetful(MemoryLedger);

impl Ledger for Forgetful {
    fn steps(&self) -> &BTreeMap<String, StepState> {
        self.0.steps()
    }

    async fn reserve(&mut self, links: &[LinkKey]) -> Result<Reserved, Lost> {
        self.0.reserve(links).await
    }

    async fn started(&mut self, step: &str) -> Result<(), Lost> {
        self.0.started(step).await
    }

    async fn finished(
        &mut self,
        step: &str,
        outputs: &Value,
        remember: Vec<(LinkKey, String)>,
    ) -> Result<(), Lost> {
        self.0.finished(step, outputs, remember).await
    }

    async fn refresh_token(&mut self) -> Result<Option<String>, Lost> {
        self.0.refresh_token().await
    }

    async fn keep_refresh_token(&mut self, _: Option<&str>, _: &str) -> Result<String, Lost> {
        Err(Lost)
    }
}

#[tokio::test]
async fn a_refresh_token_that_the_database_did_not_take_is_not_lost() {
    let authority = Authority::start(rotating).await;
    let mut setup = Setup::new(&authority, refreshing(), &with_first("refresh-0"));
    let delivery = delivery();
    let mut ledger = Forgetful(setup.book.open(delivery.id));
    let report = setup.connector.deliver(&setup.connection, &delivery, &mut ledger).await;
    assert!(matches!(report.outcome, Outcome::Later { .. }), "{report:?}");
    assert_delivered(&setup.deliver().await);
    setup.restart();
    assert_delivered(&setup.deliver().await);
    let used: Vec<_> = authority.seen("/token").iter().map(|request| request.form("refresh_token")).collect();
    assert_eq!(used, ["refresh-0", "refresh-1", "refresh-2"]);
}

#[tokio::test]
async fn a_new_first_refresh_token_is_used_when_the_kept_one_is_refused() {
    let authority =
        Authority::start(|seen, _| match (seen.path.as_str(), seen.form("refresh_token").as_str()) {
            ("/token", "refresh-old") => {
                ok(json!({"access_token": "access-old", "refresh_token": "refresh-dead"}))
            }
            ("/token", "refresh-dead") => refusal(400, json!({"error": "invalid_grant"})),
            ("/token", _) => ok(json!({"access_token": "access-new"})),
            _ => ok(json!({})),
        });
    let authority = authority.await;
    let mut setup = Setup::new(&authority, refreshing(), &with_first("refresh-old"));
    assert_delivered(&setup.deliver().await);
    let secrets = Setup::new(&authority, refreshing(), &with_first("refresh-new")).connection.secrets;
    setup.connection.secrets = secrets;
    for _ in 0..2 {
        assert_delivered(&setup.deliver().await);
        setup.restart();
    }
    let used: Vec<_> = authority.seen("/token").iter().map(|request| request.form("refresh_token")).collect();
    assert_eq!(used, ["refresh-old", "refresh-dead", "refresh-new", "refresh-new"]);
    assert_eq!(authority.seen("/api").pop().unwrap().header("authorization"), "Bearer access-new");
}

#[tokio::test]
async fn a_refused_refresh_token_is_an_auth_failure() {
    let refused = json!({"error": "invalid_grant", "error_description": "Token has been revoked."});
    let authority = Authority::start(move |_, _| refusal(400, refused.clone())).await;
    let report = Setup::new(&authority, refreshing(), &with_first("refresh-0")).deliver().await;
    assert_eq!(report.outcome, Outcome::Retry { class: Class::Auth, after: None });
    let error = report.error.unwrap();
    assert!(
        error.ends_with("the token server answered 400: invalid_grant Token has been revoked."),
        "{error}"
    );
    assert_eq!(authority.requests(), 1);
}

#[tokio::test]
async fn a_token_server_in_trouble_is_asked_again_later() {
    let after = |seconds| Some(Duration::from_secs(seconds));
    let too_many = json!({"error": "Access Denied", "error_description": "You have made too many requests continuously."});
    for (reply, class, wait) in [
        (Reply(429, vec![("retry-after", "600".into())], json!({})), Class::Rate, after(600)),
        (Reply(503, vec![("retry-after", "7".into())], json!({})), Class::Server, after(7)),
        (refusal(500, json!("<html>")), Class::Server, None),
        (refusal(400, json!({"error": "temporarily_unavailable"})), Class::Server, None),
        (refusal(400, too_many.clone()), Class::Rate, None),
        (refusal(302, json!({})), Class::Redirect, None),
        (refusal(404, json!({})), Class::Settings, None),
        (refusal(200, json!("a login page")), Class::Settings, None),
        (refusal(200, json!({"error": "invalid_code"})), Class::Auth, None),
    ] {
        let said = (reply.0, reply.2.clone());
        let reply = Arc::new(reply);
        let authority = Authority::start(move |_, _| Reply(reply.0, reply.1.clone(), reply.2.clone())).await;
        let report = Setup::new(&authority, client_credentials(json!({})), SECRETS).deliver().await;
        assert_eq!(report.outcome, Outcome::Retry { class, after: wait }, "{said:?}");
        assert_eq!(authority.requests(), 1, "nothing is sent to the CRM");
    }
}

#[tokio::test]
async fn the_answer_of_the_token_server_may_name_the_server() {
    let authority = Authority::start(|seen, _| match seen.path.as_str() {
        "/token" => {
            ok(json!({"access_token": "token", "api_path": "/eu1", "refresh_token": "not-for-templates"}))
        }
        _ => ok(json!({})),
    });
    let authority = authority.await;
    let members = json!({
        "auth": client_credentials(json!({"apply": {
            "header": "x-session", "value": "{{ token.access_token }} {{ (token | items | map('first') | select('equalto', 'refresh_token') | list | length) or '' }}"
        }})),
        "server": "{{ url }}{{ token.api_path }}"
    });
    assert_delivered(&Setup::of(&authority, members, SECRETS).deliver().await);
    let call = authority.seen("/eu1/api").pop().unwrap();
    assert_eq!(call.header("x-session").trim(), "token");
}

#[tokio::test]
async fn a_changed_secret_or_definition_gets_a_new_token() {
    let authority = Authority::start(counting).await;
    let mut setup = Setup::new(&authority, client_credentials(json!({})), SECRETS);
    let path = setup.directory.path().join("secret");
    std::fs::write(&path, "first\n").unwrap();
    let file = serde_json::from_value(json!({"file": path})).unwrap();
    setup.connection.secrets.insert("secret".into(), file);
    let tokens = async |setup: &Setup| {
        assert_delivered(&setup.deliver().await);
        assert_delivered(&setup.deliver().await);
        authority.seen("/token").pop().unwrap().form("client_secret")
    };
    assert_eq!(tokens(&setup).await, "first");
    std::fs::write(&path, "second").unwrap();
    assert_eq!(tokens(&setup).await, "second");
    setup.connection.inputs.insert("tenant".into(), 7.into());
    tokens(&setup).await;
    assert_eq!(authority.seen("/token").len(), 3);
}
