use std::time::Duration;

use crm_widgets::connector::client::{Client, Destination, RequestError};
use crm_widgets::store::deliveries::State;
use hyper::{HeaderMap, Method};
use tokio::net::TcpListener;

use super::{Outbox, connection, quick};
use crate::support::crm::{Answer, Crm};

#[tokio::test]
async fn a_redirect_is_refused_and_not_followed() {
    let (crm, elsewhere) = (Crm::start().await, Crm::start().await);
    crm.next([Answer::Redirect(elsewhere.url.clone())]);
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    let delivered = outbox.wait_for(State::Delivered).await;
    assert_eq!(delivered[0].attempts[0].outcome, "redirect");
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_private_address_is_refused_unless_definition_and_settings_allow_it() {
    let crm = Crm::start().await;
    let mut guarded = connection("crm", &crm);
    guarded.allow_private = false;
    let outbox = Outbox::start(vec![guarded.clone()], quick()).await;
    outbox.accept(&["crm"]).await;
    let exhausted = outbox.wait_for(State::Exhausted).await;
    assert_eq!(exhausted[0].reason.as_deref(), Some("settings"), "http needs to be allowed too");
    guarded.url = Some(crm.url.replace("http:", "https:"));
    let outbox = Outbox::start(vec![guarded], quick()).await;
    outbox.accept(&["crm"]).await;
    let exhausted = outbox.wait_for(State::Exhausted).await;
    assert_eq!(exhausted[0].reason.as_deref(), Some("address"));
    let mut unnamed = connection("crm", &crm);
    unnamed.url = Some(crm.url.replace("127.0.0.1", "localhost"));
    let outbox = Outbox::start(vec![unnamed], quick()).await;
    outbox.accept(&["crm"]).await;
    outbox.wait_for(State::Exhausted).await;
    assert_eq!(crm.connections(), 0);
}

/// Hosts of machines that are nobody's public host, in the notations a URL parser or a resolver may understand.
/// `{p}` is the port something listens on.
const HOSTS: &[&str] = &include!("hostile_hosts.in");

#[tokio::test]
async fn no_hostile_url_is_connected_to() {
    let listeners = [
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("[::1]:0").await.unwrap(),
        TcpListener::bind("0.0.0.0:0").await.unwrap(),
    ];
    let client = Client::new().unwrap();
    let mut tried = 0;
    for listener in &listeners {
        let port = listener.local_addr().unwrap().port();
        for host in HOSTS {
            let url = format!("https://{host}").replace("{p}", &port.to_string());
            let limit = Duration::from_secs(2);
            let destination = Destination { url: &url, limit, trusted: false };
            match client.send(&destination, Method::POST, HeaderMap::new(), "{}".into()).await {
                Err(RequestError::Url | RequestError::Refused(_)) => tried += 1,
                // A notation that is taken for a name, and there is no such name.
                Err(RequestError::Network(cause)) if cause.contains("lookup") => tried += 1,
                other => panic!("{url}: {other:?}"),
            }
        }
    }
    for scheme in ["http", "ftp", "file", "gopher", "ws", "unix", "data", "javascript", "HTTP"] {
        let url = format!("{scheme}://127.0.0.1:{}/", listeners[0].local_addr().unwrap().port());
        let destination = Destination { url: &url, limit: Duration::from_secs(2), trusted: false };
        let answer = client.send(&destination, Method::POST, HeaderMap::new(), "{}".into()).await;
        assert!(matches!(answer, Err(RequestError::Url | RequestError::Plain)), "{url}: {answer:?}");
        tried += 1;
    }
    for listener in listeners {
        let knock = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(knock.is_err(), "somebody came to {:?}", listener.local_addr());
    }
    assert!(tried >= 600, "{tried}");
}
