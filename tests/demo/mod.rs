//! The page that plays the CRM.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use crm_widgets::connector::signature::Secrets;
use crm_widgets::demo::router;
use crm_widgets::store::pauses::{Cause, Pause};
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

#[tokio::test]
async fn a_paused_connection_is_shown_and_resumed_with_a_click() {
    let database = Database::sqlite();
    let store = database.open().await;
    let mut demo = router(store.clone(), Some(SECRET));
    let connection = ("clinic".to_owned(), "crm".to_owned());
    let (cause, reason) = (Cause::Manual, "server (status 500)".to_owned());
    store.run(Pause { connection, cause, reason, now: 1 }).await.unwrap();
    let paused = state(&mut demo).await["gateway"]["paused"][0].clone();
    assert_eq!((&paused["connection"], &paused["reason"]), (&"crm".into(), &"server (status 500)".into()));
    let resume = |kind| {
        let body = json!({"site": "clinic", "connection": "crm"}).to_string();
        Request::post("/demo/crm/resume").header("content-type", kind).body(body.into()).unwrap()
    };
    let (status, _) = send(&mut demo, resume("text/plain")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "as another site's form would");
    let (status, _) = send(&mut demo, resume("application/json")).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(state(&mut demo).await["gateway"]["paused"], json!([]));
}
