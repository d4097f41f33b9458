use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::dataverse;
use crate::support::crms::fake::Fake;

async fn token(crm: &Fake, scope: &str) -> Answer {
    let [tenant, id, key] = ["tenant", "client_id", "client_secret"].map(|name| secret(crm, name));
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={key}&scope={scope}");
    crm.ask(&format!("POST /{tenant}/oauth2/v2.0/token"), &[], json!(form)).await.expect("an answer")
}

async fn ask(crm: &Fake, what: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let token = token(crm, &format!("{}/.default", crm.url())).await.json();
    let bearer = format!("Bearer {}", text(&token, "/access_token"));
    let (method, path) = what.split_once(' ').unwrap();
    let headers = [&[("authorization", bearer.as_str())], headers].concat();
    crm.ask(&format!("{method} /api/data/v9.2/{path}"), &headers, body).await.expect("an answer")
}

fn id(answer: &Answer) -> String {
    let address = &answer.headers["odata-entityid"];
    address.split_once('(').unwrap().1.trim_end_matches(')').to_owned()
}

#[tokio::test]
async fn takes_a_lead_once_a_note_and_an_appointment() {
    let crm = Fake::start(&dataverse::CRM).await;
    crm.add_field("new_extid");
    let lead = json!({"lastname": "Wang", "subject": "Enquiry", "emailaddress1": "wei@example.com"});
    let made = ask(&crm, "PATCH leads(new_extid='sub-1')", &[], lead.clone()).await;
    assert_eq!((made.status, made.body.len()), (204, 0));
    let lead = {
        let again = ask(&crm, "PATCH leads(new_extid='sub-1')", &[], lead.clone()).await;
        assert_eq!((again.status, id(&again)), (204, id(&made)));
        assert_eq!(
            ask(&crm, "PATCH leads(new_extid='sub-1')", &[("if-none-match", "*")], lead).await.status,
            412
        );
        id(&made)
    };
    let note = json!({"subject": "Enquiry", "notetext": "Hello", "objectid_lead@odata.bind": format!("/leads({lead})")});
    assert_eq!(ask(&crm, "POST annotations", &[], note).await.status, 204);
    let found = ask(
        &crm,
        &format!("GET annotations?$filter=_objectid_value%20eq%20{lead}%20and%20contains(notetext,'Hello')"),
        &[],
        Value::Null,
    )
    .await;
    assert_eq!(text(&found.json(), "/value/0/notetext"), "Hello");
    let event = json!({"subject": "Visit", "scheduledstart": "2026-11-23T10:00:00Z", "scheduledend": "2026-11-23T10:30:00Z",
        "regardingobjectid_lead_appointment@odata.bind": format!("/leads({lead})")});
    let event = ask(&crm, "POST appointments", &[("prefer", "return=representation")], event).await;
    assert_eq!((event.status, text(&event.json(), "/activityid")), (201, id(&event)));
    ask(
        &crm,
        &format!("PATCH appointments({})", id(&event)),
        &[("if-match", "*")],
        json!({"statecode": 2, "statuscode": 4}),
    )
    .await;
    assert_eq!(
        (crm.people().len(), crm.notes()[0].person.clone(), crm.meetings()[0].person.clone()),
        (1, lead.clone(), lead)
    );
    assert!(crm.meetings()[0].cancelled);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn finds_open_leads_by_either_phone_the_oldest_first() {
    let crm = Fake::start(&dataverse::CRM).await;
    for (name, field, state) in
        [("O'Neil", "telephone1", 1), ("Wang", "telephone1", 0), ("Li", "mobilephone", 0)]
    {
        let lead = json!({"lastname": name, field: "+8613800138000", "statecode": state});
        assert_eq!(ask(&crm, "POST leads", &[], lead).await.status, 204);
    }
    let find = async |filter: &str| {
        let filter = filter.replace(' ', "%20").replace('+', "%2B");
        let path = format!("GET leads?$select=lastname&$filter={filter}&$orderby=createdon&$top=2");
        let found = ask(&crm, &path, &[], Value::Null).await.json();
        found["value"].as_array().cloned().unwrap_or_default()
    };
    let found =
        find("statecode eq 0 and (mobilephone eq '+8613800138000' or telephone1 eq '+8613800138000')").await;
    assert_eq!(found, [json!({"lastname": "Wang"}), json!({"lastname": "Li"})]);
    assert_eq!(find("lastname eq 'O''Neil'").await, [json!({"lastname": "O'Neil"})]);
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&dataverse::CRM).await;
    let nobody = "8f6d2f6e-0000-4222-8333-444455556666";
    for (what, body, status) in [
        ("POST leads", json!({"LastName": "Wang"}), 400),
        ("POST Lead", json!({}), 404),
        ("POST annotations", json!({"objectid_lead@odata.bind": format!("/leads({nobody})")}), 404),
        ("POST appointments", json!({"scheduledstart": "2026-11-23 10:00:00"}), 400),
        ("POST appointments", json!({"regardingobjectid_lead@odata.bind": format!("/leads({nobody})")}), 400),
        ("PATCH leads(new_extid='sub-1')", json!({}), 400),
        ("GET leads?$filter=email%20eq%20'x'", Value::Null, 400),
        ("GET leads?$filter=emailaddress1%20eq%20wei@example.com", Value::Null, 400),
        ("GET leads?$filter=statecode%20eq%20'0'", Value::Null, 400),
        ("GET leads?$select=email", Value::Null, 400),
        ("GET leads?$orderby=created", Value::Null, 400),
        ("POST appointments", json!({"statecode": 2, "statuscode": 3}), 400),
    ] {
        assert_eq!(ask(&crm, what, &[], body).await.status, status, "{what}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (12, 0));
    assert_eq!(crm.ask("GET /api/data/v9.2/leads", &[], Value::Null).await.unwrap().status, 401);
    let wrong = token(&crm, "https://org.crm.example.com/.default").await;
    assert_eq!((wrong.status, text(&wrong.json(), "/error")), (400, "invalid_scope".to_owned()));
}
