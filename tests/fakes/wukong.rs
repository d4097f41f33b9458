use serde_json::{Value, json};

use super::{secret, text};
use crate::support::crms::fake::Fake;
use crate::support::crms::wukong;

async fn ask(crm: &Fake, path: &str, body: Value) -> Value {
    let login = json!({"username": secret(crm, "username"), "password": secret(crm, "password")});
    let token = text(&crm.ask("POST /login", &[], login).await.unwrap().json(), "/data/adminToken");
    let answer = crm.ask(&format!("POST {path}"), &[("admin-token", &token)], body).await.expect("an answer");
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test]
async fn takes_a_lead_an_activity_and_an_event_without_saying_an_id() {
    let crm = Fake::start(&wukong::CRM).await;
    let lead = json!({"entity": {"leadsName": "王伟", "mobile": "13800138000", "email": "wei@example.com"}, "field": []});
    assert_eq!(ask(&crm, "/crmLeads/add", lead).await, json!({"code": 0, "msg": "success", "data": null}));
    let by = async |search: &str| {
        ask(&crm, "/crmLeads/queryPageList", json!({"page": 1, "limit": 1, "type": 1, "search": search}))
            .await["data"]
            .clone()
    };
    assert_eq!(by("wei@example.com").await["totalRow"], 0);
    let id = by("13800138000").await["list"][0]["leadsId"].clone();
    let record =
        json!({"type": 1, "category": "其它", "activityType": 1, "activityTypeId": id, "content": "你好"});
    assert_eq!(ask(&crm, "/crmActivity/addCrmActivityRecord", record).await["code"], 0);
    let page = json!({"page": 1, "limit": 15, "activityType": 1, "activityTypeId": id});
    assert_eq!(
        text(&ask(&crm, "/crmActivity/getCrmActivityPageList", page).await, "/data/list/0/content"),
        "你好"
    );
    let event = json!({"event": {"title": "到访", "startTime": "2026-11-23 18:00:00", "endTime": "2026-11-23 18:30:00", "repetitionType": 1}, "notice": []});
    assert_eq!(ask(&crm, "/oaEvent/save", event).await["code"], 0);
    let range = json!({"startTime": 1_795_300_000_000_i64, "endTime": 1_795_700_000_000_i64});
    assert_eq!(text(&ask(&crm, "/oaEvent/queryList", range).await, "/data/0/title"), "到访");
    assert_eq!(
        (crm.notes()[0].person.clone(), crm.meetings()[0].start.as_str()),
        (id.to_string(), "2026-11-23T10:00:00Z")
    );
    assert_eq!(crm.complaints(), [""; 0]);
}

#[tokio::test]
async fn refuses_what_is_malformed_with_http_200() {
    let crm = Fake::start(&wukong::CRM).await;
    for (path, body, code) in [
        ("/crmLeads/add", json!({"leadsName": "王伟"}), 500),
        ("/crmLeads/add", json!({"entity": {"mobile": "13800138000"}}), 400),
        ("/crmLeads/add", json!({"entity": {"leadsName": "王伟", "nextTime": "2026-11-23T10:00:00Z"}}), 500),
        (
            "/crmActivity/addCrmActivityRecord",
            json!({"category": "其它", "activityType": 1, "activityTypeId": 7}),
            400,
        ),
        (
            "/crmActivity/addCrmActivityRecord",
            json!({"category": "其它", "activityType": 1, "activityTypeId": 7, "content": "你好"}),
            401,
        ),
        (
            "/oaEvent/save",
            json!({"event": {"title": "到访", "startTime": "2026-11-23 18:00:00", "endTime": "2026-11-23 18:30:00", "repetitionType": 1}}),
            500,
        ),
        ("/crmLeads/queryById/7", json!({}), 2001),
    ] {
        assert_eq!(ask(&crm, path, body).await["code"], code, "{path}");
    }
    assert_eq!((crm.complaints().len(), crm.people().len()), (7, 0));
    let nobody = crm.ask("POST /crmLeads/add", &[], json!({})).await.unwrap().json();
    assert_eq!((nobody["code"].clone(), text(&nobody, "/msg")), (json!(302), "请先登录！".to_owned()));
}
