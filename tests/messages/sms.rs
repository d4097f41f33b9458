//! The same messages by an SMS gateway, which is a connector file like any other.

use crm_widgets::connector::Outcome;
use serde_json::json;

use super::{attempt, connection, connector, delivery, event};
use crate::support::crm::{Answer, Crm};

#[tokio::test]
async fn an_sms_is_one_line_with_the_link() {
    let provider = Crm::start().await;
    let inputs = json!({"from": "Kangning", "textField": "message"});
    let sms = connection(
        "sms",
        json!({
            "url": provider.url, "inputs": inputs, "secrets": {"token": {"env": "SMS_TOKEN"}}, "allowPrivate": true
        }),
    );
    let reminder = delivery(event("appointment.reminder", "zh-CN", json!({})), &sms);
    let report = attempt(&connector(None, &["127.0.0.1"]), &sms, &reminder).await;
    assert_eq!(report.outcome, Outcome::Delivered { duplicate: false }, "{report:?}");
    let [request] = &provider.received()[..] else { panic!("not one request") };
    assert_eq!(request.headers["authorization"], "Bearer sms-token-1234");
    assert_eq!(request.headers["idempotency-key"], reminder.id.to_string());
    let text = "康宁诊所: 就诊提醒：口腔检查，2026年11月23日 星期一 10:00 \
                https://book.example.com/b/clinic#apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f74.TOKEN";
    assert_eq!(
        request.json(),
        json!({
            "to": "+8613800138000", "from": "Kangning", "message": text, "reference": reminder.id
        })
    );
}

#[tokio::test]
async fn a_webhook_gets_the_event_and_never_the_link() {
    let crm = Crm::start().await;
    let hook = connection("webhook", json!({"url": crm.url, "allowPrivate": true}));
    for kind in ["appointment.booked", "appointment.reminder", "waitlist.offered"] {
        let told = delivery(event(kind, "zh-CN", json!({})), &hook);
        attempt(&connector(None, &["127.0.0.1"]), &hook, &told).await;
    }
    let received = crm.received();
    assert_eq!(received.len(), 3);
    for request in received {
        let body = String::from_utf8(request.body).unwrap();
        assert!(!body.contains("TOKEN") && !body.contains("/b/clinic"), "{body}");
    }
}

#[tokio::test]
async fn a_crm_hears_nothing_of_what_is_only_told_to_the_person() {
    let crm = Crm::start().await;
    let chatwoot = connection(
        "chatwoot",
        json!({
            "url": crm.url, "secrets": {"token": {"env": "SMS_TOKEN"}}, "inputs": {"account": 1, "inbox": 2}, "allowPrivate": true
        }),
    );
    for kind in ["appointment.requested", "appointment.reminder", "waitlist.offered"] {
        let report = attempt(
            &connector(None, &["127.0.0.1"]),
            &chatwoot,
            &delivery(event(kind, "en", json!({})), &chatwoot),
        )
        .await;
        assert_eq!(report.outcome, Outcome::Delivered { duplicate: false }, "{report:?}");
    }
    assert_eq!(crm.received().len(), 0);
}

#[tokio::test]
async fn an_answer_that_repeats_the_link_is_recorded_without_it() {
    let provider = Crm::start().await;
    provider.always(Answer::Echo);
    let sms = connection(
        "sms",
        json!({"url": provider.url, "secrets": {"token": {"env": "SMS_TOKEN"}}, "allowPrivate": true}),
    );
    let token = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
    let mut reminder = delivery(event("appointment.reminder", "en", json!({})), &sms);
    let message = reminder.message.as_mut().unwrap();
    message.link = message.link.replace("TOKEN", token);
    let report = attempt(&connector(None, &["127.0.0.1"]), &sms, &reminder).await;
    assert!(String::from_utf8_lossy(&provider.received()[0].body).contains(token));
    assert!(report.body.contains("Riverside") || report.body.contains("#apt_"), "{report:?}");
    assert!(!format!("{report:?}").contains(token), "{report:?}");
}
