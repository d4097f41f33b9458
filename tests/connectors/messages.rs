//! Messages of a chat that is going on, in the CRM that takes them one by one.

use serde_json::json;

use super::{EMAIL, Stage, event, setup};
use crate::support::crms::mishap::Mishap;

/// More requests than the first message of somebody new takes.
const MANY: usize = 16;

fn message(from: &str, text: &str, at: &str) -> super::Delivery {
    let mut message = event(
        "message.created",
        json!({
            "conversation": "conv_0192f1c46a0b7c3e9d1a2b3c4d5e6f71", "site": "clinic", "lang": "en", "from": from,
            "text": text, "at": at, "contact": {"name": "王芳", "email": EMAIL}
        }),
    );
    message.event.timestamp = at.to_owned();
    message
}

fn question() -> super::Delivery {
    message("visitor", "Is Dr Li in on Monday?", "2026-11-21T08:15:30Z")
}

/// What Chatwoot shows, in the order in which it came.
fn said(stage: &Stage) -> Vec<String> {
    assert_eq!(stage.crm.complaints(), [""; 0]);
    assert_eq!(stage.crm.people().len(), 1, "{:?}", stage.crm.people());
    let person = &stage.crm.people()[0].id;
    let notes = stage.crm.notes();
    assert!(notes.iter().all(|note| note.person == *person), "{notes:?}");
    notes.into_iter().map(|note| note.text).collect()
}

#[tokio::test]
async fn messages_of_a_visitor_and_an_agent_appear_in_one_conversation() {
    let stage = setup::start("chatwoot").await;
    stage.deliver(&question()).await;
    stage.deliver(&message("agent", "Yes, from nine to noon.", "2026-11-21T08:16:02Z")).await;
    // The same words again are another message.
    stage.deliver(&message("visitor", "Is Dr Li in on Monday?", "2026-11-21T08:17:00Z")).await;
    let wanted = ["Is Dr Li in on Monday?", "Yes, from nine to noon.", "Is Dr Li in on Monday?"];
    assert_eq!(said(&stage), wanted);
    let opened =
        stage.crm.requests().iter().filter(|request| request.path.ends_with("/conversations")).count();
    assert_eq!(opened, 1, "one conversation");
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_appears_once() {
    let mut hit = 0;
    for n in 1..MANY {
        let stage = setup::start("chatwoot").await;
        let question = question();
        stage.crm.at(n, Mishap::Lose);
        stage.attempt(&question).await;
        let unhurt = stage.crm.requests().len() < n;
        stage.book.age();
        stage.deliver(&question).await;
        assert_eq!(said(&stage), ["Is Dr Li in on Monday?"], "request {n}");
        if unhurt {
            break;
        }
        hit += 1;
    }
    // The search, the contact, the conversation, the message.
    assert_eq!(hit, 4);
}
