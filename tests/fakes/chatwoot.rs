use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::chatwoot;
use crate::support::crms::fake::Fake;

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let (method, path) = what.split_once(' ').unwrap();
    let what = format!("{method} /api/v1/accounts/{}/{path}", secret(crm, "account_id"));
    crm.ask(&what, &[("api_access_token", &secret(crm, "token"))], body).await.expect("an answer")
}

fn contact() -> Value {
    json!({"inbox_id": 1, "name": "Wei Wang", "email": "wei@example.com", "phone_number": "+8613800138000", "identifier": "sub_1"})
}

#[tokio::test]
async fn takes_a_contact_a_conversation_and_messages() {
    let crm = Fake::start(&chatwoot::CRM).await;
    let made = ask(&crm, "POST contacts", contact()).await.json();
    let id = made["payload"]["contact"]["id"].clone();
    let source = text(&made, "/payload/contact/contact_inboxes/0/source_id");
    assert_eq!(text(&made, "/payload/contact_inbox/source_id"), source);
    let talk = json!({"source_id": source, "inbox_id": 1, "contact_id": id, "status": "open", "message": {"content": "Hello"}});
    let talk = ask(&crm, "POST conversations", talk).await.json()["id"].clone();
    let note = json!({"content": "Again", "message_type": "outgoing", "private": true});
    assert_eq!(ask(&crm, &format!("POST conversations/{talk}/messages"), note).await.status, 200);
    let listed = ask(&crm, &format!("GET conversations/{talk}/messages"), Value::Null).await.json();
    assert_eq!(
        (text(&listed, "/payload/1/content"), &listed["payload"][1]["private"]),
        ("Again".to_owned(), &json!(true))
    );
    let talks = ask(&crm, &format!("GET contacts/{id}/conversations"), Value::Null).await.json();
    assert_eq!(talks["payload"][0]["id"], talk);
    let closed =
        ask(&crm, &format!("POST conversations/{talk}/toggle_status"), json!({"status": "resolved"})).await;
    assert_eq!(text(&closed.json(), "/payload/current_status"), "resolved");
    let talks = ask(&crm, &format!("GET contacts/{id}/conversations"), Value::Null).await.json();
    assert_eq!(text(&talks, "/payload/0/status"), "resolved");
    assert_eq!(
        ask(&crm, &format!("POST contacts/{id}/notes"), json!({"content": "Third"})).await.status,
        200
    );
    assert_eq!(
        ask(&crm, "GET contacts/search?q=wei@example.com", Value::Null).await.json()["payload"][0]["id"],
        id
    );
    let filter = json!({"payload": [{"attribute_key": "identifier", "filter_operator": "equal_to", "values": ["sub_1"], "query_operator": null}]});
    assert_eq!(ask(&crm, "POST contacts/filter", filter).await.json()["meta"]["count"], 1);
    let persons: Vec<String> = crm.notes().into_iter().map(|note| note.person).collect();
    assert_eq!(persons, vec![id.to_string(); 3]);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn answers_422_to_a_known_contact() {
    let crm = Fake::start(&chatwoot::CRM).await;
    ask(&crm, "POST contacts", contact()).await;
    let again = ask(&crm, "POST contacts", contact()).await;
    assert_eq!(
        (again.status, text(&again.json(), "/message")),
        (422, "Email has already been taken".to_owned())
    );
    assert_eq!((crm.people().len(), crm.complaints()), (1, vec![]));
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&chatwoot::CRM).await;
    for (what, body, status) in [
        ("POST contacts", json!({"phone_number": "13800138000"}), 422),
        ("POST contacts", json!({"email": "wei"}), 422),
        ("POST contacts", json!({"inbox_id": 9, "name": "Wei"}), 404),
        ("POST conversations", json!({"source_id": "none"}), 404),
        ("POST conversations/7/messages", json!({"content": "Hello"}), 404),
        (
            "POST contacts/filter",
            json!({"payload": [{"attribute_key": "colour", "filter_operator": "equal_to", "values": ["red"]}]}),
            422,
        ),
        ("GET contacts/search", Value::Null, 422),
    ] {
        assert_eq!(ask(&crm, what, body).await.status, status, "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (7, 0));
    for headers in [&[][..], &[("api_access_token", "wrong")], &[("authorization", "Bearer x")]] {
        assert_eq!(
            crm.ask("GET /api/v1/accounts/1/contacts/1", headers, Value::Null).await.unwrap().status,
            401
        );
    }
}
