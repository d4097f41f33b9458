//! Sends an entry until somebody has answered for it.

use crm_element::time;

use crate::challenge::Challenges;
use crate::entry::Entry;
use crate::outbox::Outbox;
use crate::send::{Answer, send};

/// Seconds between two attempts; the last is repeated.
const BACKOFF: [u32; 6] = [1, 2, 5, 10, 30, 60];

/// How often a solution may be refused before the entry has to wait: clocks differ, solutions get spent.
const PROOFS: usize = 2;

/// Sends `entry` again and again until it is answered for good, then forgets it. `waiting` hears every failure, and
/// stops the sending by returning false; the entry is then still kept. After each pause `wanted` says whether it is to be
/// sent at all any more.
pub async fn deliver(
    entry: &Entry,
    outbox: &Outbox,
    challenges: Option<&Challenges>,
    waiting: impl Fn(&str) -> bool,
    wanted: impl Fn() -> bool,
) -> Option<Answer> {
    let mut pauses = BACKOFF.iter().copied();
    let mut pause = 0;
    loop {
        match attempt(entry, challenges).await {
            Answer::Later { code, after } => {
                if !waiting(&code) {
                    return None;
                }
                pause = pauses.next().unwrap_or(pause).max(after);
                time::sleep_or_online(pause.saturating_mul(1000)).await;
                if !wanted() {
                    return None;
                }
            }
            answer => {
                outbox.remove(&entry.key).await;
                return Some(answer);
            }
        }
    }
}

async fn attempt(entry: &Entry, challenges: Option<&Challenges>) -> Answer {
    for _ in 0..PROOFS {
        let proof = match challenges {
            Some(challenges) => challenges.take().await,
            None => String::new(),
        };
        match send(entry, &proof).await {
            Answer::Challenge => {}
            answer => return answer,
        }
    }
    Answer::Later { code: "challenge".to_owned(), after: 0 }
}
