use serde_json::{Value, json};

use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::odoo;

async fn ask(crm: &Fake, method: &str, body: Value) -> Answer {
    let bearer = format!("bearer {}", crm.secrets()["api_key"]);
    crm.ask(&format!("POST /json/2/{method}"), &[("authorization", &bearer)], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_a_message_and_an_event() {
    let crm = Fake::start(&odoo::JSON2).await;
    let lead = json!({"name": "Website enquiry", "contact_name": "Wei", "email_from": "wei@example.com", "type": "lead"});
    let id = ask(&crm, "crm.lead/create", json!({"vals_list": [lead]})).await.json()[0].clone();
    assert_eq!(ask(&crm, "crm.lead/message_post", json!({"ids": [id], "body": "a < b"})).await.status, 200);
    let event = json!({"name": "Visit", "start": "2026-11-23 10:00:00", "stop": "2026-11-23 10:30:00", "res_model": "crm.lead", "res_id": id});
    let event = ask(&crm, "calendar.event/create", json!({"vals_list": [event]})).await.json()[0].clone();
    let later = json!({"ids": [id], "act_type_xmlid": "mail.mail_activity_data_call", "date_deadline": "2026-11-24", "summary": "Call"});
    assert_eq!(ask(&crm, "crm.lead/activity_schedule", later).await.status, 200);

    let domain = json!([["model", "=", "crm.lead"], ["res_id", "=", id]]);
    let messages =
        ask(&crm, "mail.message/search_read", json!({"domain": domain, "fields": ["body"]})).await.json();
    assert_eq!(messages[0]["body"], "<p>a &lt; b</p>");
    let either = json!(["|", ["email_from", "=", "nobody"], ["contact_name", "ilike", "wei"]]);
    assert_eq!(ask(&crm, "crm.lead/search", json!({"domain": either, "limit": 1})).await.json(), json!([id]));
    assert_eq!(
        (crm.notes()[0].person.clone(), crm.meetings()[0].person.clone()),
        (id.to_string(), id.to_string())
    );
    ask(&crm, "calendar.event/write", json!({"ids": [event], "vals": {"active": false}})).await;
    assert!(crm.meetings()[0].cancelled);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn loads_an_external_id_once() {
    let crm = Fake::start(&odoo::JSON2).await;
    let load = json!({"fields": ["id", "name", "email_from"], "data": [["webform.sub_0001", "Enquiry", "wei@example.com"]]});
    let first = ask(&crm, "crm.lead/load", load.clone()).await.json();
    assert_eq!(
        (&first["ids"], &first["messages"]),
        (&ask(&crm, "crm.lead/load", load).await.json()["ids"], &json!([]))
    );
    assert_eq!(crm.people().len(), 1);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&odoo::JSON2).await;
    for (method, body, status, name) in [
        (
            "crm.lead/create",
            json!({"vals_list": [{"name": "x", "colour": "red"}]}),
            500,
            "builtins.ValueError",
        ),
        (
            "crm.lead/create",
            json!({"vals_list": [{"email_from": "x"}]}),
            422,
            "odoo.exceptions.ValidationError",
        ),
        ("crm.lead/create", json!({"values": []}), 422, "werkzeug.exceptions.UnprocessableEntity"),
        ("crm.thing/create", json!({"vals_list": []}), 404, "werkzeug.exceptions.NotFound"),
        ("crm.lead/make", json!({}), 404, "werkzeug.exceptions.NotFound"),
        ("crm.lead/message_post", json!({"ids": [7], "body": "x"}), 404, "odoo.exceptions.MissingError"),
        (
            "calendar.event/create",
            json!({"vals_list": [{"name": "x", "start": "2026-11-23T10:00:00Z", "stop": "2026-11-23 10:30:00"}]}),
            500,
            "builtins.ValueError",
        ),
    ] {
        let answer = ask(&crm, method, body).await;
        assert_eq!((answer.status, &answer.json()["name"]), (status, &json!(name)));
    }
    assert_eq!(crm.complaints().len(), 7);
    let answer = crm.ask("POST /json/2/crm.lead/create", &[], json!({})).await.unwrap();
    assert_eq!((answer.status, &answer.json()["message"]), (401, &json!("Invalid apikey")));
    assert_eq!((crm.people(), crm.meetings()), (vec![], vec![]));
}
