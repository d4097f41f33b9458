//! The same as a template message of an Official Account of 微信.

use crm_widgets::connector::{Class, Outcome};
use serde_json::{Value, json};

pub(super) use crate::support::wechat::{APPID, SECRET};

use super::{attempt, connection, connector, delivery, event};
use crate::support::wechat::{FOLLOWER, TEMPLATE, WeChat};

/// A connection that sends the template, by the name that the account gave each of its parts.
fn template(server: &WeChat, inputs: Value) -> crm_widgets::definitions::Connection {
    connection(
        "wechat",
        json!({
            "url": server.url, "allowPrivate": true, "inputs": inputs,
            "secrets": {"appid": {"env": "WECHAT_APPID"}, "secret": {"env": "WECHAT_SECRET"}},
            "fields": {
                "thing1": "{{ data.service | truncate(20) }}",
                "time2": "{{ data.start | time('%Y-%m-%d %H:%M', zone=data.timeZone) }}",
            }
        }),
    )
}

/// Of somebody whom the page knows by that openid.
fn booked(openid: &str) -> crm_widgets::connector::event::Event {
    event("appointment.booked", "zh-CN", json!({"answers": {"openid": openid, "name": "王芳"}}))
}

#[tokio::test]
async fn a_template_message_has_its_parts_and_opens_the_appointment() {
    let server = WeChat::start().await;
    let people = template(&server, json!({"template": TEMPLATE}));
    let told = delivery(booked(FOLLOWER), &people);
    let connector = connector(None, &["127.0.0.1"]);
    for _ in 0..2 {
        let report = attempt(&connector, &people, &told).await;
        assert_eq!(report.outcome, Outcome::Delivered { duplicate: false }, "{report:?}");
    }
    let [message] = &server.messages()[..] else { panic!("not one message: {:?}", server.messages()) };
    assert_eq!(
        message["data"],
        json!({"thing1": {"value": "口腔检查"}, "time2": {"value": "2026-11-23 10:00"}})
    );
    assert_eq!(
        message["url"],
        "https://book.example.com/b/clinic#apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f74.TOKEN"
    );
    assert_eq!(server.tokens(), 1, "one token serves them all");
}

#[tokio::test]
async fn a_token_that_another_program_has_ended_is_fetched_anew() {
    let server = WeChat::start().await;
    let people = template(&server, json!({"template": TEMPLATE}));
    let connector = connector(None, &["127.0.0.1"]);
    attempt(&connector, &people, &delivery(booked(FOLLOWER), &people)).await;
    server.end_tokens();
    let report = attempt(&connector, &people, &delivery(booked(FOLLOWER), &people)).await;
    assert_eq!(report.outcome, Outcome::Delivered { duplicate: false }, "{report:?}");
    assert_eq!((server.tokens(), server.messages().len()), (2, 2));
}

#[tokio::test]
async fn who_left_no_openid_gets_none() {
    let server = WeChat::start().await;
    let people = template(&server, json!({"template": TEMPLATE}));
    let told = delivery(event("appointment.booked", "zh-CN", json!({})), &people);
    let report = attempt(&connector(None, &["127.0.0.1"]), &people, &told).await;
    assert_eq!(report.outcome, Outcome::Delivered { duplicate: false }, "{report:?}");
    assert_eq!((server.tokens(), server.messages().len()), (0, 0));
}

#[tokio::test]
async fn what_wechat_refuses_with_200_is_no_success() {
    let server = WeChat::start().await;
    let connector = connector(None, &["127.0.0.1"]);
    for (openid, template_id, code) in
        [("oNobodyWhoFollowsUs", TEMPLATE, "43004"), (FOLLOWER, "gone", "40037")]
    {
        let people = template(&server, json!({"template": template_id}));
        let report = attempt(&connector, &people, &delivery(booked(openid), &people)).await;
        assert!(matches!(report.outcome, Outcome::Permanent(_)), "{code}: {report:?}");
        assert!(format!("{report:?}").contains(code), "{report:?}");
    }
    server.be_busy();
    let people = template(&server, json!({"template": TEMPLATE}));
    let report = attempt(&connector, &people, &delivery(booked(FOLLOWER), &people)).await;
    assert!(matches!(report.outcome, Outcome::Retry { class: Class::Rejected, .. }), "{report:?}");
    assert_eq!(server.messages().len(), 0);
}

#[tokio::test]
async fn a_wrong_secret_is_the_connections_trouble_and_never_recorded() {
    let server = WeChat::start().await;
    let mut people = template(&server, json!({"template": TEMPLATE}));
    people.secrets.insert("secret".into(), serde_json::from_value(json!({"env": "SMS_TOKEN"})).unwrap());
    let told = delivery(booked(FOLLOWER), &people);
    let report = attempt(&connector(None, &["127.0.0.1"]), &people, &told).await;
    assert!(matches!(report.outcome, Outcome::Retry { class: Class::Auth, .. }), "{report:?}");
    assert!(!format!("{report:?}").contains("sms-token-1234"), "{report:?}");
}
