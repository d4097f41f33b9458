//! What staff sees.

use crm_widgets::store::staff::Permission;
use serde_json::{Value, json};

use super::{Staff, id};
use crate::desk::{Visitor, key, open, patient};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    appointments_are_listed_with_what_people_wrote_page_by_page,
    an_appointment_is_found_by_the_code_that_is_said_at_the_desk,
    who_may_only_book_sees_nothing_that_was_written,
    who_waits_is_listed_in_turn,
);

fn ids(page: &Value) -> Vec<String> {
    let list = page["appointments"].as_array().expect("a list");
    list.iter().map(|entry| id(entry).to_owned()).collect()
}

async fn appointments_are_listed_with_what_people_wrote_page_by_page(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let mut booked = Vec::new();
    // Two start at the same time, and the last is the first to be booked.
    for (number, (who, at)) in [("li", 3), ("li", 0), ("zhao", 3), ("li", 21)].into_iter().enumerate() {
        let reply = visitor.book(&key(number as u32), number as u32, who, &free[at]).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        booked.push(reply.json());
    }
    let mut expected: Vec<(&str, &str)> =
        booked.iter().map(|one| (one["start"].as_str().expect("a start"), id(one))).collect();
    expected.sort_unstable();
    let expected: Vec<&str> = expected.into_iter().map(|(_, id)| id).collect();

    let all = staff.get("appointments").await;
    assert_eq!(ids(&all), expected);
    assert_eq!(all.get("next"), None);
    let first = &all["appointments"][0];
    assert_eq!(
        first["answers"],
        json!([
            {"name": "name", "label": "Name", "type": "text", "value": "Patient 1"},
            {"name": "phone", "label": "Phone", "type": "phone", "value": "+8613800000001"},
        ])
    );
    assert_eq!(
        [&first["code"], &first["status"], &first["practitioner"], &first["offset"], &first["late"]],
        [&booked[1]["code"], &json!("booked"), &json!("li"), &json!(480), &json!(false)]
    );
    for one in &booked {
        let token = one["token"].as_str().expect("a token");
        assert!(!all.to_string().contains(token), "the token is its owner's alone");
    }

    let (mut paged, mut path) = (Vec::new(), "appointments?limit=1".to_owned());
    loop {
        let page = staff.get(&path).await;
        paged.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("appointments?limit=1&after={next}");
    }
    assert_eq!(paged, expected);

    let day = |start: &str| {
        let start: jiff::Timestamp = start.parse().expect("an instant");
        start.in_tz("Asia/Shanghai").expect("a zone").date().to_string()
    };
    let (one, two) = (day(&free[0]), day(&free[21]));
    assert_ne!(one, two);
    assert_eq!(ids(&staff.get(&format!("appointments?to={one}")).await), expected[..3]);
    assert_eq!(ids(&staff.get(&format!("appointments?from={two}&to={two}")).await), expected[3..]);
    assert_eq!(ids(&staff.get("appointments?practitioner=zhao").await), [id(&booked[2])]);
    assert_eq!(ids(&staff.get("appointments?status=missed").await), [""; 0]);
    for wrong in [
        "limit=0",
        "limit=201",
        "limit=x",
        "from=tomorrow",
        "status=gone",
        "after=1",
        "after=1.apt_1",
        "practitioner=%00",
    ] {
        let reply = staff.send("GET", &format!("appointments?{wrong}"), None).await;
        assert_eq!((reply.status, reply.problem().as_str()), (400, "malformed"), "{wrong}");
    }
    gateway.stop().await;
}

async fn an_appointment_is_found_by_the_code_that_is_said_at_the_desk(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let free = visitor.free("li").await;
    let booked = visitor.book(&key(1), 1, "li", &free[0]).await.json();
    visitor.book(&key(2), 2, "li", &free[1]).await;
    let code = booked["code"].as_str().expect("a code");
    for said in [code.to_owned(), code.to_lowercase().replace('-', "")] {
        let found = staff.get(&format!("appointments?code={said}")).await;
        assert_eq!(ids(&found), [id(&booked)], "{said}");
        assert_eq!(found["appointments"][0]["answers"][0]["value"], "Patient 1");
    }
    assert_eq!(ids(&staff.get("appointments?code=0000-0000").await), [""; 0]);
    let one = staff.get(&format!("appointments/{}", id(&booked))).await;
    assert_eq!((&one["code"], &one["history"][0]["type"]), (&json!(code), &json!("appointment.booked")));
    for nothing in ["appointments/apt_00000000000000000000000000000000", "appointments/1"] {
        assert_eq!(staff.send("GET", nothing, None).await.status, 404);
    }
    gateway.stop().await;
}

async fn who_may_only_book_sees_nothing_that_was_written(database: Database) {
    let gateway = open(database).await;
    let visitor = Visitor(&gateway.caller);
    let clerk = Staff::new(&gateway, "clerk", &["clinic"], &[Permission::Book]).await;
    let slot = visitor.free("li").await.remove(0);
    let body = json!({"service": "checkup", "start": slot, "answers": patient(1)});
    let booked = clerk.post("appointments", &key(1), &body).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let path = format!("appointments/{}", id(&booked.json()));
    let arrived = clerk.patch(&path, json!({"status": "arrived"})).await;
    assert_eq!((arrived.status, &arrived.json()["status"]), (200, &json!("arrived")));
    for reply in [booked, arrived] {
        assert!(!reply.text().contains("Patient") && !reply.text().contains("138"), "{}", reply.text());
    }
    gateway.stop().await;
}

async fn who_waits_is_listed_in_turn(database: Database) {
    let gateway = open(database).await;
    let (visitor, staff) = (Visitor(&gateway.caller), Staff::chief(&gateway).await);
    let mut waiting = Vec::new();
    for number in 0..3 {
        let wait = json!({"service": "checkup", "practitioner": "li", "answers": patient(number)});
        let reply = visitor.post("waitlist", &key(number), "", &wait).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        waiting.push(reply.json());
    }
    let left = visitor
        .own(
            "DELETE",
            &format!("waitlist/{}", id(&waiting[1])),
            waiting[1]["token"].as_str().expect("a token"),
            None,
        )
        .await;
    assert_eq!(left.status, 204);
    let first = staff.get("waitlist?limit=1").await;
    assert_eq!(first["waiting"].as_array().expect("a list").len(), 1);
    let entry = &first["waiting"][0];
    assert_eq!(
        [&entry["id"], &entry["turn"], &entry["practitioner"], &entry["answers"][0]["value"]],
        [&waiting[0]["id"], &json!("waiting"), &json!("li"), &json!("Patient 0")]
    );
    let next = first["next"].as_str().expect("another page");
    let second = staff.get(&format!("waitlist?limit=1&after={next}")).await;
    assert_eq!((&second["waiting"][0]["id"], second.get("next")), (&waiting[2]["id"], None));
    assert_eq!(staff.get("waitlist?service=cleaning").await["waiting"], json!([]));
    gateway.stop().await;
}
