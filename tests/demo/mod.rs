//! The page that plays the CRM.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use crm_widgets::connector::signature::Secrets;
use crm_widgets::demo::router;
use serde_json::{Value, json};
use tower_service::Service;

use crate::support::crm::SECRET;
use crate::support::database::Database;

async fn demo() -> Router {
    router(Database::sqlite().open().await, Some(SECRET))
}

async fn send(demo: &mut Router, request: Request<Body>) -> (StatusCode, Vec<u8>) {
    let response = demo.call(request).await.unwrap();
    let status = response.status();
    (status, to_bytes(response.into_body(), usize::MAX).await.unwrap().into())
}

fn hook(id: &str, secret: &str) -> Request<Body> {
    let event = json!({"type": "submission.created", "data": {
        "form": "enquiry", "receipt": "K7QM-2F9X", "answers": {"name": "王芳"},
        "fields": [{"name": "name", "type": "text", "label": "姓名"}]
    }});
    let body = event.to_string();
    let now = jiff::Timestamp::now().as_second();
    let signature = Secrets::parse(secret).unwrap().sign(id, now, body.as_bytes());
    Request::post("/demo/crm/hook")
        .header("webhook-id", id)
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(body.into())
        .unwrap()
}

async fn tell(demo: &mut Router, mode: &str) {
    let request = Request::post("/demo/crm/mode").header("content-type", "application/json");
    let (status, _) = send(demo, request.body(json!({"mode": mode}).to_string().into()).unwrap()).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

async fn state(demo: &mut Router) -> Value {
    let (status, body) = send(demo, Request::get("/demo/crm/state").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn it_takes_a_delivery_once_and_shows_every_attempt() {
    let mut demo = demo().await;
    for (mode, answer) in [("fail", 500), ("busy", 429), ("accept", 200), ("accept", 409)] {
        tell(&mut demo, mode).await;
        let (status, _) = send(&mut demo, hook("dlv_1", SECRET)).await;
        assert_eq!(status, answer, "{mode}");
    }
    let state = state(&mut demo).await;
    assert_eq!(state["arrived"], 1);
    let record = &state["records"][0];
    let answers: Vec<_> =
        record["attempts"].as_array().unwrap().iter().map(|attempt| &attempt["answer"]).collect();
    assert_eq!(answers, [500, 429, 200, 409]);
    assert_eq!(record["fields"][0]["answer"], "王芳");
}

#[tokio::test]
async fn it_refuses_a_forged_signature() {
    let mut demo = demo().await;
    let (status, _) = send(&mut demo, hook("dlv_1", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(state(&mut demo).await["arrived"], 0);
}

#[tokio::test]
async fn it_knows_nothing_of_what_it_has_not_accepted() {
    let mut demo = demo().await;
    tell(&mut demo, "fail").await;
    send(&mut demo, hook("dlv_1", SECRET)).await;
    let state = state(&mut demo).await;
    assert_eq!(state["records"][0]["accepted"], false);
    assert_eq!(state["records"][0]["fields"], json!([]));
}
