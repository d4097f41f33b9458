use serde_json::{Value, json};

use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::hubspot;

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {}", crm.secrets()["token"]);
    crm.ask(what, &[("authorization", &bearer)], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_contact_a_note_and_a_meeting() {
    let crm = Fake::start(&hubspot::CRM).await;
    let contact = json!({"inputs": [{"idProperty": "email", "id": "wei@example.com", "properties": {"phone": "+8613800138000"}}]});
    let upserted = ask(&crm, "POST /crm/v3/objects/contacts/batch/upsert", contact.clone()).await;
    assert_eq!((upserted.status, &upserted.json()["results"][0]["new"]), (200, &json!(true)));
    let id = upserted.json()["results"][0]["id"].clone();
    let again = ask(&crm, "POST /crm/v3/objects/contacts/batch/upsert", contact).await.json();
    assert_eq!((&again["results"][0]["id"], &again["results"][0]["new"]), (&id, &json!(false)));

    let to = |number: u32| json!([{"to": {"id": id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]}]);
    let note = json!({"properties": {"hs_timestamp": "2026-11-21T08:15:30Z", "hs_note_body": "Hello"}, "associations": to(202)});
    let note = ask(&crm, "POST /crm/v3/objects/notes", note).await;
    assert_eq!(note.status, 201);
    let times = json!({"hs_timestamp": "2026-11-21T08:15:30Z", "hs_meeting_title": "Visit",
        "hs_meeting_start_time": "2026-11-23T18:00:00+08:00", "hs_meeting_end_time": "2026-11-23T10:30:00Z"});
    let meeting =
        ask(&crm, "POST /crm/v3/objects/meetings", json!({"properties": times, "associations": to(200)}))
            .await;
    assert_eq!(meeting.status, 201);

    let listed = ask(
        &crm,
        &format!("GET /crm/v3/objects/contacts/{}/associations/notes", id.as_str().unwrap()),
        Value::Null,
    )
    .await;
    assert_eq!(listed.json()["results"], json!([{"id": note.json()["id"], "type": "contact_to_note"}]));
    let filter = json!({"filterGroups": [{"filters": [{"propertyName": "associations.contact", "operator": "EQ", "value": id}]}]});
    assert_eq!(ask(&crm, "POST /crm/v3/objects/notes/search", filter).await.json()["total"], 1);
    assert_eq!((crm.people()[0].email.as_str(), crm.notes()[0].text.as_str()), ("wei@example.com", "Hello"));
    assert_eq!(
        (crm.meetings()[0].start.as_str(), crm.meetings()[0].cancelled),
        ("2026-11-23T10:00:00Z", false)
    );
    let meeting = format!("PATCH /crm/v3/objects/meetings/{}", crm.meetings()[0].id);
    ask(&crm, &meeting, json!({"properties": {"hs_meeting_outcome": "CANCELED"}})).await;
    assert!(crm.meetings()[0].cancelled);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn says_the_id_of_a_duplicate_only_in_a_sentence() {
    let crm = Fake::start(&hubspot::CRM).await;
    let contact = json!({"properties": {"email": "wei@example.com"}, "associations": []});
    let id = ask(&crm, "POST /crm/v3/objects/contacts", contact.clone()).await.json()["id"].clone();
    let answer = ask(&crm, "POST /crm/v3/objects/contacts", contact).await;
    assert_eq!(answer.status, 409);
    assert_eq!(
        answer.json()["message"],
        format!("Contact already exists. Existing ID: {}", id.as_str().unwrap())
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&hubspot::CRM).await;
    for (body, reason) in [
        (json!({"properties": {"email": "wei@example.com", "age": 40}, "associations": []}), "is no string"),
        (
            json!({"properties": {"email": "wei@example.com", "age": "40"}, "associations": []}),
            "PROPERTY_DOESNT_EXIST",
        ),
        (json!({"properties": {"email": "wei"}, "associations": []}), "INVALID_EMAIL"),
        (json!({"properties": {"email": "wei@example.com"}}), "associations"),
    ] {
        assert_eq!(ask(&crm, "POST /crm/v3/objects/contacts", body).await.status, 400);
        assert!(crm.complaints().last().unwrap().contains(reason), "{:?}", crm.complaints());
    }
    assert_eq!(ask(&crm, "GET /crm/v3/objects/contacts/7", Value::Null).await.status, 404);
    assert_eq!(ask(&crm, "POST /crm/v3/nothing", Value::Null).await.status, 404);
    assert_eq!(ask(&crm, "PUT /crm/v3/objects/contacts", json!({})).await.status, 405);
    assert_eq!(crm.ask("POST /crm/v3/objects/contacts", &[], json!({})).await.unwrap().status, 401);
    assert_eq!(crm.people(), []);
}

#[tokio::test]
async fn gives_tokens_for_a_refresh_token() {
    let crm = Fake::start(&hubspot::CRM).await;
    let [id, secret, refresh] =
        ["client_id", "client_secret", "refresh_token"].map(|name| crm.secrets()[name].clone());
    let form =
        format!("grant_type=refresh_token&client_id={id}&client_secret={secret}&refresh_token={refresh}");
    let token =
        crm.ask("POST /oauth/v1/token", &[], json!(form)).await.unwrap().json()["access_token"].clone();
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let read = async || {
        crm.ask("POST /crm/v3/objects/contacts/search", &[("authorization", &bearer)], json!({}))
            .await
            .unwrap()
            .status
    };
    assert_eq!(read().await, 200);
    crm.expire_tokens();
    assert_eq!(read().await, 401);
}
