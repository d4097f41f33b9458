//! From booking to the mail, through the front door.

use std::time::{Duration, Instant};

use crm_widgets::config::Settings;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::on_both_engines;
use crate::support::caller::Reply;
use crate::support::crm::Crm;
use crate::support::database::Database;
use crate::support::gateway::Gateway;
use crate::support::smtp::{Received, Smtp};

on_both_engines!(
    each_change_of_an_appointment_is_told_with_a_link_that_works,
    a_request_and_a_freed_slot_are_told,
    an_event_has_the_time_zone_of_its_place,
);

/// A clinic with one dentist, who works every day, and a connection that writes to people.
pub(super) fn site() -> Value {
    json!({
        "key": "clinic", "name": {"en": "Riverside Clinic", "zh-CN": "河滨诊所"}, "timeZone": "Asia/Shanghai",
        "languages": ["en", "zh-CN"], "challenge": {"enabled": false},
        "forms": [{"id": "visit", "title": "Your details", "pages": [{"fields": [
            {"name": "name", "type": "text", "label": "Name"},
            {"name": "mail", "type": "email", "label": "E-mail"},
        ]}]}],
        "booking": {
            "departments": [{"key": "dentistry", "name": "Dentistry"}],
            "services": [
                {"key": "checkup", "department": "dentistry", "name": {"en": "Check-up", "zh-CN": "口腔检查"}, "minutes": 30,
                 "practitioners": ["li"], "form": "visit", "waitlist": true, "bring": {"en": "Your card", "zh-CN": "医保卡"}},
                {"key": "surgery", "department": "dentistry", "name": "Surgery", "minutes": 30,
                 "practitioners": ["li"], "form": "visit", "approval": true}
            ],
            "practitioners": [{"key": "li", "name": {"en": "Dr Li", "zh-CN": "李医生"}}],
            "places": [{"key": "lakeside", "name": "Lakeside", "address": "18 Lakeside Road"}],
            "schedules": [
                {"who": "li", "place": "lakeside", "days": ["daily"], "hours": [{"from": "08:00", "to": "18:00"}]},
            ],
            "reminders": [24, 2],
        },
        "connections": [{"name": "people", "connector": "email", "inputs": {"from": "Clinic <noreply@clinic.example>"}}],
    })
}

/// A gateway whose mails go there.
pub(super) async fn gateway(database: Database, smtp: &Smtp) -> Gateway {
    gateway_of(database, smtp, site()).await
}

/// The same for another clinic.
pub(super) async fn gateway_of(database: Database, smtp: &Smtp, site: Value) -> Gateway {
    let settings = Settings {
        public_url: Some("https://book.example.com".to_owned()),
        smtp: Some(format!("smtp://127.0.0.1:{}", smtp.port)),
        allow_private: Some(vec!["127.0.0.1".to_owned()]),
        ..Settings::default()
    };
    Gateway::with(database, settings, site).await
}

/// Waits until so many mails have come, and returns them.
pub(super) async fn wait_for(smtp: &Smtp, mails: usize) -> Vec<Received> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let received = smtp.received();
        if received.len() >= mails {
            return received;
        }
        assert!(Instant::now() < deadline, "{} of {mails} mails came", received.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// That hour of tomorrow at the clinic, an instant.
pub(super) fn at(hour: i8) -> String {
    let tomorrow = jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap().date().tomorrow().unwrap();
    tomorrow.at(hour, 0, 0, 0).in_tz("Asia/Shanghai").unwrap().timestamp().to_string()
}

/// What a visitor's page does.
pub(super) struct Visitor<'a>(pub &'a Gateway);

impl Visitor<'_> {
    pub async fn send(&self, method: &str, path: &str, token: &str, body: Value) -> Reply {
        let (token, key) = (format!("Bearer {token}"), Uuid::now_v7().to_string());
        let headers =
            [("content-type", "application/json"), ("idempotency-key", &key), ("authorization", &token)];
        let headers = if token == "Bearer " { &headers[..2] } else { &headers[..] };
        let path = format!("/v1/sites/clinic/{path}");
        self.0.send(method.parse().unwrap(), &path, headers, body.to_string().into()).await
    }
}

