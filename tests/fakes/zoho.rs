use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::zoho;

async fn token(crm: &Fake) -> Answer {
    let [id, key, refresh] = ["client_id", "client_secret", "refresh_token"].map(|name| secret(crm, name));
    let query =
        format!("refresh_token={refresh}&client_id={id}&client_secret={key}&grant_type=refresh_token");
    crm.ask(&format!("POST /oauth/v2/token?{query}"), &[], Value::Null).await.expect("an answer")
}

async fn ask(crm: &Fake, token: &str, what: &str, body: Value) -> Answer {
    let header = format!("Zoho-oauthtoken {token}");
    crm.ask(what, &[("authorization", &header)], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_once_a_note_and_an_event() {
    let crm = Fake::start(&zoho::CRM).await;
    let granted = token(&crm).await.json();
    assert_eq!((text(&granted, "/api_domain"), &granted["expires_in"]), (crm.url(), &json!(3600)));
    let token = text(&granted, "/access_token");
    let lead = json!({"data": [{"Last_Name": "Wang", "Email": "wei@example.com"}], "duplicate_check_fields": ["Email"], "trigger": []});
    let made = ask(&crm, &token, "POST /crm/v8/Leads/upsert", lead.clone()).await.json();
    assert_eq!(
        (text(&made, "/data/0/code"), text(&made, "/data/0/action")),
        ("SUCCESS".to_owned(), "insert".to_owned())
    );
    let id = text(&made, "/data/0/details/id");
    let again = ask(&crm, &token, "POST /crm/v8/Leads/upsert", lead).await.json();
    assert_eq!(
        (text(&again, "/data/0/action"), text(&again, "/data/0/details/id")),
        ("update".to_owned(), id.clone())
    );
    let note = json!({"data": [{"Note_Title": "Enquiry", "Note_Content": "Hello"}]});
    assert_eq!(ask(&crm, &token, &format!("GET /crm/v8/Leads/{id}/Notes"), Value::Null).await.status, 204);
    assert_eq!(ask(&crm, &token, &format!("POST /crm/v8/Leads/{id}/Notes"), note).await.status, 201);
    let notes = ask(&crm, &token, &format!("GET /crm/v8/Leads/{id}/Notes"), Value::Null).await.json();
    assert_eq!(text(&notes, "/data/0/Note_Content"), "Hello");
    let event = json!({"data": [{"Event_Title": "Visit", "Start_DateTime": "2026-11-23T18:00:00+08:00",
        "End_DateTime": "2026-11-23T18:30:00+08:00", "What_Id": {"id": id}, "$se_module": "Leads"}]});
    assert_eq!(ask(&crm, &token, "POST /crm/v8/Events", event).await.status, 201);
    let found =
        ask(&crm, &token, "GET /crm/v8/Leads/search?criteria=(Email:equals:wei@example.com)", Value::Null)
            .await
            .json();
    assert_eq!(text(&found, "/data/0/id"), id);
    assert_eq!(
        (crm.notes()[0].person.clone(), crm.meetings()[0].start.as_str()),
        (id, "2026-11-23T10:00:00Z")
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn says_a_records_fate_inside_a_2xx() {
    let crm = Fake::start(&zoho::CRM).await;
    let token = text(&token(&crm).await.json(), "/access_token");
    let lead = json!({"data": [{"Last_Name": "Wang", "Email": "wei@example.com"}]});
    let id = text(&ask(&crm, &token, "POST /crm/v8/Leads", lead.clone()).await.json(), "/data/0/details/id");
    let again = ask(&crm, &token, "POST /crm/v8/Leads", lead).await;
    assert_eq!((again.status, text(&again.json(), "/data/0/code")), (202, "DUPLICATE_DATA".to_owned()));
    assert_eq!((text(&again.json(), "/data/0/details/id"), crm.complaints()), (id.clone(), vec![]));
    for (kind, row, code) in [
        ("Leads", json!({"Email": "x@example.com"}), "MANDATORY_NOT_FOUND"),
        ("Leads", json!({"Last_Name": "Wang", "Email": "x"}), "INVALID_DATA"),
        ("Notes", json!({"Note_Content": "Hello"}), "MANDATORY_NOT_FOUND"),
        (
            "Events",
            json!({"Event_Title": "Visit", "Start_DateTime": "2026-11-23T10:00:00Z", "End_DateTime": "2026-11-23T10:30:00Z"}),
            "INVALID_DATA",
        ),
        (
            "Events",
            json!({"Event_Title": "Visit", "Start_DateTime": "2026-11-23T10:00:00+00:00", "End_DateTime": "2026-11-23T10:30:00+00:00", "What_Id": {"id": id}}),
            "DEPENDENT_FIELD_MISSING",
        ),
    ] {
        let answer = ask(&crm, &token, &format!("POST /crm/v8/{kind}"), json!({"data": [row]})).await;
        assert_eq!((answer.status, text(&answer.json(), "/data/0/code").as_str()), (202, code));
    }
    assert_eq!(crm.complaints().len(), 5);
}

#[tokio::test]
async fn gives_ten_tokens_in_ten_minutes() {
    let crm = Fake::start(&zoho::CRM).await;
    for _ in 0..10 {
        assert_eq!(token(&crm).await.status, 200);
    }
    let refused = token(&crm).await;
    assert_eq!((refused.status, text(&refused.json(), "/error")), (400, "Access Denied".to_owned()));
    let answer = crm.ask("GET /crm/v8/Leads/1", &[("authorization", "Bearer x")], Value::Null).await.unwrap();
    assert_eq!((answer.status, text(&answer.json(), "/code")), (401, "AUTHENTICATION_FAILURE".to_owned()));
}
