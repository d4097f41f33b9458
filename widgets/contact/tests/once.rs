//! Whatever the visitor and the network do, in whatever order: one submission at a time, and never two that count.

use crm_contact::state::{Answer, Hurdle, Phase};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Click,
    Send,
    Answer { age: usize, answer: Answer },
    Reset,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let answer = prop_oneof![
        Just(Answer::Accepted("CODE".to_owned())),
        Just(Answer::Rejected),
        Just(Answer::Refused),
        Just(Answer::Later(Hurdle::Offline)),
        Just(Answer::Later(Hurdle::Unreachable)),
    ];
    let event = prop_oneof![
        Just(Event::Click),
        Just(Event::Send),
        (0..3_usize, answer).prop_map(|(age, answer)| Event::Answer { age, answer }),
        Just(Event::Reset),
    ];
    prop::collection::vec(event, 0..60)
}

proptest! {
    #[test]
    fn only_an_open_form_starts_a_submission(events in events()) {
        let mut phase = Phase::default();
        let mut keys: Vec<String> = Vec::new();
        for event in events {
            let (open, before) = (phase.is_open(), phase.clone());
            match event {
                Event::Click => {
                    let key = format!("key-{}", keys.len());
                    let started = phase.submit(&key);
                    prop_assert_eq!(started, open);
                    if started { keys.push(key) } else { prop_assert_eq!(&phase, &before) }
                }
                Event::Send => keys.last().into_iter().for_each(|key| phase.send(key)),
                Event::Answer { age, answer } => {
                    let Some(key) = keys.iter().rev().nth(age) else { continue };
                    let counted = phase.answer(key, answer);
                    prop_assert_eq!(counted, before.key() == Some(key.as_str()));
                    if !counted { prop_assert_eq!(&phase, &before) }
                }
                Event::Reset => phase = Phase::default(),
            }
            prop_assert!(phase.key().is_none_or(|key| keys.last().is_some_and(|last| last == key)));
        }
    }
}
