use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::krayin;

const JSON: (&str, &str) = ("accept", "application/json");

async fn token(crm: &Fake) -> String {
    let body =
        json!({"email": secret(crm, "email"), "password": secret(crm, "password"), "device_name": "gateway"});
    format!("Bearer {}", text(&crm.ask("POST /api/v1/login", &[JSON], body).await.unwrap().json(), "/token"))
}

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let (method, path) = what.split_once(' ').unwrap();
    let token = token(crm).await;
    crm.ask(&format!("{method} /api/v1/{path}"), &[JSON, ("authorization", &token)], body)
        .await
        .expect("an answer")
}

fn lead(email: &str) -> Value {
    json!({"title": "Enquiry", "lead_value": 0, "lead_source_id": 1, "lead_type_id": 1, "lead_pipeline_stage_id": 1, "entity_type": "leads",
        "person": {"name": "Wei Wang", "emails": [{"value": email, "label": "work"}], "contact_numbers": [{"value": "+8613800138000", "label": "work"}]}})
}

#[tokio::test]
async fn takes_a_lead_a_note_and_a_meeting() {
    let crm = Fake::start(&krayin::CRM).await;
    let made = ask(&crm, "POST leads/leads", lead("wei@example.com")).await;
    let id = made.json()["data"]["id"].clone();
    assert_eq!((made.status, crm.people()[0].email.as_str()), (200, "wei@example.com"));
    assert_eq!(
        ask(&crm, "POST activities", json!({"type": "note", "comment": "Hello", "lead_id": id})).await.status,
        200
    );
    let visit = json!({"type": "meeting", "title": "Visit", "schedule_from": "2026-11-23 10:00:00", "schedule_to": "2026-11-23 10:30:00", "lead_id": id});
    assert_eq!(ask(&crm, "POST activities", visit).await.status, 200);
    let listed = ask(&crm, &format!("GET leads/{id}/activities"), Value::Null).await.json();
    assert_eq!(
        (text(&listed, "/data/1/comment"), text(&listed, "/data/0/title")),
        ("Hello".to_owned(), "Visit".to_owned())
    );
    assert_eq!(ask(&crm, "GET leads?title=Enquiry", Value::Null).await.json()["data"][0]["id"], id);
    let search = "contacts/persons/search?search=emails:wei@example.com&searchFields=emails:like";
    let persons = ask(&crm, &format!("GET {search}"), Value::Null).await.json();
    let search = format!("GET leads/search?search=person_id:{}", persons["data"][0]["id"]);
    assert_eq!(ask(&crm, &search, Value::Null).await.json()["data"][0]["id"], id);
    let known = json!({"id": persons["data"][0]["id"], "name": "Wei Wang"});
    let mut second = lead("wei@example.com");
    second["person"] = known;
    assert_eq!(ask(&crm, "POST leads", second).await.status, 200);
    assert_eq!(
        (crm.notes()[0].person.clone(), crm.meetings()[0].person.clone()),
        (id.to_string(), id.to_string())
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn answers_422_to_a_known_address() {
    let crm = Fake::start(&krayin::CRM).await;
    ask(&crm, "POST leads/leads", lead("wei@example.com")).await;
    let again = ask(&crm, "POST leads/leads", lead("wei@example.com")).await;
    assert_eq!((again.status, crm.people().len(), crm.complaints()), (422, 1, vec![]));
    assert!(again.json()["errors"].get("person.emails.0.value").is_some());
}

#[tokio::test]
async fn refuses_a_meeting_at_the_time_of_another_unless_others_take_part() {
    let crm = Fake::start(&krayin::CRM).await;
    let visit = |participants: Value| {
        json!({"type": "meeting", "schedule_from": "2026-11-23 10:00:00", "schedule_to": "2026-11-23 10:30:00",
            "participants": participants})
    };
    for (participants, status) in [
        (json!({"users": [], "persons": [7]}), 200),
        (json!({"users": [], "persons": [8]}), 200),
        (json!({"users": [], "persons": [7]}), 400),
        (Value::Null, 400),
    ] {
        let answer = ask(&crm, "POST activities", visit(participants.clone())).await;
        assert_eq!(answer.status, status, "{participants}");
    }
    assert_eq!(crm.meetings().len(), 2);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&krayin::CRM).await;
    let without = |name: &str| {
        let mut lead = lead("wei@example.com");
        lead.as_object_mut().unwrap().remove(name);
        lead
    };
    for (what, body, status) in [
        ("POST leads/leads", without("title"), 422),
        ("POST leads/leads", without("person"), 422),
        ("POST leads/leads", lead("wei"), 422),
        ("POST leads/leads", without("lead_pipeline_stage_id"), 500),
        ("POST activities", json!({"type": "note"}), 422),
        (
            "POST activities",
            json!({"type": "meeting", "schedule_from": "2026-11-23T10:00:00Z", "schedule_to": "2026-11-23 10:30:00"}),
            500,
        ),
        ("POST activities", json!({"type": "note", "comment": "Hello", "lead_id": 7}), 500),
        ("GET leads/7", Value::Null, 404),
        ("GET leads/search?search=description:Hello&searchFields=description:like", Value::Null, 500),
    ] {
        assert_eq!(ask(&crm, what, body).await.status, status, "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (9, 0));
    let token = token(&crm).await;
    let page = crm.ask("POST /api/v1/leads/leads", &[("authorization", &token)], json!({})).await.unwrap();
    assert_eq!((page.status, crm.complaints().len()), (302, 10));
    assert_eq!(crm.ask("GET /api/v1/leads", &[JSON], Value::Null).await.unwrap().status, 401);
}
