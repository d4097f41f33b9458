//! Mails by SMTP: what leaves, and what follows from each answer.

use std::time::Duration;

use crm_widgets::connector::smtp::Server;
use crm_widgets::connector::{Class, Outcome};
use serde_json::json;

use super::{EMAIL, attempt, by, connection, connector, delivery, event, mails};
use crate::support::smtp::{Smtp, Turn};

const DELIVERED: Outcome = Outcome::Delivered { duplicate: false };

#[tokio::test]
async fn a_mail_goes_to_the_person_alone_and_says_that_no_one_wrote_it() {
    let smtp = Smtp::start().await;
    let booked = delivery(event("appointment.booked", "zh-CN", json!({})), &mails());
    let report = attempt(&by(&smtp), &mails(), &booked).await;
    assert_eq!((report.outcome, report.status), (DELIVERED, Some(250)), "{report:?}");
    let [mail] = &smtp.received()[..] else { panic!("not one mail") };
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("noreply@clinic.example", &[EMAIL.to_owned()][..]));
    assert_eq!(mail.header("from").as_deref(), Some("康宁诊所 <noreply@clinic.example>"));
    assert_eq!(mail.header("to").as_deref(), Some(EMAIL));
    assert_eq!(mail.header("auto-submitted").as_deref(), Some("auto-generated"));
    let id = format!("<{}@clinic.example>", booked.id);
    assert_eq!(mail.header("message-id").as_deref(), Some(id.as_str()));
    assert_eq!(mail.header("subject").as_deref(), Some("预约成功：口腔检查，2026年11月23日 星期一 10:00"));
    assert!(
        mail.text()
            .contains("\nhttps://book.example.com/b/clinic#apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f74.TOKEN\n")
    );
}

#[tokio::test]
async fn answers_go_where_the_connection_says() {
    let smtp = Smtp::start().await;
    let mails = connection(
        "email",
        json!({"inputs": {"from": "a@clinic.example", "replyTo": "desk@clinic.example"}}),
    );
    attempt(&by(&smtp), &mails, &delivery(event("appointment.moved", "en", json!({})), &mails)).await;
    assert_eq!(smtp.received()[0].header("reply-to").as_deref(), Some("desk@clinic.example"));
}

