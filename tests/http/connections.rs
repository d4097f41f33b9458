//! Connections: slow ones are closed, honest ones are answered, and stopping loses nothing.

use std::time::{Duration, Instant};

use crm_widgets::config::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::{Gateway, answers, key, site};
use crate::support::database::Database;

/// A connection from that address of this machine, once it was answered; `None` where it was closed instead.
async fn answered(gateway: &Gateway, from: &str) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(format!("{from}:0").parse().expect("an address")).expect("it is this machine's");
    let mut stream = socket.connect(gateway.address).await.expect("a connection");
    // What is closed while this is under way is closed too.
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.ok()?;
    let mut answer = vec![0; 1_000];
    let read = stream.read(&mut answer).await.ok()?;
    answer.get(..read).is_some_and(|answer| answer.starts_with(b"HTTP/1.1 200")).then_some(stream)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_another_is_answered_all_the_same() {
    let settings = Settings { visitor_connections: Some(3), ..Settings::default() };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(answered(&gateway, "127.0.0.1").await.expect("one of three"));
    }
    for _ in 0..3 {
        assert!(answered(&gateway, "127.0.0.1").await.is_none(), "a fourth");
    }
    let counted = async |gateway: &Gateway| {
        let mut stream = answered(gateway, "127.0.0.3").await.expect("the operator's");
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await
            .expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("the counters");
        text.lines()
            .find_map(|line| line.strip_prefix("crm_connections_turned_away_total "))
            .map(str::to_owned)
    };
    assert_eq!(counted(&gateway).await.as_deref(), Some("3"));
    let other = answered(&gateway, "127.0.0.2").await;
    assert!(other.is_some(), "somebody else's first");
    // The place of one that is closed is free again.
    open.pop();
    let again = async {
        while answered(&gateway, "127.0.0.1").await.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), again).await.expect("its place is free again");
    drop((open, other));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_has_as_many_connections_as_there_are() {
    let proxies = |networks: &[&str]| Some(networks.iter().map(|network| (*network).to_owned()).collect());
    for (most, trusted_proxies, expected) in
        [(2, proxies(&["127.0.0.0/8"]), 10), (0, None, 10), (2, proxies(&["10.0.0.0/8"]), 2)]
    {
        let settings = Settings { visitor_connections: Some(most), trusted_proxies, ..Settings::default() };
        let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
        let mut open = Vec::new();
        for _ in 0..10 {
            open.extend(answered(&gateway, "127.0.0.1").await);
        }
        assert_eq!(open.len(), expected, "{most}");
        drop(open);
        gateway.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_headers_are_closed_and_honest_requests_answered_meanwhile() {
    let gateway = Gateway::start().await;
    let mut open = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow:").await.expect("sent");
        open.push(stream);
    }
    let started = Instant::now();
    assert_eq!(gateway.submit(&key(1), answers()).await.status, 201);
    assert!(started.elapsed() < Duration::from_secs(1));
    let closed = async {
        for stream in &mut open {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), closed).await.expect("all are closed within 15 s");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stalls_is_answered_408() {
    let gateway = Gateway::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
    let head = "POST /v1/sites/clinic/submissions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                idempotency-key: 0123456789abcdef\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = vec![0; 1_000];
    let read = tokio::time::timeout(Duration::from_secs(15), stream.read(&mut answer)).await;
    let read = read.expect("within 15 s").expect("an answer");
    assert!(answer.get(..read).expect("some bytes").starts_with(b"HTTP/1.1 408"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_the_request_under_way_and_takes_no_new_ones() {
    let gateway = Gateway::start().await;
    let address = gateway.address;
    let body = serde_json::json!({"form": "enquiry", "answers": answers()}).to_string();
    let (first, rest) = body.split_at(body.len() / 2);
    let head = format!(
        "POST /v1/sites/clinic/submissions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         idempotency-key: 0123456789abcdef\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("sent");
    // It asks for the body: the request is under way.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.expect("it goes on");
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).await.expect("sent");
    let stopping = tokio::spawn(gateway.stop());
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), refused).await.expect("new ones are refused");
    stream.write_all(rest.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer, then the end");
    assert!(answer.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer));
    stopping.await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_does_not_keep_the_gateway_from_stopping() {
    let gateway = Gateway::start().await;
    assert_eq!(gateway.get("/healthz", &[]).await.status, 200);
    let started = Instant::now();
    gateway.stop().await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
