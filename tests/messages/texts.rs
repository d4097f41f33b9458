//! The words themselves: every kind of message in every language, as it arrives.

use std::fs;

use serde_json::json;

use super::{attempt, by, connection, delivery, event, mails, root};
use crate::support::smtp::Smtp;

const KINDS: [&str; 6] = [
    "appointment.requested",
    "appointment.booked",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.reminder",
    "waitlist.offered",
];

/// Compares with the files in `golden/`. After a change of words, `BLESS=1` writes them anew, to be read before they are
/// committed.
#[tokio::test]
async fn every_kind_of_message_reads_as_it_should_in_every_language() {
    let smtp = Smtp::start().await;
    for lang in ["en", "zh-CN", "zh-TW"] {
        for kind in KINDS {
            let told = delivery(
                event(kind, lang, json!({"contact": {"name": "王芳", "email": "a@example.com"}})),
                &mails(),
            );
            attempt(&by(&smtp), &mails(), &told).await;
            let mail = smtp.received().pop().unwrap();
            let text = format!("{}\n\n{}\n", mail.header("subject").unwrap(), mail.text());
            let path = root().join(format!("tests/messages/golden/{kind}.{lang}.txt"));
            if std::env::var_os("BLESS").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &text).unwrap();
            }
            assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn an_operator_s_own_words_take_the_place_of_ours() {
    let smtp = Smtp::start().await;
    let texts = json!({"booked.subject": {"en": "See you {date} at {time}", "zh-CN": "{date} 见"},
                       "booked.text": "{name}: {code}\n{bring}\nBring {until}\n{link}"});
    let own = connection("email", json!({"inputs": {"from": "a@clinic.example"}, "texts": texts}));
    for (lang, subject) in
        [("en", "See you Monday, 23 November 2026 at 10:00"), ("zh-CN", "2026年11月23日 星期一 见")]
    {
        attempt(&by(&smtp), &own, &delivery(event("appointment.booked", lang, json!({})), &own)).await;
        let mail = smtp.received().pop().unwrap();
        assert_eq!(mail.header("subject").as_deref(), Some(subject));
        let bring = if lang == "en" { "Your identity or insurance card" } else { "身份证或医保卡" };
        let wanted = if lang == "en" { "?lang=en" } else { "" };
        let link =
            format!("https://book.example.com/b/clinic{wanted}#apt_0192f1c46a0b7c3e9d1a2b3c4d5e6f74.TOKEN");
        assert_eq!(mail.text(), format!("王芳: B7QM-2F9X\n{bring}\n{link}"));
    }
    attempt(&by(&smtp), &own, &delivery(event("appointment.moved", "en", json!({})), &own)).await;
    let moved = smtp.received().pop().unwrap();
    assert!(moved.header("subject").unwrap().starts_with("New time: "), "ours where there are none");
}

#[tokio::test]
async fn the_time_is_that_of_the_place() {
    let smtp = Smtp::start().await;
    for (place, zone, time) in [("lakeside", "Asia/Shanghai", "10:00"), ("gone", "Europe/Paris", "03:00")] {
        let told = json!({"keys": {"place": place}, "timeZone": zone});
        attempt(&by(&smtp), &mails(), &delivery(event("appointment.booked", "en", told), &mails())).await;
        let subject = smtp.received().pop().unwrap().header("subject").unwrap();
        assert!(subject.ends_with(&format!("Monday, 23 November 2026, {time}")), "{subject}");
    }
}
