//! What can be made to go wrong, with EspoCRM as an example.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::crms::ask::Answer;
use crate::support::crms::exchange::Reply;
use crate::support::crms::fake::Fake;
use crate::support::crms::mishap::{Mishap, Moment};
use crate::support::crms::{ALL, espocrm, hubspot};

async fn create(crm: &Fake, name: &str) -> Option<Answer> {
    crm.ask("POST /api/v1/Lead", &[("x-api-key", &crm.secrets()["api_key"])], json!({"lastName": name})).await
}

#[tokio::test]
async fn every_crm_refuses_strangers_and_the_impatient_in_its_own_way() {
    for definition in ALL {
        let crm = Fake::start(definition).await;
        let ask =
            async || crm.ask("GET /api/v1/accounts/1/", &[("accept", "application/json")], Value::Null).await;
        let (stranger, impatient) = match crm.name() {
            "bottlecrm" | "erpnext" | "frappe" => (403, 429),
            // Its calls carry their own credentials.
            "odoo-rpc" => (404, 429),
            "salesforce" => (401, 403),
            "wukong" => (200, 200),
            _ => (401, 429),
        };
        assert_eq!(ask().await.unwrap().status, stranger, "{}", crm.name());
        crm.at(1, Mishap::Limited);
        assert_eq!(ask().await.unwrap().status, impatient, "{}", crm.name());
        assert_eq!((crm.people(), crm.notes(), crm.meetings()), (vec![], vec![], vec![]), "{}", crm.name());
    }
}

#[tokio::test]
async fn a_request_is_refused_before_its_effect() {
    let crm = Fake::start(&espocrm::CRM).await;
    crm.at(2, Mishap::Answer(Reply::text(503, "later").with("retry-after", "7")));
    crm.at(3, Mishap::TooMany(Some(2)));
    crm.at(4, Mishap::TooMany(None));
    crm.at(5, Mishap::Limited);
    crm.at(6, Mishap::Reset);
    let mut statuses = Vec::new();
    for name in ["One", "Two", "Three", "Four", "Five", "Six"] {
        statuses.push(
            create(&crm, name)
                .await
                .map(|answer| (answer.status, answer.headers.get("retry-after").cloned())),
        );
    }
    let after = |seconds: &str| Some(seconds.to_owned());
    let expected = [
        Some((200, None)),
        Some((503, after("7"))),
        Some((429, after("2"))),
        Some((429, None)),
        Some((429, None)),
        None,
    ];
    assert_eq!(statuses, expected);
    assert_eq!(crm.people().len(), 1);
    assert_eq!(
        crm.requests().iter().map(|request| request.status).collect::<Vec<_>>()[4..],
        [Some(429), None]
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn an_answer_is_lost_after_its_effect() {
    let crm = Fake::start(&espocrm::CRM).await;
    crm.on("POST", "/api/v1/Lead", 1, Mishap::Lose);
    crm.on("POST", "/api/v1/Lead", 1, Mishap::Fail);
    assert!(create(&crm, "One").await.is_none());
    assert_eq!(create(&crm, "Two").await.unwrap().status, 500);
    assert_eq!(create(&crm, "Three").await.unwrap().status, 200);
    assert_eq!(crm.people().len(), 3);
}

#[tokio::test]
async fn a_request_is_held_until_it_is_released() {
    for (moment, effects) in [(Moment::Before, 0), (Moment::After, 1)] {
        let crm = Fake::start(&espocrm::CRM).await;
        crm.hold_at(1, moment);
        let client = crm.clone();
        let asking = tokio::spawn(async move { create(&client, "One").await });
        crm.held().await;
        assert_eq!(crm.people().len(), effects);
        crm.release();
        assert_eq!(asking.await.unwrap().unwrap().status, 200);
        assert_eq!(crm.people().len(), 1);
    }
}

#[tokio::test]
async fn a_held_request_goes_away_with_its_client() {
    let crm = Fake::start(&espocrm::CRM).await;
    crm.hold_at(1, Moment::Before);
    let client = crm.clone();
    let asking = tokio::spawn(async move { create(&client, "One").await });
    crm.held().await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    tokio::time::sleep(Duration::from_millis(50)).await;
    crm.release();
    assert_eq!(create(&crm, "Two").await.unwrap().status, 200);
    assert_eq!(crm.people().len(), 1);
}

#[tokio::test]
async fn a_delay_delays_and_calm_ends_it() {
    let crm = Fake::start(&espocrm::CRM).await;
    crm.on("", "/", usize::MAX, Mishap::Delay(Duration::from_millis(60)));
    let begun = Instant::now();
    create(&crm, "One").await;
    assert!(begun.elapsed() >= Duration::from_millis(60));
    crm.calm();
    let begun = crm.requests().len();
    create(&crm, "Two").await;
    let request = crm.requests()[begun].clone();
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/api/v1/Lead"));
    assert!(request.at.elapsed() < Duration::from_millis(60));
}

#[tokio::test]
async fn a_new_record_is_hidden_from_searches_but_not_from_who_knows_its_id() {
    let crm = Fake::start(&hubspot::CRM).await;
    crm.add_field("webform_id");
    crm.lag(Duration::from_millis(200));
    let bearer = format!("Bearer {}", crm.secrets()["token"]);
    let ask = async |what: &str, body: Value| {
        crm.ask(what, &[("authorization", &bearer)], body).await.unwrap().json()
    };
    let contact =
        json!({"properties": {"email": "wei@example.com", "webform_id": "sub_1"}, "associations": []});
    let id = ask("POST /crm/v3/objects/contacts", contact).await["id"].clone();
    let filter = json!({"propertyName": "webform_id", "operator": "EQ", "value": "sub_1"});
    let search = json!({"filterGroups": [{"filters": [filter]}]});
    assert_eq!(ask("POST /crm/v3/objects/contacts/search", search.clone()).await["total"], 0);
    let read = format!("GET /crm/v3/objects/contacts/{}", id.as_str().unwrap());
    assert_eq!(ask(&read, Value::Null).await["id"], id);
    tokio::time::sleep(Duration::from_millis(220)).await;
    assert_eq!(ask("POST /crm/v3/objects/contacts/search", search).await["total"], 1);
}
