use std::collections::BTreeSet;

use crm_widgets::store::submissions::{Accepted, FindAnswer, Spent, Submissions};

use super::{NOW, claim, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    the_same_again_gets_the_same_answer,
    another_body_under_the_same_key_is_refused,
    a_challenge_is_good_for_one_submission,
    many_at_once_under_one_key_store_one,
    many_at_once_with_one_challenge_store_one,
    a_taken_receipt_stores_nothing,
    a_refused_submission_leaves_nothing,
    submissions_are_read_page_by_page,
);

fn all() -> Submissions {
    Submissions { site: "clinic".into(), form: None, after: None, limit: 100 }
}

async fn the_same_again_gets_the_same_answer(database: Database) {
    let store = database.open().await;
    assert_eq!(store.run(submission(1)).await.unwrap(), Accepted::Stored);
    let mut again = submission(1);
    // A repetition comes with whatever the second request made up.
    again.submission.id = submission(2).submission.id;
    again.answer = "another".into();
    assert_eq!(store.run(again).await.unwrap(), Accepted::Repeated { answer: r#"{"receipt":"R1"}"#.into() });
    let find = FindAnswer { site: "clinic".into(), key: "key-1".into() };
    assert_eq!(store.run(find).await.unwrap(), Some(([1; 32], r#"{"receipt":"R1"}"#.into())));
    let kept = store.run(all()).await.unwrap();
    assert_eq!(kept, [(submission(1).submission, submission(1).consents)]);
    assert_eq!(store.run(claim(NOW, 9)).await.unwrap().len(), 1);
}

async fn another_body_under_the_same_key_is_refused(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let mut other = submission(2);
    other.key = "key-1".into();
    assert_eq!(store.run(other.clone()).await.unwrap(), Accepted::KeyReused);
    // Keys of different sites have nothing to do with each other.
    other.submission.site = "dentist".into();
    assert_eq!(store.run(other).await.unwrap(), Accepted::Stored);
}

fn spent() -> Option<Spent> {
    Some(Spent { nonce: "0011".into(), expires_at: NOW + 600_000 })
}

async fn a_challenge_is_good_for_one_submission(database: Database) {
    let store = database.open().await;
    let mut first = submission(1);
    first.spent = spent();
    let mut second = submission(2);
    second.spent = spent();
    assert_eq!(store.run(first.clone()).await.unwrap(), Accepted::Stored);
    assert_eq!(store.run(second.clone()).await.unwrap(), Accepted::ChallengeSpent);
    assert!(matches!(store.run(first).await.unwrap(), Accepted::Repeated { .. }));
    second.spent = None;
    assert_eq!(store.run(second).await.unwrap(), Accepted::Stored, "its key was not used up");
}

async fn many_at_once_under_one_key_store_one(database: Database) {
    let store = database.open().await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = store.clone();
            let mut accept = submission(1);
            accept.submission.id = submission(number + 100).submission.id;
            accept.submission.receipt = format!("R{number}");
            accept.deliveries[0].id = submission(number + 100).deliveries[0].id;
            tokio::spawn(async move { store.run(accept).await.unwrap() })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        match task.await.unwrap() {
            Accepted::Stored => stored += 1,
            other => assert!(matches!(other, Accepted::Repeated { .. }), "{other:?}"),
        }
    }
    assert_eq!(stored, 1);
    assert_eq!(store.run(all()).await.unwrap().len(), 1);
    assert_eq!(store.run(claim(NOW, 100)).await.unwrap().len(), 1);
}

async fn many_at_once_with_one_challenge_store_one(database: Database) {
    let store = database.open().await;
    let tasks: Vec<_> = (0..32)
        .map(|number| {
            let (store, mut accept) = (store.clone(), submission(number));
            accept.spent = spent();
            tokio::spawn(async move { store.run(accept).await.unwrap() })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        stored += usize::from(task.await.unwrap() == Accepted::Stored);
    }
    assert_eq!((stored, store.run(all()).await.unwrap().len()), (1, 1));
}

async fn a_taken_receipt_stores_nothing(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let mut second = submission(2);
    second.submission.receipt = "R1".into();
    assert_eq!(store.run(second).await.unwrap(), Accepted::ReceiptTaken);
    assert_eq!(store.run(submission(2)).await.unwrap(), Accepted::Stored);
}

async fn a_refused_submission_leaves_nothing(database: Database) {
    let store = database.open().await;
    let mut broken = submission(1);
    // Two consents for one purpose break a key half-way through.
    broken.consents.push(broken.consents[0].clone());
    assert!(store.run(broken).await.is_err());
    assert_eq!(store.run(all()).await.unwrap(), []);
    assert_eq!(store.run(submission(1)).await.unwrap(), Accepted::Stored);
}

async fn submissions_are_read_page_by_page(database: Database) {
    let store = database.open().await;
    for number in 1..=7 {
        let mut accept = submission(number);
        accept.submission.form = if number == 4 { "callback" } else { "enquiry" }.into();
        store.run(accept).await.unwrap();
    }
    let mut seen = BTreeSet::new();
    let mut after = None;
    loop {
        let page = Submissions { form: Some("enquiry".into()), after, limit: 2, ..all() };
        let page = store.run(page).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(last.id);
        seen.extend(page.iter().map(|(submission, _)| submission.receipt.clone()));
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["R1", "R2", "R3", "R5", "R6", "R7"]);
    assert_eq!(store.run(all()).await.unwrap().len(), 7);
}
