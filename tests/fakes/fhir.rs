use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::ask::Answer;
use crate::support::crms::fake::Fake;
use crate::support::crms::fhir;

const TYPE: (&str, &str) = ("content-type", "application/fhir+json");

async fn ask(crm: &Fake, what: &str, headers: &[(&str, &str)], body: Value) -> Answer {
    let bearer = format!("Bearer {}", secret(crm, "token"));
    let (method, path) = what.split_once(' ').unwrap();
    let headers = [&[("authorization", bearer.as_str())], headers].concat();
    crm.ask(&format!("{method} /fhir/R4{path}"), &headers, body).await.expect("an answer")
}

fn patient() -> Value {
    json!({"resourceType": "Patient", "identifier": [{"system": "urn:example:web", "value": "sub_1"}],
        "name": [{"text": "王伟"}], "telecom": [{"system": "email", "value": "wei@example.com"}, {"system": "phone", "value": "+8613800138000"}]})
}

fn communication(patient: &str) -> Value {
    json!({"resourceType": "Communication", "status": "completed", "subject": {"reference": patient},
        "identifier": [{"system": "urn:example:web", "value": "sub_1"}], "payload": [{"contentString": "Hello"}]})
}

fn appointment(patient: &str) -> Value {
    json!({"resourceType": "Appointment", "status": "booked", "start": "2026-11-23T18:00:00+08:00", "end": "2026-11-23T18:30:00+08:00",
        "participant": [{"actor": {"reference": patient}, "status": "accepted"}]})
}

#[tokio::test]
async fn takes_a_patient_once_a_communication_and_an_appointment() {
    let crm = Fake::start(&fhir::CRM).await;
    let once = [TYPE, ("if-none-exist", "identifier=urn:example:web|sub_1")];
    let made = ask(&crm, "POST /Patient", &once, patient()).await;
    let again = ask(&crm, "POST /Patient", &once, patient()).await;
    let id = text(&made.json(), "/id");
    assert_eq!((made.status, again.status, text(&again.json(), "/id")), (201, 200, id.clone()));
    assert!(made.headers["location"].ends_with(&format!("/Patient/{id}/_history/1")));
    assert_eq!(
        ask(&crm, "PUT /Patient?identifier=urn:example:web%7Csub_1", &[TYPE], patient()).await.status,
        200
    );
    let path = format!("Patient/{id}");
    assert_eq!(ask(&crm, "POST /Communication", &[TYPE], communication(&path)).await.status, 201);
    assert_eq!(ask(&crm, "POST /Appointment", &[TYPE], appointment(&path)).await.status, 201);
    let found = ask(
        &crm,
        &format!("GET /Communication?subject={path}&identifier=urn:example:web%7Csub_1"),
        &[],
        Value::Null,
    )
    .await
    .json();
    assert_eq!(
        (&found["total"], text(&found, "/entry/0/resource/payload/0/contentString")),
        (&json!(1), "Hello".to_owned())
    );
    assert_eq!(
        (crm.people().len(), crm.notes()[0].person.clone(), crm.meetings()[0].person.clone()),
        (1, id.clone(), id)
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn does_all_of_a_transaction_or_nothing() {
    let crm = Fake::start(&fhir::CRM).await;
    let urn = "urn:uuid:0c5e9b2e-6e0f-5b53-9d0c-4b1a5a0f7e11";
    let bundle = |last: Value| {
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            {"fullUrl": urn, "resource": patient(), "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:example:web|sub_1"}},
            {"resource": communication(urn), "request": {"method": "POST", "url": "Communication", "ifNoneExist": "identifier=urn:example:web|sub_1"}},
            {"resource": last, "request": {"method": "POST", "url": "Appointment"}}
        ]})
    };
    let mut without = appointment(urn);
    without.as_object_mut().unwrap().remove("participant");
    let refused = ask(&crm, "POST ", &[TYPE], bundle(without)).await;
    assert_eq!((refused.status, crm.people().len(), crm.complaints().len()), (400, 0, 1));
    let answer = ask(&crm, "POST ", &[TYPE], bundle(appointment(urn))).await;
    assert_eq!((answer.status, text(&answer.json(), "/type")), (200, "transaction-response".to_owned()));
    assert_eq!(text(&answer.json(), "/entry/0/response/status"), "201 Created");
    let again = ask(&crm, "POST ", &[TYPE], bundle(appointment(urn))).await.json();
    assert_eq!(text(&again, "/entry/0/response/status"), "200 OK");
    assert_eq!(
        (crm.people().len(), crm.notes().len(), crm.notes()[0].person.clone()),
        (1, 1, crm.people()[0].id.clone())
    );
}

#[tokio::test]
async fn refuses_what_is_malformed() {
    let crm = Fake::start(&fhir::CRM).await;
    assert_eq!(ask(&crm, "POST /Patient", &[], patient()).await.status, 415);
    for (what, body) in [
        ("POST /Patient", json!({"resourceType": "Patient", "email": "wei@example.com"})),
        ("POST /Patient", json!({"resourceType": "Person"})),
        (
            "POST /Patient",
            json!({"resourceType": "Patient", "telecom": [{"system": "mail", "value": "wei@example.com"}]}),
        ),
        (
            "POST /Communication",
            json!({"resourceType": "Communication", "payload": [{"contentString": "Hello"}]}),
        ),
        ("POST /Communication", communication("Patient/none")),
        ("POST /Appointment", json!({"resourceType": "Appointment", "status": "booked"})),
        (
            "POST /Appointment",
            json!({"resourceType": "Appointment", "status": "booked", "start": "2026-11-23 10:00:00", "end": "2026-11-23 10:30:00",
            "participant": [{"actor": {"reference": "Patient/1"}, "status": "accepted"}]}),
        ),
        ("GET /Patient?colour=red", Value::Null),
    ] {
        assert_eq!(ask(&crm, what, &[TYPE], body).await.status, 400, "{what}");
    }
    assert_eq!(ask(&crm, "GET /Patient/none", &[], Value::Null).await.status, 404);
    assert_eq!((crm.complaints().len(), crm.people().len()), (10, 0));
    assert_eq!(crm.ask("GET /fhir/R4/Patient", &[], Value::Null).await.unwrap().status, 401);
}
