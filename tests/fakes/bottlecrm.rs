use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::bottlecrm;
use crate::support::crms::fake::Fake;

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {}", secret(crm, "token"));
    crm.ask(what, &[("authorization", &bearer)], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_a_comment_and_a_task() {
    let crm = Fake::start(&bottlecrm::CRM).await;
    let lead =
        json!({"first_name": "Wei", "last_name": "Wang", "email": "wei@example.com", "source": "other"});
    let made = ask(&crm, "POST /api/leads/", lead).await;
    let id = text(&made.json(), "/id");
    assert_eq!((made.status, &made.json()["error"]), (200, &json!(false)));
    assert_eq!(ask(&crm, &format!("POST /api/leads/{id}/"), json!({"comment": "Hello"})).await.status, 200);
    let page = ask(&crm, &format!("GET /api/leads/{id}/"), Value::Null).await.json();
    assert_eq!(
        (text(&page, "/lead_obj/email"), text(&page, "/comments/0/comment")),
        ("wei@example.com".to_owned(), "Hello".to_owned())
    );
    let list = ask(&crm, "GET /api/leads/?email=wei@example.com", Value::Null).await.json();
    assert_eq!(text(&list, "/open_leads/open_leads/0/id"), id);
    let task = json!({"title": "Visit", "status": "New", "priority": "Medium", "due_date": "2026-11-23", "lead": id});
    assert_eq!(ask(&crm, "POST /api/tasks/", task).await.json().get("id"), None);
    assert_eq!((crm.notes()[0].person.clone(), crm.meetings()[0].person.clone()), (id.clone(), id));
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn answers_400_to_a_known_address() {
    let crm = Fake::start(&bottlecrm::CRM).await;
    ask(&crm, "POST /api/leads/", json!({"email": "wei@example.com"})).await;
    let again = ask(&crm, "POST /api/leads/", json!({"email": "WEI@example.com"})).await;
    let reason = "Another lead in this organisation already uses that email address.";
    assert_eq!((again.status, text(&again.json(), "/errors/email/0").as_str()), (400, reason));
    assert_eq!((crm.people().len(), crm.complaints()), (1, vec![]));
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&bottlecrm::CRM).await;
    for (what, body, status) in [
        ("POST /api/leads/", json!({"email": "wei"}), 400),
        ("POST /api/leads/", json!({"source": "website"}), 400),
        ("POST /api/tasks/", json!({"title": "Visit"}), 400),
        ("POST /api/leads/none/", json!({"comment": "Hello"}), 404),
        ("POST /api/leads", json!({}), 404),
    ] {
        assert_eq!(ask(&crm, what, body).await.status, status, "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (5, 0));
    assert_eq!(crm.ask("GET /api/leads/", &[], Value::Null).await.unwrap().status, 403);
}
