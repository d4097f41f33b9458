//! 悟空CRM 11 (WukongCRM-11.0-JAVA), behind its gateway.
//!
//! From its source: the login and `adminToken`, `Admin-Token`, codes and sentences, that nothing which creates says an
//! id, that a search looks at name, telephone and mobile only, what is required of an activity and in which words, that
//! an activity's time must lie ahead, the page of activities, and that a 日程 belongs to customers, contacts, business
//! and contracts but not to leads and fails without `notice`. From general knowledge: HTTP 200 for every code, times as
//! `yyyy-MM-dd HH:mm:ss` in Shanghai, and that Jackson refuses other ones with code 500.

use std::time::Duration;

use axum::Router;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Crm;
use super::book::{Book, Fact, Meeting, Note, Person, Record};
use super::check::{
    Fault, Field, any, check_known, filled, from_zone, integer, list, may, must, object, said, stamp, text,
};
use super::exchange::{Outcome, Reply, Request};
use super::fake::{Fake, post};

pub const CRM: Crm = Crm {
    name: "wukong",
    secrets: &[("username", "18888880000"), ("password", "wukong-example"), ("time_zone", "Asia/Shanghai")],
    open: &["/login"],
    auth,
    routes,
    fault: |status, message| Reply::json(status, json!({"code": status, "msg": message})),
    limited: || result(403, "请求频率过快,请稍后再试", Value::Null),
    fact,
};

const LEAD: &[Field] = &[
    must("leadsName", filled),
    may("mobile", text),
    may("telephone", text),
    may("email", text),
    may("address", text),
    may("remark", text),
    may("nextTime", stamp),
    may("leadsId", integer),
    may("ownerUserId", integer),
    may("batchId", text),
];

const CUSTOMER: &[Field] = &[
    must("customerName", filled),
    may("mobile", text),
    may("telephone", text),
    may("email", text),
    may("website", text),
    may("remark", text),
    may("nextTime", stamp),
    may("customerId", integer),
];

const ACTIVITY: &[Field] = &[
    must("category", text),
    must("activityType", integer),
    must("activityTypeId", integer),
    must("content", text),
    may("type", integer),
    may("nextTime", stamp),
];

const EVENT: &[Field] = &[
    must("title", filled),
    must("startTime", stamp),
    must("endTime", stamp),
    must("repetitionType", integer),
    may("typeId", integer),
    may("ownerUserIds", text),
    may("eventId", integer),
    may("endType", any),
];

fn routes() -> Router<Fake> {
    Router::new()
        .route("/login", post(login))
        .route("/crmLeads/add", post(save_lead))
        .route("/crmLeads/update", post(save_lead))
        .route("/crmLeads/queryPageList", post(leads))
        .route("/crmLeads/queryById/{id}", post(lead))
        .route("/crmLeads/deleteByIds", post(delete_leads))
        .route("/crmCustomer/add", post(save_customer))
        .route("/crmCustomer/update", post(save_customer))
        .route("/crmCustomer/queryPageList", post(customers))
        .route("/crmActivity/addCrmActivityRecord", post(add_activity))
        .route("/crmActivity/getCrmActivityPageList", post(activities))
        .route("/oaEvent/save", post(save_event))
        .route("/oaEvent/queryList", post(events))
        .route("/oaEvent/delete", post(delete_event))
}

fn result(code: u16, msg: &str, data: Value) -> Reply {
    Reply::json(200, json!({"code": code, "msg": msg, "data": data}))
}

fn done(data: Value) -> Outcome {
    Ok(result(0, "success", data))
}

fn refuse(code: u16, msg: &str) -> Reply {
    result(code, msg, Value::Null).complaining()
}

fn login(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    if said(&given, "username").trim() != CRM.secrets[0].1
        || said(&given, "password").trim() != CRM.secrets[1].1
    {
        return Err(result(1201, "账号密码错误", Value::Null));
    }
    let token = book.mint(Duration::from_secs(7 * 86_400));
    done(json!({"adminToken": token}))
}

fn auth(book: &mut Book, request: &Request) -> Result<(), Reply> {
    if book.is_live(request.header("admin-token")) {
        Ok(())
    } else {
        Err(result(302, "请先登录！", Value::Null))
    }
}

