use serde_json::{Value, json};

use crate::support::crms::ask::Answer;
use crate::support::crms::espocrm;
use crate::support::crms::fake::Fake;

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    crm.ask(what, &[("x-api-key", &crm.secrets()["api_key"])], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_a_post_and_a_meeting() {
    let crm = Fake::start(&espocrm::CRM).await;
    let lead = json!({"firstName": "Wei", "lastName": "Wang", "emailAddress": "wei@example.com", "phoneNumber": "+8613800138000"});
    let id = ask(&crm, "POST /api/v1/Lead", lead).await.json()["id"].as_str().unwrap().to_owned();
    let post = json!({"type": "Post", "parentType": "Lead", "parentId": id, "post": "Hello"});
    assert_eq!(ask(&crm, "POST /api/v1/Note", post).await.status, 200);
    let meeting = json!({"name": "Visit", "dateStart": "2026-11-23 10:00:00", "dateEnd": "2026-11-23 10:30:00",
        "parentType": "Lead", "parentId": id, "leadsIds": [id]});
    assert_eq!(ask(&crm, "POST /api/v1/Meeting", meeting).await.status, 200);
    let posts = ask(&crm, &format!("GET /api/v1/Lead/{id}/posts"), Value::Null).await.json();
    assert_eq!((&posts["total"], &posts["list"][0]["post"]), (&json!(1), &json!("Hello")));
    let where_ = "where[0][type]=equals&where[0][attribute]=emailAddress&where[0][value]=wei%40example.com";
    let found = ask(
        &crm,
        &format!("GET /api/v1/Lead?{}", where_.replace('[', "%5B").replace(']', "%5D")),
        Value::Null,
    )
    .await;
    assert_eq!(found.json()["list"][0]["id"], id);
    assert_eq!(
        (crm.notes()[0].person.as_str(), crm.meetings()[0].end.as_str()),
        (id.as_str(), "2026-11-23T10:30:00Z")
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn answers_a_duplicate_with_what_it_found() {
    let crm = Fake::start(&espocrm::CRM).await;
    let lead = json!({"lastName": "Wang", "emailAddress": "wei@example.com"});
    let id = ask(&crm, "POST /api/v1/Lead", lead.clone()).await.json()["id"].clone();
    let again = ask(&crm, "POST /api/v1/Lead", lead.clone()).await;
    assert_eq!(
        (again.status, &again.headers["x-status-reason"], &again.json()[0]["id"]),
        (409, &"duplicate".to_owned(), &id)
    );
    let key = crm.secrets()["api_key"].clone();
    let skipping = [("x-api-key", key.as_str()), ("x-skip-duplicate-check", "true")];
    assert_eq!(crm.ask("POST /api/v1/Lead", &skipping, lead).await.unwrap().status, 200);
    assert_eq!(crm.people().len(), 2);
}

#[tokio::test]
async fn captures_a_lead_without_saying_its_id() {
    let crm = Fake::start(&espocrm::CRM).await;
    let path = format!("POST /api/v1/LeadCapture/{}", crm.secrets()["lead_capture_key"]);
    let answer =
        crm.ask(&path, &[], json!({"lastName": "Wang", "emailAddress": "wei@example.com"})).await.unwrap();
    assert_eq!((answer.status, answer.text()), (200, "true"));
    assert_eq!(crm.people().len(), 1);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&espocrm::CRM).await;
    for body in [
        json!({"firstName": "Wei"}),
        json!({"lastName": "Wang", "emailAddress": "wei"}),
        json!({"lastName": "Wang", "emailAddress": ""}),
        json!({"lastName": "Wang", "phoneNumber": "138 0013 8000"}),
        json!({"lastName": "Wang", "source": "Website"}),
    ] {
        assert_eq!(ask(&crm, "POST /api/v1/Lead", body).await.status, 400);
    }
    let meeting =
        json!({"name": "Visit", "dateStart": "2026-11-23T10:00:00Z", "dateEnd": "2026-11-23T10:30:00Z"});
    assert_eq!(ask(&crm, "POST /api/v1/Meeting", meeting).await.status, 400);
    assert_eq!(ask(&crm, "GET /api/v1/Lead/none", Value::Null).await.status, 404);
    assert_eq!(crm.complaints().len(), 7);
    assert_eq!(crm.ask("POST /api/v1/Lead", &[], json!({"lastName": "Wang"})).await.unwrap().status, 401);
    assert_eq!((crm.people(), crm.meetings()), (vec![], vec![]));
}
