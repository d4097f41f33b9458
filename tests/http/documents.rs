//! What the gateway says about itself.

use std::collections::BTreeSet;

use crm_widgets::connector::event;
use crm_widgets::definitions::connection::EVENTS;
use crm_widgets::http::all_routes;
use crm_widgets::http::problem::Code;

use super::{Gateway, answers, key};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_in_the_openapi_document_and_nothing_else_is() {
    let gateway = Gateway::start().await;
    let reply = gateway.get("/openapi.json", &[]).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    let document = reply.json();
    assert_eq!(document["openapi"], "3.1.0");
    let documented: BTreeSet<&str> =
        document["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    let (_, table, _) = all_routes().into_parts();
    assert_eq!(documented, table.patterns().iter().copied().collect());
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            assert!(ids.insert(operation["operationId"].as_str().expect("an id")), "{method} {path}");
            let named = path.matches('{').count();
            let parameters = operation["parameters"].as_array().map_or(0, |parameters| {
                parameters.iter().filter(|parameter| parameter["in"] == "path").count()
            });
            assert_eq!(named, parameters, "{method} {path}");
        }
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_says_what_a_crm_receives() {
    let gateway = Gateway::start().await;
    let document = gateway.get("/openapi.json", &[]).await.json();
    let webhooks = document["webhooks"].as_object().expect("an object");
    assert_eq!(webhooks.len(), 8, "a submission, six of appointments, one of the waitlist");
    let mut ids = BTreeSet::new();
    for (kind, webhook) in webhooks {
        assert!(EVENTS.contains(&kind.as_str()), "{kind} is none that a connection can ask for");
        let webhook = &webhook["post"];
        assert!(ids.insert(webhook["operationId"].as_str().expect("an id")), "{kind}");
        let schema = &webhook["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(
            (schema, &schema["properties"]["type"]["const"]),
            (&event::schema(kind), &kind.as_str().into())
        );
        let headers: Vec<_> =
            webhook["parameters"].as_array().expect("headers").iter().map(|header| &header["name"]).collect();
        assert_eq!(headers, ["webhook-id", "webhook-timestamp", "webhook-signature"]);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_a_security_scheme_and_a_page_may_refuse_as_a_problem_may() {
    let gateway = Gateway::start().await;
    let document = gateway.get("/openapi.json", &[]).await.json();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let named = parameters.filter(|parameter| parameter["name"] == "Authorization").count();
            assert_eq!(named, 0, "{method} {path}");
        }
    }
    let book = &document["paths"]["/v1/sites/{site}/appointments"]["post"];
    assert_eq!(book["security"], serde_json::json!([{}, {"bearer": []}]), "only with a hold");
    let posted = &document["paths"]["/b/{site}"]["post"]["responses"];
    for (status, wanted) in [("400", &["application/problem+json", "text/html"][..]), ("413", &["text/html"])]
    {
        let media: Vec<&str> =
            posted[status]["content"].as_object().expect("content").keys().map(String::as_str).collect();
        assert_eq!(media, wanted, "{status}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_of_the_document_leads_somewhere() {
    let gateway = Gateway::start().await;
    let document = gateway.get("/openapi.json", &[]).await.json();
    let text = document.to_string();
    for part in text.split("\"#").skip(1) {
        let pointer = part.split('"').next().expect("a pointer");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_problem_is_explained_at_its_address() {
    let gateway = Gateway::start().await;
    for code in Code::ALL {
        let reply = gateway.get(&format!("/problems/{}", code.as_str()), &[]).await;
        assert_eq!(reply.status, 200);
        assert!(reply.text().contains(code.title()));
    }
    assert_eq!(gateway.get("/problems/nothing", &[]).await.status, 404);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_and_forms_are_public_and_in_one_language() {
    let gateway = Gateway::start().await;
    let site = gateway.get("/v1/sites/clinic", &[]).await.json();
    assert_eq!(site["languages"], serde_json::json!(["en", "zh-CN", "zh-TW"]));
    assert!(!site.to_string().contains("crm.invalid"), "where submissions go is nobody's business");
    let form = gateway.get("/v1/sites/clinic/forms/enquiry?lang=zh", &[]).await.json();
    assert_eq!((&form["lang"], &form["form"]["title"]), (&"zh-CN".into(), &"在线咨询".into()));
    let schema = gateway.get("/schemas/form.json", &[]).await;
    assert_eq!(schema.header("content-type"), "application/schema+json");
    schema.json();
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_by_route_and_never_by_address() {
    let gateway = Gateway::start().await;
    gateway.submit(&key(1), answers()).await;
    for number in 0..50 {
        gateway.get(&format!("/made/up/{number}"), &[]).await;
    }
    let metrics = gateway.get("/metrics", &[]).await;
    let text = metrics.text();
    assert!(
        text.contains("crm_requests_total{route=\"/v1/sites/{site}/submissions\",status=\"201\"} 1"),
        "{text}"
    );
    assert!(text.contains("crm_requests_total{route=\"-\",status=\"404\"} 50"));
    assert!(text.contains("crm_submissions_total{spam=\"no\"} 1"));
    assert!(text.contains("crm_deliveries{site=\"clinic\",connection=\"crm\",state=\"waiting\"} 1"));
    assert!(text.contains("crm_connection_paused{site=\"clinic\",connection=\"crm\"} 0"));
    assert!(!text.contains("/made/up"));
    assert_eq!(gateway.get("/healthz", &[]).await.status, 200);
    assert_eq!(gateway.get("/readyz", &[]).await.status, 200);
    gateway.stop().await;
}