/// Jackson stumbles over wrong types, validation over what is missing.
fn validate(fields: &[Field], given: &Map<String, Value>) -> Result<(), Reply> {
    check_known(fields, given).map_err(|fault| match fault {
        Fault::Missing(field) => refuse(
            400,
            match field.as_str() {
                "category" => "跟进类型不能为空",
                "activityType" => "类型不能为空",
                "activityTypeId" => "类型id不能为空",
                "content" => "内容不能为空",
                _ => "参数验证错误",
            },
        ),
        _ => refuse(500, "网络错误，请稍候再试"),
    })
}

fn save_lead(book: &mut Book, request: &Request) -> Outcome {
    save(book, request, "leads", "leadsId", LEAD)
}

fn save_customer(book: &mut Book, request: &Request) -> Outcome {
    save(book, request, "customers", "customerId", CUSTOMER)
}

/// Makes a record, or changes the one whose id is in it. Says no id.
fn save(book: &mut Book, request: &Request, kind: &str, key: &str, fields: &[Field]) -> Outcome {
    let body = request.object();
    let entity = body
        .get("entity")
        .and_then(Value::as_object)
        .cloned()
        .ok_or_else(|| refuse(500, "网络错误，请稍候再试"))?;
    if !body.get("field").is_none_or(list) {
        return Err(refuse(500, "网络错误，请稍候再试"));
    }
    match entity.get(key).map(Value::to_string) {
        Some(id) => {
            let known = book.get(kind, &id).ok_or_else(|| refuse(500, "网络错误，请稍候再试"))?;
            let mut whole = known.fields.clone();
            whole.extend(entity.clone());
            validate(fields, &whole)?;
            book.update(kind, &id, entity);
        }
        None => {
            validate(fields, &entity)?;
            let id = book.number();
            book.add(kind, id, entity);
        }
    }
    done(Value::Null)
}

fn show(record: &Record) -> Value {
    let key = match record.kind.as_str() {
        "leads" => "leadsId",
        "customers" => "customerId",
        "activities" => "activityId",
        _ => "eventId",
    };
    let mut body = record.fields.clone();
    body.insert(key.to_owned(), json!(record.id.parse::<u64>().unwrap_or_default()));
    body.insert("createTime".to_owned(), json!(record.created.strftime("%Y-%m-%d %H:%M:%S").to_string()));
    Value::Object(body)
}

fn leads(book: &mut Book, request: &Request) -> Outcome {
    page(book, request, "leads", "leadsName")
}

fn customers(book: &mut Book, request: &Request) -> Outcome {
    page(book, request, "customers", "customerName")
}

/// The newest first, and what was just added too (`CrmPageService.savePage` refreshes the index). `search` looks at
/// name, telephone and mobile; a `searchList` at what it names.
fn page(book: &mut Book, request: &Request, kind: &str, name: &str) -> Outcome {
    let body = request.json();
    let search = body["search"].as_str().unwrap_or_default();
    let conditions = body["searchList"].as_array().cloned().unwrap_or_default();
    let passes = |record: &&Record| {
        let simple = search.is_empty()
            || [name, "telephone", "mobile"].iter().any(|field| record.text(field).contains(search));
        simple && conditions.iter().all(|condition| holds(record, condition))
    };
    let found: Vec<Value> = book.all(kind).filter(passes).map(show).collect();
    let (number, size) = (body["page"].as_u64().unwrap_or(1).max(1), body["limit"].as_u64().unwrap_or(15));
    let total = found.len();
    let list: Vec<Value> =
        found.into_iter().rev().skip(((number - 1) * size) as usize).take(size as usize).collect();
    done(json!({"totalRow": total, "pageNumber": number, "pageSize": size, "list": list}))
}

/// Types 1 (is) and 3 (contains).
fn holds(record: &Record, condition: &Value) -> bool {
    let has = record.text(condition["name"].as_str().unwrap_or_default());
    let kind = condition["type"].as_u64().or_else(|| condition["type"].as_str()?.parse().ok());
    let mut values = condition["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match kind {
        Some(1) => values.any(|value| has == value),
        Some(3) => values.any(|value| has.contains(value)),
        _ => false,
    }
}

fn lead(book: &mut Book, request: &Request) -> Outcome {
    match book.get("leads", request.param("id")) {
        Some(record) => done(show(record)),
        None => Err(refuse(2001, "线索已被删除")),
    }
}

