use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::frappe;

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let token = format!("token {}:{}", secret(crm, "api_key"), secret(crm, "api_secret"));
    let (method, path) = what.split_once(' ').unwrap();
    crm.ask(&format!("{method} /api/resource/{path}"), &[("authorization", &token)], body)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_a_note_a_comment_and_an_event() {
    let crm = Fake::start(&frappe::CRM).await;
    let lead = json!({"first_name": "Wei", "email": "wei@example.com", "mobile_no": "+8613800138000", "status": "New"});
    let id = text(&ask(&crm, "POST CRM%20Lead", lead).await.json(), "/data/name");
    let note = json!({"title": "Enquiry", "content": "Hello", "reference_doctype": "CRM Lead", "reference_docname": id});
    assert_eq!(ask(&crm, "POST FCRM%20Note", note).await.status, 200);
    let comment = json!({"comment_type": "Comment", "content": "Again", "reference_doctype": "CRM Lead", "reference_name": id});
    assert_eq!(ask(&crm, "POST Comment", comment).await.status, 200);
    let event = json!({"subject": "Visit", "starts_on": "2026-11-23 18:00:00", "ends_on": "2026-11-23 18:30:00", "event_type": "Private",
        "event_participants": [{"reference_doctype": "CRM Lead", "reference_docname": id}]});
    assert_eq!(ask(&crm, "POST Event", event).await.status, 200);
    let filters = "GET CRM%20Lead?filters=%5B%5B%22email%22,%22=%22,%22wei@example.com%22%5D%5D&fields=%5B%22name%22%5D&limit_page_length=1";
    assert_eq!(ask(&crm, filters, Value::Null).await.json()["data"], json!([{"name": id}]));
    assert_eq!((crm.notes().len(), crm.notes()[1].person.clone()), (2, id));
    assert_eq!(crm.meetings()[0].start, "2026-11-23T10:00:00Z");
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn answers_409_to_a_known_address_in_erpnext() {
    let crm = Fake::start(&frappe::CRM).await;
    let lead = json!({"lead_name": "Wei Wang", "email_id": "wei@example.com", "source": "Reference"});
    assert_eq!(ask(&crm, "POST Lead", lead.clone()).await.status, 200);
    let again = ask(&crm, "POST Lead", lead).await;
    assert_eq!((again.status, text(&again.json(), "/exc_type")), (409, "DuplicateEntryError".to_owned()));
    assert_eq!((crm.people().len(), crm.complaints()), (1, vec![]));
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&frappe::CRM).await;
    for (what, body, status, name) in [
        ("POST CRM%20Lead", json!({"status": "New"}), 417, "ValidationError"),
        (
            "POST CRM%20Lead",
            json!({"first_name": "Wei", "source": "Website form"}),
            417,
            "LinkValidationError",
        ),
        (
            "POST CRM%20Lead",
            json!({"first_name": "Wei", "mobile_no": "13800138000"}),
            417,
            "InvalidPhoneNumberError",
        ),
        ("POST FCRM%20Note", json!({"content": "Hello"}), 417, "MandatoryError"),
        (
            "POST FCRM%20Note",
            json!({"title": "x", "reference_doctype": "CRM Lead", "reference_docname": "none"}),
            417,
            "LinkValidationError",
        ),
        (
            "POST Event",
            json!({"subject": "Visit", "starts_on": "2026-11-23T10:00:00Z", "event_type": "Private"}),
            500,
            "OperationalError",
        ),
        ("GET CRM%20Lead/none", Value::Null, 404, "DoesNotExistError"),
        ("GET Enquiry", Value::Null, 404, "DoesNotExistError"),
    ] {
        let answer = ask(&crm, what, body).await;
        assert_eq!((answer.status, text(&answer.json(), "/exc_type").as_str()), (status, name), "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (8, 0));
    assert_eq!(crm.ask("GET /api/resource/CRM%20Lead", &[], Value::Null).await.unwrap().status, 403);
    let wrong = [("authorization", "token x:y")];
    assert_eq!(crm.ask("GET /api/resource/CRM%20Lead", &wrong, Value::Null).await.unwrap().status, 401);
}
