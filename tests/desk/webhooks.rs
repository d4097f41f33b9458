//! What connections are sent is what the OpenAPI document says.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Visitor, key, past, patient, site};
use crate::support::crm::{Crm, SECRET};
use crate::support::database::Database;
use crate::support::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_the_desk_has_the_documented_shape() {
    let crm = Crm::start().await;
    let mut site = site();
    site["connections"] = json!([{
        "name": "crm", "connector": "webhook", "url": crm.url, "secrets": {"signing": {"env": "CRM_SECRET"}},
        "allowPrivate": true
    }]);
    let mut asked = site["booking"]["services"][0].clone();
    (asked["key"], asked["approval"]) = (json!("surgery"), json!(true));
    site["booking"]["services"].as_array_mut().expect("a list").push(asked);
    let database = Database::sqlite();
    let secrets = vec![("CRM_SECRET".to_owned(), SECRET.to_owned())];
    let mut program = Program::of(&database.url, &site, secrets);
    program.start().await;
    let caller = program.caller();
    let visitor = Visitor(&caller);
    let slots = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &slots[0]).await.json();
    let own = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = booked["token"].as_str().expect("a token");
    let surgery =
        json!({"service": "surgery", "practitioner": "li", "start": slots[5], "answers": patient(2)});
    assert_eq!(visitor.post("appointments", &key(2), "", &surgery).await.json()["status"], "requested");
    let wait = json!({"service": "checkup", "answers": patient(3)});
    assert_eq!(visitor.post("waitlist", &key(3), "", &wait).await.status, 201);
    assert_eq!(visitor.own("PATCH", &own, token, Some(json!({"start": slots[1]}))).await.status, 200);
    assert_eq!(visitor.own("DELETE", &own, token, None).await.status, 200);
    let staff = program.say(&["token", "add", "front-desk", "--may", "book"]);
    let bearer = format!("Bearer {}", staff.trim());
    let missed = visitor.book(&key(4), 4, "zhao", &slots[0]).await.json();
    let missed = missed["id"].as_str().expect("an id");
    past(&database.open().await, missed).await;
    let path = format!("/console/api/sites/clinic/appointments/{missed}");
    let (status, _) = program
        .ask("PATCH", &path, &[("authorization", &bearer)], r#"{"status": "missed", "reason": "no word"}"#)
        .await;
    assert_eq!(status, 200);

    // Booked twice, requested, moved, cancelled, missed, and offered: the slot that was left.
    let received = crm.wait_for(7).await;
    let (_, document) = program.ask("GET", "/openapi.json", &[], "").await;
    let mut kinds = BTreeSet::new();
    for event in received.iter().map(|received| received.json()) {
        let kind = event["type"].as_str().expect("a type");
        let schema =
            &document["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"]["schema"];
        let validator = jsonschema::draft202012::new(schema).expect("a schema");
        let faults: Vec<String> = validator.iter_errors(&event).map(|fault| fault.to_string()).collect();
        assert!(schema.is_object() && faults.is_empty(), "{kind}: {faults:?}: {event}");
        kinds.insert(kind.to_owned());
    }
    let sent =
        ["booked", "cancelled", "missed", "moved", "requested"].map(|kind| format!("appointment.{kind}"));
    let sent = sent.into_iter().chain(["waitlist.offered".to_owned()]);
    assert_eq!(kinds, sent.collect());
}