#[tokio::test]
async fn nothing_that_was_typed_becomes_a_header_or_ends_the_mail() {
    let smtp = Smtp::start().await;
    let texts =
        json!({"booked.subject": "{name} {service}", "booked.text": ".{name}\n.\nQUIT\n{practitioner}"});
    let inputs = json!({"from": "Clinic\r\nBcc <a@clinic.example>"});
    let mails = connection("email", json!({"inputs": inputs, "texts": texts}));
    let told = json!({
        "service": "Check\r\nBcc: other@example.com\r\n\r\n.\r\nMAIL FROM:<x@example.com>", "keys": {},
        "contact": {"name": "Ada\r\nBcc: third@example.com", "email": EMAIL}
    });
    let booked = delivery(event("appointment.booked", "en", told), &mails);
    let report = attempt(&by(&smtp), &mails, &booked).await;
    assert_eq!(report.outcome, DELIVERED, "{report:?}");
    let [mail] = &smtp.received()[..] else { panic!("not one mail") };
    let mut names = mail.header_names();
    names.sort_unstable();
    let own =
        ["auto-submitted", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"];
    assert_eq!(names, own);
    assert_eq!(mail.to, [EMAIL]);
    assert_eq!(mail.text(), ".\nQUIT\n李医生");
    let subject = mail.header("subject").unwrap();
    assert_eq!(subject, "Check Bcc: other@example.com . MAIL FROM:<x@example.com>");
}

#[tokio::test]
async fn an_address_that_would_be_two_is_refused_and_nobody_gets_it() {
    let smtp = Smtp::start().await;
    for to in [
        "a@example.com, b@example.com",
        "a@example.com\r\nRCPT TO:<b@example.com>",
        "a@example.com>",
        "no address",
    ] {
        let told = json!({"contact": {"email": to}});
        let report =
            attempt(&by(&smtp), &mails(), &delivery(event("appointment.booked", "en", told), &mails())).await;
        assert_eq!(report.outcome, Outcome::Permanent(Class::Server), "{to}: {report:?}");
        assert!(report.body.contains("cannot be sent to this address"), "{report:?}");
    }
    assert_eq!(smtp.received().len(), 0);
}

#[tokio::test]
async fn who_left_no_address_is_not_written_to_and_the_record_says_so() {
    let smtp = Smtp::start().await;
    let told = json!({"contact": {"name": "王芳", "phone": "+8613800138000"}});
    let report =
        attempt(&by(&smtp), &mails(), &delivery(event("appointment.booked", "en", told), &mails())).await;
    assert_eq!(report.outcome, DELIVERED);
    assert_eq!(report.error.as_deref(), Some("nothing was sent: send is only for \"contact.email\""));
    assert_eq!(smtp.received().len(), 0);
}

#[tokio::test]
async fn what_a_server_answers_decides_whether_it_is_tried_again() {
    let retry = |class| Outcome::Retry { class, after: None };
    for (command, answer, outcome) in [
        ("EHLO", "421 4.3.2 shutting down", retry(Class::Rejected)),
        ("MAIL", "451 4.3.0 later", retry(Class::Rejected)),
        ("MAIL", "550 5.7.1 not with this sender", retry(Class::Server)),
        ("RCPT", "450 4.2.1 greylisted", retry(Class::Rejected)),
        ("RCPT", "550 5.1.1 no such user", Outcome::Permanent(Class::Server)),
        ("DATA", "554 5.7.1 no", Outcome::Permanent(Class::Server)),
        (".", "452 4.3.1 disk full", retry(Class::Rejected)),
        (".", "554 5.6.0 not like this", Outcome::Permanent(Class::Server)),
    ] {
        let smtp = Smtp::start().await;
        smtp.next([Turn::Say(command, answer)]);
        let moved = delivery(event("appointment.moved", "zh-TW", json!({})), &mails());
        let report = attempt(&by(&smtp), &mails(), &moved).await;
        assert_eq!(report.outcome, outcome, "{command} {answer}: {report:?}");
        assert!(report.body.contains(&answer[4..]), "{report:?}");
        assert_eq!(smtp.received().len(), 0);
        let again = attempt(&by(&smtp), &mails(), &moved).await;
        assert_eq!((again.outcome, smtp.received().len()), (DELIVERED, 1));
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_the_connection_s_timeout() {
    for command in ["EHLO", "RCPT", "DATA"] {
        let smtp = Smtp::start().await;
        smtp.next([Turn::Hang(command)]);
        let report =
            attempt(&by(&smtp), &mails(), &delivery(event("appointment.booked", "en", json!({})), &mails()))
                .await;
        assert_eq!(
            report.outcome,
            Outcome::Retry { class: Class::Timeout, after: None },
            "{command}: {report:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_looks_at_a_mail_for_long_is_waited_for() {
    let smtp = Smtp::start().await;
    smtp.next([Turn::Ponder(Duration::from_secs(3))]);
    let booked = delivery(event("appointment.booked", "en", json!({})), &mails());
    let report = attempt(&by(&smtp), &mails(), &booked).await;
    assert_eq!((report.outcome, smtp.received().len()), (DELIVERED, 1), "{report:?}");
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_sent_again_under_the_same_id() {
    let smtp = Smtp::start().await;
    smtp.next([Turn::Lose]);
    let booked = delivery(event("appointment.booked", "en", json!({})), &mails());
    let lost = attempt(&by(&smtp), &mails(), &booked).await;
    assert!(matches!(lost.outcome, Outcome::Retry { .. }), "{lost:?}");
    assert_eq!(attempt(&by(&smtp), &mails(), &booked).await.outcome, DELIVERED);
    let [first, second] = &smtp.received()[..] else { panic!("not two mails") };
    assert_eq!(first.header("message-id"), second.header("message-id"));
    assert_eq!(first.text(), second.text());
}

#[tokio::test]
async fn a_password_that_is_refused_is_told_from_a_mail_that_is() {
    let smtp = Smtp::start().await;
    smtp.ask_for("me@clinic.example", "right-password");
    let url = format!("smtp://me%40clinic.example@127.0.0.1:{}", smtp.port);
    for (password, outcome) in [
        ("right-password", DELIVERED),
        ("wrong-password", Outcome::Retry { class: Class::Auth, after: None }),
    ] {
        let server = Server::parse(&url, Some(password.to_owned()));
        let connector = connector(server, &["127.0.0.1"]);
        let report =
            attempt(&connector, &mails(), &delivery(event("appointment.booked", "en", json!({})), &mails()))
                .await;
        assert_eq!(report.outcome, outcome, "{report:?}");
        assert!(!format!("{report:?}{connector:?}").contains(password));
    }
    assert_eq!(smtp.received().len(), 1);
}

#[tokio::test]
async fn a_server_at_a_private_address_is_reached_only_if_the_settings_name_it() {
    let smtp = Smtp::start().await;
    let booked = delivery(event("appointment.booked", "en", json!({})), &mails());
    for host in ["127.0.0.1", "localhost"] {
        let server = Server::parse(&format!("smtp://{host}:{}", smtp.port), None);
        let report = attempt(&connector(server, &["mail.example.com"]), &mails(), &booked).await;
        let (class, said) = (Class::Address, report.error.clone().unwrap_or_default());
        assert_eq!(report.outcome, Outcome::Retry { class, after: None }, "{report:?}");
        assert!(said.contains("loopback"), "{said}");
    }
    assert_eq!(smtp.received().len(), 0);
}

#[tokio::test]
async fn a_gateway_without_a_server_says_which_setting_is_missing() {
    let booked = delivery(event("appointment.booked", "en", json!({})), &mails());
    let report = attempt(&connector(None, &[]), &mails(), &booked).await;
    assert_eq!(report.outcome, Outcome::Retry { class: Class::Settings, after: None });
    assert!(report.error.unwrap().contains("set it with --smtp"));
    let wrong = connection("email", json!({"inputs": {"from": "nobody"}}));
    let smtp = Smtp::start().await;
    let report = attempt(&by(&smtp), &wrong, &booked).await;
    assert_eq!(report.outcome, Outcome::Retry { class: Class::Settings, after: None });
    assert!(report.error.unwrap().contains("from is no address"));
}
