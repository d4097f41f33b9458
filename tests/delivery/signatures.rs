use crm_widgets::connector::event;
use crm_widgets::definitions::Secret;
use crm_widgets::store::deliveries::State;

use super::{Outbox, connection, quick};
use crate::support::crm::{Answer, Crm, SECRET};

#[tokio::test]
async fn another_implementation_verifies_every_attempt() {
    let crm = Crm::start().await;
    crm.next([Answer::Status(500)]);
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    outbox.accept(&["crm"]).await;
    for request in crm.wait_for(2).await {
        assert!(request.is_signed(SECRET));
        assert!(!request.is_signed("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    }
}

#[tokio::test]
async fn the_payload_says_everything_that_was_stored() {
    let crm = Crm::start().await;
    let outbox = Outbox::start(vec![connection("crm", &crm)], quick()).await;
    let id = outbox.accept(&["crm"]).await;
    let event = crm.wait_for(1).await[0].json();
    assert_eq!(event["type"], event::SUBMISSION);
    assert_eq!(event["timestamp"], event["data"]["receivedAt"]);
    let data = &event["data"];
    assert_eq!(data["id"], id.to_string());
    assert_eq!(data["answers"]["name"], "王小明");
    assert_eq!(data["consents"][0]["purpose"], "contact");
    assert_eq!(data["uploads"][0]["token"], "secret");
    let file = "https://gateway.example/v1/uploads/upl_00000000000000000000000000000001";
    assert_eq!(data["uploads"][0]["url"], file);
    for member in event::schema(event::SUBMISSION)["properties"]["data"]["required"].as_array().unwrap() {
        assert!(!data[member.as_str().unwrap()].is_null(), "{member} is in the schema");
    }
}

#[tokio::test]
async fn a_missing_secret_delays_and_loses_nothing() {
    let crm = Crm::start().await;
    let mut unsigned = connection("crm", &crm);
    unsigned.secrets.insert("signing".into(), Secret::Env("OTHER".into()));
    let outbox = Outbox::start(vec![unsigned], quick()).await;
    outbox.accept(&["crm"]).await;
    let exhausted = outbox.wait_for(State::Exhausted).await;
    let attempt = &exhausted[0].attempts[0];
    assert_eq!(attempt.outcome, "settings");
    let fix = "connection \"crm\", secret \"signing\": the environment variable OTHER is not set; \
               set it and start the program again";
    assert_eq!(attempt.error.as_deref(), Some(fix));
    assert_eq!(crm.connections(), 0);
}
