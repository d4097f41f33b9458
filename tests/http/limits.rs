//! Limits refuse the one who sends too much and nobody else.

use crm_widgets::config::Settings;

use super::{Gateway, answers, key, site};
use crate::support::database::Database;

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_beyond_the_limit_is_told_when_to_come_back_and_others_are_not_affected() {
    let settings = Settings {
        visitor_submissions: Some(3),
        trusted_proxies: Some(vec!["127.0.0.0/8".to_owned()]),
        ..Settings::default()
    };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    let submit = |number: u32, address: &'static str| {
        let key = key(number);
        let body = serde_json::json!({"form": "enquiry", "answers": answers()}).to_string();
        let gateway = &gateway;
        async move {
            let headers = [
                ("content-type", "application/json"),
                ("idempotency-key", key.as_str()),
                ("x-forwarded-for", address),
            ];
            gateway.post("/v1/sites/clinic/submissions", &headers, body).await
        }
    };
    for number in 0..3 {
        assert_eq!(submit(number, "198.51.100.1").await.status, 201);
    }
    let refused = submit(3, "198.51.100.1").await;
    assert_eq!((refused.status, refused.problem().as_str()), (429, "too-many-requests"));
    let seconds: u32 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=20).contains(&seconds), "{seconds}");
    // Made-up addresses left of the visitor's own change nothing.
    assert_eq!(submit(4, "203.0.113.77, 198.51.100.1").await.status, 429);
    assert_eq!(submit(5, "198.51.100.2").await.status, 201);
    // One household has all addresses of a /64.
    for (number, address) in ["2001:db8::1", "2001:db8::2", "2001:db8::3"].into_iter().enumerate() {
        assert_eq!(submit(10 + number as u32, address).await.status, 201);
    }
    assert_eq!(submit(20, "2001:db8::4").await.status, 429);
    assert_eq!(submit(21, "2001:db8:0:1::4").await.status, 201);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_has_a_limit_of_its_own() {
    let mut site = site();
    site["limits"] = serde_json::json!({"submissionsPerMinute": 2});
    let gateway = Gateway::with(Database::sqlite(), Settings::default(), site).await;
    assert_eq!(gateway.submit(&key(1), answers()).await.status, 201);
    assert_eq!(gateway.submit(&key(2), answers()).await.status, 201);
    assert_eq!(gateway.submit(&key(3), answers()).await.status, 429);
    gateway.stop().await;
}
