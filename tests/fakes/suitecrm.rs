use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::suitecrm;

const TYPE: &str = "application/vnd.api+json";
const ID: &str = "0c5e9b2e-6e0f-5b53-9d0c-4b1a5a0f7e11";

async fn ask(crm: &Fake, what: &str, kind: &str, body: Value) -> Answer {
    let body_of_token = json!({"grant_type": "client_credentials", "client_id": secret(crm, "client_id"), "client_secret": secret(crm, "client_secret")});
    let token = crm.ask("POST /legacy/Api/access_token", &[], body_of_token).await.unwrap().json();
    let bearer = format!("Bearer {}", text(&token, "/access_token"));
    let (method, path) = what.split_once(' ').unwrap();
    let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
    crm.ask(&format!("{method} /legacy/Api/V8/module{path}"), &headers, body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_with_its_own_id_a_note_and_a_meeting() {
    let crm = Fake::start(&suitecrm::CRM).await;
    let lead = json!({"data": {"type": "Leads", "id": ID, "attributes": {"last_name": "Wang", "email1": "wei@example.com"}}});
    let made = ask(&crm, "POST ", TYPE, lead.clone()).await;
    assert_eq!((made.status, text(&made.json(), "/data/type")), (201, "Lead".to_owned()));
    let again = ask(&crm, "POST ", TYPE, lead).await;
    assert_eq!(
        (again.status, text(&again.json(), "/errors/detail")),
        (400, format!("Bean Leads with id {ID} is already exist"))
    );
    assert_eq!(
        ask(&crm, &format!("GET /Leads/{ID}/relationships/notes"), TYPE, Value::Null)
            .await
            .json()
            .get("data"),
        None
    );
    let note = json!({"data": {"type": "Notes", "attributes": {"name": "Enquiry", "description": "Hello", "parent_type": "Leads", "parent_id": ID}}});
    let note = ask(&crm, "POST ", TYPE, note).await.json();
    let linked = ask(&crm, &format!("GET /Leads/{ID}/relationships/notes"), TYPE, Value::Null).await.json();
    assert_eq!(linked["data"][0]["id"], note["data"]["id"]);
    let times = json!({"name": "Visit", "date_start": "2026-11-23 10:00:00", "duration_hours": 0, "duration_minutes": 30, "status": "Planned"});
    let meeting = text(
        &ask(&crm, "POST ", TYPE, json!({"data": {"type": "Meetings", "attributes": times}})).await.json(),
        "/data/id",
    );
    let link = json!({"data": {"type": "Leads", "id": ID}});
    assert_eq!(ask(&crm, &format!("POST /Meetings/{meeting}/relationships"), TYPE, link).await.status, 201);
    let found = crm.meetings()[0].clone();
    assert_eq!(
        (found.person.as_str(), found.end.as_str(), found.cancelled),
        (ID, "2026-11-23T10:30:00Z", false)
    );
    let cancel = json!({"data": {"type": "Meetings", "id": meeting, "attributes": {"status": "Not Held"}}});
    assert_eq!(ask(&crm, "PATCH ", TYPE, cancel).await.status, 201);
    assert!(crm.meetings()[0].cancelled);
    let filtered = ask(&crm, "GET /Leads?filter%5Blast_name%5D%5Beq%5D=Wang", TYPE, Value::Null).await.json();
    assert_eq!(text(&filtered, "/data/0/id"), ID);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&suitecrm::CRM).await;
    let lead = json!({"data": {"type": "Leads", "attributes": {"last_name": "Wang"}}});
    assert_eq!(ask(&crm, "POST ", "application/json", lead).await.status, 415);
    for (what, body) in [
        ("POST ", json!({"data": {"type": "Leads", "attributes": {"colour": "red"}}})),
        ("POST ", json!({"data": {"type": "Lead", "attributes": {}}})),
        (
            "POST ",
            json!({"data": {"type": "Meetings", "attributes": {"date_start": "2026-11-23T10:00:00Z"}}}),
        ),
        ("PATCH ", json!({"data": {"type": "Leads", "id": ID, "attributes": {}}})),
        ("GET /Leads/none", Value::Null),
        ("GET /Leads?filter%5Bemail1%5D%5Beq%5D=wei%40example.com", Value::Null),
        ("GET /Leads?filter%5Blast_name%5D%5Bcontains%5D=Wang", Value::Null),
    ] {
        assert_eq!(ask(&crm, what, TYPE, body).await.status, 400, "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (8, 0));
    let answer = crm.ask("GET /Api/V8/module/Leads", &[], Value::Null).await.unwrap();
    assert_eq!((answer.status, text(&answer.json(), "/error")), (401, "access_denied".to_owned()));
}
