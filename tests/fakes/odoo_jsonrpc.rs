use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::fake::Fake;
use crate::support::crms::odoo_jsonrpc;

async fn call(crm: &Fake, service: &str, method: &str, args: Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "method": "call", "id": 7, "params": {"service": service, "method": method, "args": args}});
    let answer = crm.ask("POST /jsonrpc", &[], body).await.unwrap();
    assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(7)));
    answer.json()
}

async fn execute(crm: &Fake, model: &str, method: &str, args: Value, named: Value) -> Value {
    let [database, key] = ["database", "api_key"].map(|name| secret(crm, name));
    call(crm, "object", "execute_kw", json!([database, 2, key, model, method, args, named])).await
}

#[tokio::test]
async fn takes_a_lead_a_message_and_an_event() {
    let crm = Fake::start(&odoo_jsonrpc::CRM).await;
    let [database, user, key] = ["database", "username", "api_key"].map(|name| secret(&crm, name));
    assert_eq!(call(&crm, "common", "authenticate", json!([database, user, key, {}])).await["result"], 2);
    assert_eq!(
        call(&crm, "common", "authenticate", json!([database, user, "wrong", {}])).await["result"],
        false
    );
    let lead = json!([{"name": "Enquiry", "email_from": "wei@example.com"}]);
    let id = execute(&crm, "crm.lead", "create", lead, json!({})).await["result"].clone();
    assert!(id.is_u64());
    assert!(
        execute(&crm, "crm.lead", "message_post", json!([[id]]), json!({"body": "Hello"})).await["result"]
            .is_u64()
    );
    let event = json!([{"name": "Visit", "start": "2026-11-23 10:00:00", "stop": "2026-11-23 10:30:00", "res_model": "crm.lead", "res_id": id}]);
    execute(&crm, "calendar.event", "create", event, json!({})).await;
    let domain = json!([[["email_from", "=", "wei@example.com"]]]);
    assert_eq!(execute(&crm, "crm.lead", "search", domain, json!({"limit": 1})).await["result"], json!([id]));
    assert_eq!((crm.people().len(), crm.notes().len(), crm.meetings().len()), (1, 1, 1));
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn says_errors_with_http_200() {
    let crm = Fake::start(&odoo_jsonrpc::CRM).await;
    let wrong =
        execute(&crm, "crm.lead", "create", json!([{"name": "Enquiry", "colour": "red"}]), json!({})).await;
    assert_eq!(text(&wrong, "/error/data/name"), "builtins.ValueError");
    let none =
        execute(&crm, "crm.lead", "create", json!([{"email_from": "wei@example.com"}]), json!({})).await;
    assert_eq!(text(&none, "/error/message"), "Odoo Server Error");
    assert_eq!(crm.complaints().len(), 2);
    let denied =
        call(&crm, "object", "execute_kw", json!(["clinic", 2, "wrong", "crm.lead", "search", [[]]])).await;
    assert_eq!(text(&denied, "/error/data/name"), "odoo.exceptions.AccessDenied");
    assert_eq!(crm.people(), []);
}
