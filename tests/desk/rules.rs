//! What may not be booked, and what the visitor is told.

use serde_json::{Value, json};

use super::{Visitor, key, patient, site};
use crate::staff::Staff;
use crate::support::database::Database;
use crate::support::gateway::Gateway;

/// A clinic whose check-up has these rules besides.
async fn with(rules: Value) -> Gateway {
    super::with(Database::sqlite(), rules, json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_in_no_schedule_is_not_offered() {
    let gateway = with(json!({})).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let odd = free[0].replace(":00:00Z", ":10:00Z").replace(":30:00Z", ":40:00Z");
    for start in [odd.as_str(), "2020-01-01T01:00:00Z", "2999-01-01T01:00:00Z"] {
        let refused = visitor.book(&key(1), 1, "li", start).await;
        assert_eq!((refused.status, refused.problem().as_str()), (422, "not-offered"), "{start}");
    }
    let refused = visitor.book(&key(1), 1, "li", "tomorrow").await;
    assert_eq!((refused.status, refused.problem().as_str()), (400, "malformed"));
    let refused = visitor.book(&key(1), 1, "nobody", &free[0]).await;
    assert_eq!((refused.status, refused.problem().as_str()), (404, "unknown-service"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_books_as_much_as_is_allowed() {
    let gateway = with(json!({"limits": {"open": 2}})).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    for at in 0..2 {
        assert_eq!(visitor.book(&key(at), 7, "li", &free[at as usize]).await.status, 201);
    }
    let refused = visitor.book(&key(2), 7, "li", &free[2]).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "limit-reached"));
    assert_eq!(visitor.book(&key(3), 8, "li", &free[2]).await.status, 201, "somebody else may");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_number_one_knows_is_not_told_on_when_and_where_they_come() {
    let mut said = std::collections::BTreeSet::new();
    for limit in ["open", "perDay", "perDepartment", "perPractitioner"] {
        let gateway = with(json!({"limits": {limit: 1}})).await;
        let visitor = Visitor(&gateway.caller);
        let free = visitor.free("li").await;
        assert_eq!(visitor.book(&key(1), 7, "li", &free[0]).await.status, 201);
        let refused = visitor.book(&key(2), 7, "li", &free[1]).await;
        assert_eq!((refused.status, refused.problem().as_str()), (409, "limit-reached"), "{limit}");
        said.insert(refused.json()["detail"].to_string());
        gateway.stop().await;
    }
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_no_number_is_known_by_their_address() {
    let mut site = site();
    site["booking"]["services"][0]["limits"] = json!({"open": 1});
    let fields = &mut site["forms"][0]["pages"][0]["fields"];
    fields[1]["required"] = json!(false);
    fields.as_array_mut().unwrap().push(json!({"name": "mail", "type": "email", "label": "E-mail"}));
    let gateway = Gateway::with(Database::sqlite(), Default::default(), site).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let book = async |number: u32, mail: &str| {
        let answers = json!({"name": "Patient", "phone": "", "mail": mail});
        let body = json!({"service": "checkup", "practitioner": "li", "start": free[number as usize], "answers": answers});
        visitor.post("appointments", &key(number), "", &body).await.status
    };
    assert_eq!(book(0, "wang.fang@example.com").await, 201);
    assert_eq!(book(1, "Wang.Fang@example.com").await, 409);
    assert_eq!(book(2, "li.na@example.com").await, 201);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_not_moved_to_and_fro_for_ever() {
    let gateway = with(json!({})).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let json = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    let path = format!("appointments/{}", json["id"].as_str().unwrap());
    let token = json["token"].as_str().unwrap().to_owned();
    let mut moved = 0;
    let refused = loop {
        let body = json!({"start": free[1 + moved % 2]});
        let reply = visitor.own("PATCH", &path, &token, Some(body)).await;
        if reply.status != 200 {
            break reply;
        }
        moved += 1;
    };
    assert_eq!((moved, refused.status, refused.problem().as_str()), (30, 409, "limit-reached"));
    assert_eq!(visitor.own("DELETE", &path, &token, None).await.status, 200);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staff_confirms_where_the_service_says_so() {
    let gateway = with(json!({"approval": true})).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    assert_eq!(visitor.book(&key(1), 1, "li", &slot).await.json()["status"], "requested");
    assert!(!visitor.free("li").await.contains(&slot), "it is kept meanwhile");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_deadline_only_staff_can_change_it() {
    let gateway = with(json!({"cancel": 100_000, "move": 100_000})).await;
    let visitor = Visitor(&gateway.caller);
    let free = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    assert_eq!(booked.get("cancellableUntil"), None);
    let path = format!("appointments/{}", booked["id"].as_str().expect("an id"));
    let token = booked["token"].as_str().expect("a token");
    for reply in [
        visitor.own("DELETE", &path, token, None).await,
        visitor.own("PATCH", &path, token, Some(json!({"start": free[1]}))).await,
    ] {
        assert_eq!((reply.status, reply.problem().as_str()), (409, "too-late"));
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_name_the_field_and_leave_the_slot_free() {
    let gateway = with(json!({})).await;
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    let mut answers = patient(1);
    answers["phone"] = json!("12");
    let body = json!({"service": "checkup", "practitioner": "li", "start": slot, "answers": answers});
    let refused = visitor.post("appointments", &key(1), "", &body).await;
    assert_eq!((refused.status, refused.problem().as_str()), (422, "invalid-answers"));
    assert_eq!(refused.json()["errors"][0]["field"], "phone");
    assert!(visitor.free("li").await.contains(&slot));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_are_compact_and_unchanged_ones_are_not_sent_again() {
    let gateway = with(json!({})).await;
    let path = "/v1/sites/clinic/slots?service=checkup";
    let first = gateway.get(path, &[("accept-encoding", "br")]).await;
    assert_eq!((first.status, first.header("content-encoding")), (200, "br"));
    let tag = first.header("etag").to_owned();
    let again = gateway.get(path, &[("accept-encoding", "br"), ("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let visitor = Visitor(&gateway.caller);
    let slot = visitor.free("li").await.remove(0);
    assert_eq!(visitor.book(&key(1), 1, "li", &slot).await.status, 201);
    let changed = gateway.get(path, &[("accept-encoding", "br"), ("if-none-match", &tag)]).await;
    assert_eq!(changed.status, 200, "somebody booked");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_robot_may_have_asked_for_is_kept_marked_and_left_to_staff() {
    let gateway = with(json!({})).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let slots = visitor.free("li").await;
    let signals = json!({"trap": true, "elapsed": 800});
    let book = json!({"service": "checkup", "practitioner": "li", "start": slots[0], "answers": patient(1), "signals": signals});
    let trapped = visitor.post("appointments", &key(1), "", &book).await;
    assert_eq!((trapped.status, &trapped.json()["status"]), (201, &json!("requested")));
    assert!(!visitor.free("li").await.contains(&slots[0]), "it may be a patient after all");
    assert_eq!(visitor.book(&key(2), 2, "li", &slots[1]).await.json()["status"], "booked");
    let wait = json!({"service": "checkup", "answers": patient(3), "signals": signals});
    assert_eq!(visitor.post("waitlist", &key(3), "", &wait).await.json()["turn"], "waiting");
    let metrics = gateway.get("/metrics", &[]).await;
    for counted in ["crm_submissions_total{spam=\"no\"} 1\n", "crm_submissions_total{spam=\"yes\"} 2\n"] {
        assert!(metrics.text().contains(counted), "{counted}: {}", metrics.text());
    }
    let list = staff.get("appointments").await;
    let marks: Vec<&Value> =
        list["appointments"].as_array().expect("a list").iter().map(|one| &one["spam"]).collect();
    assert_eq!(marks, [&json!(true), &Value::Null]);
    assert_eq!(staff.get("waitlist").await["waiting"][0]["spam"], true);
    let path = format!("appointments/{}", trapped.json()["id"].as_str().expect("an id"));
    assert_eq!(staff.patch(&path, json!({"status": "booked"})).await.json()["status"], "booked");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_slots_is_one_small_answer() {
    let gateway = with(json!({"window": 366})).await;
    let path = "/v1/sites/clinic/slots?service=checkup";
    let reply = gateway.get(path, &[]).await;
    let slots: crm_protocol::booking::Slots = serde_json::from_value(reply.json()).expect("slots");
    let days = slots.free().map(|(_, slot)| slot.day).collect::<std::collections::BTreeSet<_>>();
    // Today's may be over.
    assert!(days.len() >= 366 && days.last() == Some(&366), "{} days, {:?}", days.len(), days.last());
    assert!(reply.body.len() < 40_000, "{} bytes", reply.body.len());
    let packed = gateway.get(path, &[("accept-encoding", "br")]).await;
    assert!(packed.body.len() < 4_000, "{} bytes", packed.body.len());
    // Who asks for more gets no more than can be booked.
    let more = gateway.get(&format!("{path}&from=1999-01-01&to=2999-12-31"), &[]).await;
    let more: crm_protocol::booking::Slots = serde_json::from_value(more.json()).expect("slots");
    assert_eq!(more.free().count(), slots.free().count());
    crate::support::report(&format!(
        "slots of a year: {} bytes, {} packed",
        reply.body.len(),
        packed.body.len()
    ));
    gateway.stop().await;
}