async fn each_change_of_an_appointment_is_told_with_a_link_that_works(database: Database) {
    let smtp = Smtp::start().await;
    let gateway = gateway(database, &smtp).await;
    let visitor = Visitor(&gateway);
    let answers = json!({"name": "Wang Fang", "mail": "wang@example.com"});
    let book =
        json!({"service": "checkup", "practitioner": "li", "start": at(9), "lang": "en", "answers": answers});
    let booked = visitor.send("POST", "appointments", "", book).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let mail = &wait_for(&smtp, 1).await[0];
    assert_eq!(mail.to, ["wang@example.com"]);
    let text = mail.text();
    for wanted in [
        "Hello Wang Fang,",
        ", 09:00\nCheck-up\nDr Li\nLakeside\n18 Lakeside Road\n",
        "Please bring: Your card\n",
    ] {
        assert!(text.contains(wanted), "{wanted:?} in {text}");
    }
    assert!(text.contains(booked.json()["code"].as_str().unwrap()));
    let link = text.lines().find_map(|line| line.strip_prefix("https://book.example.com/b/clinic#")).unwrap();
    let (id, token) = link.split_once('.').unwrap();
    assert_eq!(booked.json()["id"], id);
    let path = format!("appointments/{id}");
    assert_eq!(visitor.send("GET", &path, token, json!({})).await.status, 200);

    assert_eq!(visitor.send("PATCH", &path, token, json!({"start": at(11)})).await.status, 200);
    let moved = wait_for(&smtp, 2).await.remove(1);
    assert!(moved.header("subject").unwrap().starts_with("New time: Check-up, "), "{moved:?}");
    assert!(moved.text().contains(", 11:00\n"));
    assert!(moved.part("text/calendar").unwrap().contains("\nSEQUENCE:1\n"));

    assert_eq!(visitor.send("DELETE", &path, token, json!({})).await.status, 200);
    let cancelled = wait_for(&smtp, 3).await.remove(2);
    assert!(cancelled.header("subject").unwrap().starts_with("Cancelled: Check-up, "), "{cancelled:?}");
    let calendar = cancelled.part("text/calendar").unwrap();
    assert!(
        calendar.contains("\nMETHOD:CANCEL\n") && calendar.contains(&format!("\nUID:{id}@")),
        "{calendar}"
    );
    assert!(cancelled.content.contains("method=CANCEL"));
    gateway.stop().await;
}

async fn an_event_has_the_time_zone_of_its_place(database: Database) {
    let crm = Crm::start().await;
    let mut site = site();
    site["booking"]["places"][0]["timeZone"] = json!("Asia/Urumqi");
    site["connections"] =
        json!([{"name": "crm", "connector": "webhook", "url": crm.url, "allowPrivate": true}]);
    let settings = Settings { allow_private: Some(vec!["127.0.0.1".to_owned()]), ..Settings::default() };
    let gateway = Gateway::with(database, settings, site).await;
    let answers = json!({"name": "Wang Fang", "mail": "wang@example.com"});
    let book = json!({"service": "checkup", "practitioner": "li", "start": at(12), "lang": "en", "answers": answers});
    let booked = Visitor(&gateway).send("POST", "appointments", "", book).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let event = crm.wait_for(1).await.remove(0).json();
    assert_eq!(
        (&event["type"], &event["data"]["timeZone"]),
        (&json!("appointment.booked"), &json!("Asia/Urumqi"))
    );
    gateway.stop().await;
}

async fn a_request_and_a_freed_slot_are_told(database: Database) {
    let smtp = Smtp::start().await;
    let gateway = gateway(database, &smtp).await;
    let visitor = Visitor(&gateway);
    let answers = |mail: &str| json!({"name": "Wang Fang", "mail": mail});
    let surgery = json!({"service": "surgery", "practitioner": "li", "start": at(8), "lang": "en", "answers": answers("a@example.com")});
    assert_eq!(visitor.send("POST", "appointments", "", surgery).await.status, 201);
    let requested = wait_for(&smtp, 1).await.remove(0);
    assert!(requested.header("subject").unwrap().starts_with("Request received: Surgery, "), "{requested:?}");
    assert_eq!(requested.part("text/calendar"), None, "nothing is certain yet");

    let check = json!({"service": "checkup", "practitioner": "li", "start": at(9), "lang": "en", "answers": answers("b@example.com")});
    let booked = visitor.send("POST", "appointments", "", check).await.json();
    let wait = json!({"service": "checkup", "lang": "zh-CN", "answers": answers("c@example.com")});
    assert_eq!(visitor.send("POST", "waitlist", "", wait).await.status, 201);
    let path = format!("appointments/{}", booked["id"].as_str().unwrap());
    assert_eq!(visitor.send("DELETE", &path, booked["token"].as_str().unwrap(), json!({})).await.status, 200);
    // The booking, its cancellation, and the offer.
    let mails = wait_for(&smtp, 4).await;
    let offer = mails.iter().find(|mail| mail.to == ["c@example.com"]).expect("an offer");
    let subject = offer.header("subject").unwrap();
    assert!(subject.starts_with("候补有号了：口腔检查，") && subject.ends_with(" 09:00"), "{subject}");
    let text = offer.text();
    assert!(text.contains("医生：李医生\n") && text.contains("为您保留到 "), "{text}");
    let link = text
        .lines()
        .find_map(|line| line.strip_prefix("https://book.example.com/b/clinic?lang=zh-CN#"))
        .unwrap();
    let (id, token) = link.split_once('.').unwrap();
    let waiting = visitor.send("GET", &format!("waitlist/{id}"), token, json!({})).await;
    assert_eq!((waiting.status, &waiting.json()["turn"]), (200, &json!("offered")), "{}", waiting.text());
    gateway.stop().await;
}
