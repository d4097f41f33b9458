//! Which pages may call, and the headers every answer has.

use axum::http::Method;
use bytes::Bytes;
use crm_widgets::config::Settings;

use super::{Gateway, ORIGIN, site};
use crate::support::database::Database;

const PATH: &str = "/v1/sites/clinic/challenge?form=enquiry";

#[tokio::test(flavor = "multi_thread")]
async fn only_listed_origins_may_call_compared_exactly() {
    let gateway = Gateway::start().await;
    let own = format!("http://{}", gateway.address);
    for origin in [ORIGIN, &own] {
        let reply = gateway.get(PATH, &[("origin", origin)]).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, origin));
        assert_eq!(reply.header("vary"), "origin");
    }
    let foreign = [
        "null",
        "https://example.com",
        "http://www.example.com",
        "https://www.example.com:444",
        "https://www.example.com.evil.example",
        "https://evil.example/https://www.example.com",
        "https://WWW.example.com",
        "https://www.example.com/",
    ];
    for origin in foreign {
        let reply = gateway.get(PATH, &[("origin", origin)]).await;
        assert_eq!((reply.status, reply.problem().as_str()), (403, "origin-refused"), "{origin}");
        assert_eq!(reply.header("access-control-allow-origin"), "");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preflight_is_answered_and_remembered() {
    let gateway = Gateway::start().await;
    let ask = |origin: &'static str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let gateway = &gateway;
        async move { gateway.send(Method::OPTIONS, "/v1/sites/clinic/submissions", &headers, Bytes::new()).await }
    };
    let yes = ask(ORIGIN).await;
    assert_eq!((yes.status, yes.header("access-control-allow-origin")), (204, ORIGIN));
    assert!(yes.header("access-control-allow-headers").contains("idempotency-key"));
    assert_eq!(yes.header("access-control-max-age"), "7200");
    assert_eq!(ask("https://evil.example").await.status, 403);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn public_bytes_are_for_everyone_and_files_for_no_page() {
    let gateway = Gateway::start().await;
    let evil = [("origin", "https://evil.example")];
    let view = gateway.get("/view/contact/clinic/enquiry", &evil).await;
    assert_eq!((view.status, view.header("access-control-allow-origin")), (200, "*"));
    let file = gateway.get("/v1/uploads/upl_00000000000000000000000000000000", &evil).await;
    assert_eq!((file.status, file.header("access-control-allow-origin")), (401, ""));
    assert_eq!(file.header("www-authenticate"), "Bearer");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_security_headers() {
    let settings =
        Settings { public_url: Some("https://forms.example.com".to_owned()), ..Settings::default() };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    for path in
        ["/healthz", PATH, "/view/contact/clinic/enquiry", "/f/clinic/enquiry", "/nothing", "/openapi.json"]
    {
        let reply = gateway.get(path, &[]).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(reply.header("strict-transport-security").starts_with("max-age="), "{path}");
        assert_eq!(reply.header("server"), "", "{path}");
    }
    gateway.stop().await;
}
