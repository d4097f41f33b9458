//! From booking to the mail, through the front door.

use std::time::{Duration, Instant};

use crm_widgets::config::Settings;
use serde_json::{Value, json};

use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::gateway::Gateway;
use crate::support::smtp::{Received, Smtp};

on_both_engines!(each_change_of_an_appointment_is_told_with_a_link_that_works);

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
                 "practitioners": ["li"], "form": "visit", "bring": {"en": "Your card", "zh-CN": "医保卡"}},
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
    let settings = Settings {
        public_url: Some("https://book.example.com".to_owned()),
        smtp: Some(format!("smtp://127.0.0.1:{}", smtp.port)),
        allow_private: Some(vec!["127.0.0.1".to_owned()]),
        ..Settings::default()
    };
    Gateway::with(database, settings, site()).await
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

async fn each_change_of_an_appointment_is_told_with_a_link_that_works(database: Database) {
    let smtp = Smtp::start().await;
    let gateway = gateway(database, &smtp).await;
    let tomorrow = jiff::Timestamp::now().in_tz("Asia/Shanghai").unwrap().date().tomorrow().unwrap();
    let at = |hour: i8| {
        let start = tomorrow.at(hour, 0, 0, 0).in_tz("Asia/Shanghai").unwrap();
        start.timestamp().to_string()
    };
    let send = async |method: &str, path: &str, token: &str, body: Value| {
        let token = format!("Bearer {token}");
        let headers = [
            ("content-type", "application/json"),
            ("idempotency-key", "key-of-a-journey-12"),
            ("authorization", &token),
        ];
        let headers = if token == "Bearer " { &headers[..2] } else { &headers[..] };
        let path = format!("/v1/sites/clinic/{path}");
        gateway.send(method.parse().unwrap(), &path, headers, body.to_string().into()).await
    };
    let answers = json!({"name": "Wang Fang", "mail": "wang@example.com"});
    let book =
        json!({"service": "checkup", "practitioner": "li", "start": at(9), "lang": "en", "answers": answers});
    let booked = send("POST", "appointments", "", book).await;
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
    assert_eq!(send("GET", &path, token, json!({})).await.status, 200);

    assert_eq!(send("PATCH", &path, token, json!({"start": at(11)})).await.status, 200);
    let moved = wait_for(&smtp, 2).await.remove(1);
    assert!(moved.header("subject").unwrap().starts_with("New time: Check-up, "), "{moved:?}");
    assert!(moved.text().contains(", 11:00\n"));
    assert!(moved.part("text/calendar").unwrap().contains("\nSEQUENCE:1\n"));

    assert_eq!(send("DELETE", &path, token, json!({})).await.status, 200);
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