fn delete_leads(book: &mut Book, request: &Request) -> Outcome {
    for id in request.json().as_array().into_iter().flatten() {
        book.remove("leads", &id.to_string());
    }
    done(Value::Null)
}

/// The kind of record that a number stands for.
fn owner(activity: &Map<String, Value>) -> (&'static str, String) {
    let id = activity.get("activityTypeId").map_or(String::new(), Value::to_string);
    let kind = match activity.get("activityType").and_then(Value::as_u64) {
        Some(1) => "leads",
        Some(2) => "customers",
        _ => "",
    };
    (kind, id)
}

fn add_activity(book: &mut Book, request: &Request) -> Outcome {
    let given = request.object();
    validate(ACTIVITY, &given)?;
    let (kind, id) = owner(&given);
    if book.get(kind, &id).is_none() {
        return Err(refuse(401, "无权操作"));
    }
    let next = from_zone(said(&given, "nextTime"), CRM.secrets[2].1);
    if next.parse::<Timestamp>().is_ok_and(|next| next < Timestamp::now()) {
        return Err(refuse(2003, "下次联系时间必须大于当前时间"));
    }
    let number = book.number();
    book.add("activities", number, given);
    done(Value::Null)
}

fn activities(book: &mut Book, request: &Request) -> Outcome {
    let wanted = request.object();
    if !["page", "activityType", "activityTypeId"].iter().all(|name| wanted.get(*name).is_some_and(integer)) {
        return Err(refuse(500, "网络错误，请稍候再试"));
    }
    let found: Vec<Value> =
        book.all("activities").filter(|record| owner(&record.fields) == owner(&wanted)).map(show).collect();
    done(json!({"lastPage": true, "time": null, "list": found.into_iter().rev().collect::<Vec<_>>()}))
}

fn save_event(book: &mut Book, request: &Request) -> Outcome {
    let body = request.object();
    let event = body.get("event").and_then(Value::as_object).cloned().unwrap_or_default();
    validate(EVENT, &event)?;
    // It loops over the notices without asking whether there are any.
    if !body.get("notice").is_some_and(list) || !body.get("relation").is_none_or(object) {
        return Err(refuse(500, "网络错误，请稍候再试"));
    }
    let relation = body.get("relation").cloned().unwrap_or_default();
    let mut customers =
        relation["customerIds"].as_str().unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let id = book.number();
    book.add("events", id, event);
    if let Some(customer) = customers.next() {
        book.link(("events", &id.to_string()), ("customers", customer));
    }
    done(Value::Null)
}

/// What begins between two moments, in milliseconds, and says its own times so.
fn events(book: &mut Book, request: &Request) -> Outcome {
    let body = request.json();
    let (Some(from), Some(to)) = (body["startTime"].as_i64(), body["endTime"].as_i64()) else {
        return Err(refuse(500, "网络错误，请稍候再试"));
    };
    let moment = |record: &Record, name: &str| {
        from_zone(record.text(name), CRM.secrets[2].1).parse().map_or(0, Timestamp::as_millisecond)
    };
    let within = |record: &&Record| (from..=to).contains(&moment(record, "startTime"));
    let found: Vec<Value> = book
        .all("events")
        .filter(within)
        .map(|record| {
            let mut body = show(record);
            body["startTime"] = json!(moment(record, "startTime"));
            body["endTime"] = json!(moment(record, "endTime"));
            body
        })
        .collect();
    done(json!(found))
}

fn delete_event(book: &mut Book, request: &Request) -> Outcome {
    let id = request.json()["eventId"].to_string();
    if book.remove("events", &id) {
        done(Value::Null)
    } else {
        Err(refuse(500, "网络错误，请稍候再试"))
    }
}

fn fact(_: &Book, record: &Record) -> Option<Fact> {
    let (id, text) = (record.id.clone(), |name: &str| record.text(name).to_owned());
    let zone = CRM.secrets[2].1;
    Some(match record.kind.as_str() {
        "activities" => Fact::Note(Note { id, person: owner(&record.fields).1, text: text("content") }),
        "events" => Fact::Meeting(Meeting {
            id,
            person: record.linked("customers").to_owned(),
            start: from_zone(record.text("startTime"), zone),
            end: from_zone(record.text("endTime"), zone),
            cancelled: false,
        }),
        _ => {
            let phone = if text("mobile").is_empty() { text("telephone") } else { text("mobile") };
            Fact::Person(Person { id, email: text("email"), phone })
        }
    })
}
