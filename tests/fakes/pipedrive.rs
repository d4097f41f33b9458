use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::pipedrive;

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    crm.ask(what, &[("x-api-token", &secret(crm, "token"))], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_person_a_lead_a_note_and_an_activity() {
    let crm = Fake::start(&pipedrive::CRM).await;
    let person = json!({"name": "Wei Wang", "emails": [{"value": "wei@example.com", "primary": true, "label": "work"}]});
    let id = ask(&crm, "POST /api/v2/persons", person).await.json()["data"]["id"].clone();
    let search = "GET /api/v2/persons/search?term=WEI%40example.com&fields=email&exact_match=true&limit=1";
    assert_eq!(ask(&crm, search, Value::Null).await.json()["data"]["items"][0]["item"]["id"], id);
    let lead = text(
        &ask(&crm, "POST /api/v1/leads", json!({"title": "Enquiry", "person_id": id})).await.json(),
        "/data/id",
    );
    assert_eq!(
        ask(&crm, "POST /api/v1/notes", json!({"content": "Hello", "lead_id": lead})).await.status,
        201
    );
    assert_eq!(
        ask(&crm, "POST /api/v1/notes", json!({"content": "Hello again", "person_id": id})).await.status,
        201
    );
    let listed = ask(&crm, &format!("GET /v1/notes?person_id={id}"), Value::Null).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let activity = json!({"subject": "Visit", "type": "meeting", "due_date": "2026-11-23", "due_time": "10:00", "duration": "00:30",
        "participants": [{"person_id": id, "primary": true}]});
    assert_eq!(ask(&crm, "POST /api/v2/activities", activity).await.status, 201);
    let (meeting, person) = (crm.meetings()[0].clone(), id.to_string());
    assert_eq!(
        (meeting.start.as_str(), meeting.end.as_str()),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z")
    );
    assert!(meeting.person == person && crm.notes().iter().all(|note| note.person == person));
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&pipedrive::CRM).await;
    crm.add_field("0123456789012345678901234567890123456789");
    let own = json!({"name": "Wei", "custom_fields": {"0123456789012345678901234567890123456789": "sub_1"}});
    let id = ask(&crm, "POST /api/v2/persons", own).await.json()["data"]["id"].clone();
    for (what, body) in [
        ("POST /api/v2/persons", json!({"emails": []})),
        ("POST /api/v2/persons", json!({"name": "Wei", "email": "wei@example.com"})),
        ("POST /api/v2/persons", json!({"name": "Wei", "emails": ["wei@example.com"]})),
        ("POST /api/v2/persons", json!({"name": "Wei", "custom_fields": {"marker": "sub_1"}})),
        ("POST /api/v2/activities", json!({"subject": "Visit", "person_id": id})),
        ("POST /api/v2/activities", json!({"subject": "Visit", "due_time": "2026-11-23T10:00:00Z"})),
        ("POST /api/v1/notes", json!({"content": "Hello"})),
        ("POST /api/v1/notes", json!({"content": "Hello", "person_id": 1})),
        ("POST /api/v1/leads", json!({"title": "Enquiry"})),
        ("GET /api/v2/persons/search?term=w", Value::Null),
    ] {
        assert_eq!(ask(&crm, what, body).await.status, 400, "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len(), crm.notes()), (10, 1, vec![]));
    assert_eq!(crm.ask("GET /api/v2/persons/1", &[], Value::Null).await.unwrap().status, 401);
}
