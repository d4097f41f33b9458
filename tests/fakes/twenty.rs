use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::twenty;

const ID: &str = "0c5e9b2e-6e0f-5b53-9d0c-4b1a5a0f7e11";

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {}", secret(crm, "api_key"));
    let (method, path) = what.split_once(' ').unwrap();
    crm.ask(&format!("{method} /rest/{path}"), &[("authorization", &bearer)], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_person_with_its_own_id_a_note_and_an_event() {
    let crm = Fake::start(&twenty::CRM).await;
    let person = json!({"id": ID, "name": {"firstName": "Wei", "lastName": "Wang"}, "emails": {"primaryEmail": "wei@example.com"},
        "phones": {"primaryPhoneNumber": "13800138000", "primaryPhoneCallingCode": "+86"}});
    let made = ask(&crm, "POST people", person.clone()).await;
    assert_eq!((made.status, text(&made.json(), "/data/createPerson/id")), (201, ID.to_owned()));
    let again = ask(&crm, "POST people", person).await;
    assert_eq!((again.status, text(&again.json(), "/error")), (400, "QueryFailedError".to_owned()));
    let note = text(
        &ask(&crm, "POST notes", json!({"title": "Enquiry", "bodyV2": {"markdown": "Hello"}})).await.json(),
        "/data/createNote/id",
    );
    assert_eq!(crm.notes()[0].person, "");
    assert_eq!(ask(&crm, "POST noteTargets", json!({"noteId": note, "personId": ID})).await.status, 201);
    assert_eq!((crm.notes()[0].person.as_str(), crm.people()[0].phone.as_str()), (ID, "+8613800138000"));
    let targets =
        ask(&crm, &format!("GET noteTargets?filter=personId%5Beq%5D:%22{ID}%22&limit=1"), Value::Null)
            .await
            .json();
    assert_eq!((text(&targets, "/data/noteTargets/0/noteId"), &targets["totalCount"]), (note, &json!(1)));
    let found = ask(&crm, "GET people?filter=emails.primaryEmail%5Beq%5D:%22wei@example.com%22", Value::Null)
        .await
        .json();
    assert_eq!(text(&found, "/data/people/0/id"), ID);
    let event =
        json!({"title": "Visit", "startsAt": "2026-11-23T10:00:00Z", "endsAt": "2026-11-23T10:30:00Z"});
    let event = text(&ask(&crm, "POST calendarEvents", event).await.json(), "/data/createCalendarEvent/id");
    assert_eq!(
        ask(&crm, "POST calendarEventParticipants", json!({"calendarEventId": event, "personId": ID}))
            .await
            .status,
        201
    );
    assert_eq!(crm.meetings()[0].person, ID);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&twenty::CRM).await;
    for (what, body) in [
        ("POST people", json!({"email": "wei@example.com"})),
        ("POST people", json!({"emails": {"primary": "wei@example.com"}})),
        ("POST people", json!({"id": "sub_1"})),
        ("POST noteTargets", json!({"noteId": ID, "personId": ID})),
        ("POST leads", json!({})),
        ("GET people?filter=colour%5Beq%5D:red", Value::Null),
        ("GET people?filter=email", Value::Null),
    ] {
        assert_eq!(ask(&crm, what, body).await.status, 400, "{what}");
    }
    assert_eq!(ask(&crm, &format!("GET people/{ID}"), Value::Null).await.status, 404);
    assert_eq!((crm.complaints().len(), crm.people().len()), (8, 0));
    let answer = crm.ask("GET /rest/people", &[], Value::Null).await.unwrap();
    assert_eq!((answer.status, text(&answer.json(), "/error")), (401, "UNAUTHENTICATED".to_owned()));
}
