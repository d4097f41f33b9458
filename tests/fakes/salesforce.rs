use serde_json::{Value, json};
use url::form_urlencoded;

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::salesforce;

async fn token(crm: &Fake) -> String {
    let (id, key) = (secret(crm, "client_id"), secret(crm, "client_secret"));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={key}");
    let answer = crm.ask("POST /services/oauth2/token", &[], json!(form)).await.unwrap().json();
    assert_eq!((&answer["instance_url"], answer.get("expires_in")), (&json!(crm.url()), None));
    text(&answer, "/access_token")
}

async fn ask(crm: &Fake, what: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {}", token(crm).await);
    let (method, path) = what.split_once(' ').unwrap();
    let what = format!("{method} /services/data/v60.0/{path}");
    crm.ask(&what, &[("authorization", &bearer)], body).await.expect("an answer")
}

#[tokio::test]
async fn takes_a_lead_once_a_task_and_an_event() {
    let crm = Fake::start(&salesforce::CRM).await;
    crm.add_field("Ext_Id__c");
    let lead = json!({"LastName": "Wang", "Company": "none", "Email": "wei@example.com"});
    let made = ask(&crm, "PATCH sobjects/Lead/Ext_Id__c/sub_1%2F2", lead.clone()).await;
    assert_eq!((made.status, &made.json()["created"]), (201, &json!(true)));
    let id = text(&made.json(), "/id");
    let again = ask(&crm, "PATCH sobjects/Lead/Ext_Id__c/sub_1%2F2", lead).await;
    assert_eq!((again.status, text(&again.json(), "/id")), (200, id.clone()));
    let task = json!({"WhoId": id, "Subject": "Enquiry", "Description": "Hello", "Status": "Completed", "ActivityDate": "2026-11-21"});
    assert_eq!(ask(&crm, "POST sobjects/Task", task).await.status, 201);
    let event = json!({"WhoId": id, "Subject": "Visit", "StartDateTime": "2026-11-23T10:00:00Z", "EndDateTime": "2026-11-23T10:30:00Z"});
    assert_eq!(ask(&crm, "POST sobjects/Event", event).await.status, 201);
    let soql =
        format!("SELECT Id, Description FROM Task WHERE WhoId = '{id}' AND Subject LIKE 'Enq%' LIMIT 1");
    let found =
        ask(&crm, &format!("GET query?q={}", soql.replace(' ', "+").replace('%', "%25")), Value::Null)
            .await
            .json();
    assert_eq!((&found["totalSize"], &found["records"][0]["Description"]), (&json!(1), &json!("Hello")));
    assert_eq!(
        (crm.people().len(), crm.notes()[0].person.clone(), crm.meetings()[0].person.clone()),
        (1, id.clone(), id)
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn finds_open_leads_by_either_phone_the_oldest_first() {
    let crm = Fake::start(&salesforce::CRM).await;
    let lead =
        |name: &str, field: &str, phone: &str| json!({"LastName": name, "Company": "none", field: phone});
    for (name, field, phone) in [
        ("O'Neil", "MobilePhone", "+8613800138000"),
        ("Wang", "Phone", "+8613800138000"),
        ("Li", "Phone", "+8613900139000"),
    ] {
        assert_eq!(ask(&crm, "POST sobjects/Lead", lead(name, field, phone)).await.status, 201);
    }
    let find = async |condition: &str| {
        let soql = format!("SELECT LastName FROM Lead WHERE {condition} ORDER BY CreatedDate LIMIT 2");
        let encoded: String = form_urlencoded::byte_serialize(soql.as_bytes()).collect();
        let found = ask(&crm, &format!("GET query?q={encoded}"), Value::Null).await.json();
        let records = found["records"].as_array().cloned().unwrap_or_default();
        records.iter().map(|record| text(record, "/LastName")).collect::<Vec<_>>()
    };
    let phone = "(Phone = '+8613800138000' OR MobilePhone = '+8613800138000')";
    assert_eq!(find(&format!("IsConverted = false AND {phone}")).await, ["O'Neil", "Wang"]);
    assert_eq!(find(&format!("CreatedDate >= 2026-01-01T00:00:00Z AND {phone}")).await, ["O'Neil", "Wang"]);
    assert_eq!(find("LastName = 'O\\'Neil'").await, ["O'Neil"]);
    assert!(find("CreatedDate >= 2099-01-01T00:00:00Z").await.is_empty());
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn chains_a_composite_request() {
    let crm = Fake::start(&salesforce::CRM).await;
    let requests = json!([
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Lead", "referenceId": "lead", "body": {"LastName": "Wang", "Company": "none"}},
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Task", "referenceId": "task", "body": {"WhoId": "@{lead.id}", "Description": "Hello"}},
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Task", "referenceId": "bad", "body": {"Colour": "red"}}
    ]);
    let answer = ask(&crm, "POST composite", json!({"compositeRequest": requests})).await;
    let statuses: Vec<_> = (0..3)
        .map(|index| text(&answer.json(), &format!("/compositeResponse/{index}/httpStatusCode")))
        .collect();
    assert_eq!((answer.status, statuses), (200, vec!["201".to_owned(), "201".to_owned(), "400".to_owned()]));
    assert_eq!(crm.notes()[0].person, crm.people()[0].id);
    assert_eq!(crm.complaints().len(), 1);
}

#[tokio::test]
async fn hinders_duplicates_unless_it_is_told_to_save_them() {
    let crm = Fake::start(&salesforce::CRM).await;
    let lead = json!({"LastName": "Wang", "Company": "none", "Email": "wei@example.com"});
    ask(&crm, "POST sobjects/Lead", lead.clone()).await;
    let again = ask(&crm, "POST sobjects/Lead", lead.clone()).await;
    assert_eq!((again.status, text(&again.json(), "/0/errorCode")), (400, "DUPLICATES_DETECTED".to_owned()));
    let bearer = format!("Bearer {}", token(&crm).await);
    let headers = [
        ("authorization", bearer.as_str()),
        ("sforce-duplicate-rule-header", "allowSave=true; runAsCurrentUser=true"),
    ];
    assert_eq!(crm.ask("POST /services/data/v60.0/sobjects/Lead", &headers, lead).await.unwrap().status, 201);
    assert_eq!((crm.people().len(), crm.complaints()), (2, vec![]));
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&salesforce::CRM).await;
    for (what, body, status, code) in [
        ("POST sobjects/Lead", json!({"LastName": "Wang"}), 400, "REQUIRED_FIELD_MISSING"),
        ("POST sobjects/Lead", json!({"LastName": "Wang", "Company": "x", "Age": 4}), 400, "INVALID_FIELD"),
        (
            "POST sobjects/Lead",
            json!({"LastName": "Wang", "Company": "x", "Email": "wei"}),
            400,
            "INVALID_EMAIL_ADDRESS",
        ),
        (
            "POST sobjects/Event",
            json!({"StartDateTime": "2026-11-23 10:00:00", "EndDateTime": "2026-11-23T10:30:00Z"}),
            400,
            "JSON_PARSER_ERROR",
        ),
        ("POST sobjects/Task", json!({"WhoId": "00Q0"}), 400, "INVALID_CROSS_REFERENCE_KEY"),
        ("PATCH sobjects/Lead/Ext_Id__c/1", json!({"LastName": "Wang", "Company": "x"}), 404, "NOT_FOUND"),
        ("GET query?q=SELECT+Id+FROM+Lead+WHERE+IsConverted+=+'false'", Value::Null, 400, "INVALID_FIELD"),
        (
            "GET query?q=SELECT+Id+FROM+Lead+WHERE+CreatedDate+%3E=+'2026-11-21T08:10:30Z'",
            Value::Null,
            400,
            "INVALID_FIELD",
        ),
        (
            "GET query?q=SELECT+Id+FROM+Lead+WHERE+Email+=+'x'+AND+Phone+=+'1'+OR+MobilePhone+=+'1'",
            Value::Null,
            400,
            "MALFORMED_QUERY",
        ),
        ("GET query?q=SELECT+Id,+Age+FROM+Lead", Value::Null, 400, "INVALID_FIELD"),
        ("GET query?q=SELECT+Id+FROM+Task+WHERE+Description+=+'x'", Value::Null, 400, "INVALID_FIELD"),
        ("GET query?q=SELECT+Id+FROM+Lead+WHERE+LastName+=+'O'Neil'", Value::Null, 400, "MALFORMED_QUERY"),
    ] {
        let answer = ask(&crm, what, body).await;
        assert_eq!((answer.status, text(&answer.json(), "/0/errorCode").as_str()), (status, code), "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (12, 0));
    let answer = crm.ask("POST /services/data/v60.0/sobjects/Lead", &[], json!({})).await.unwrap();
    assert_eq!((answer.status, text(&answer.json(), "/0/errorCode")), (401, "INVALID_SESSION_ID".to_owned()));
}
