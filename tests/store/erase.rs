use std::path::Path;

use crm_protocol::id::DeliveryId;
use crm_widgets::store::deliveries::{Deliveries, Filter, Next, Record, Recorded};
use crm_widgets::store::erase::By;
use crm_widgets::store::steps::FinishStep;
use crm_widgets::store::submissions::{Accept, Accepted, Contact, Submissions};
use crm_widgets::store::uploads::GetUpload;
use crm_widgets::store::{Op, Store, StoreError, Tx};

use super::{NOW, attempt, claim, key, lease, submission, uploads::upload};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    everything_of_a_submission_goes,
    a_person_is_found_by_address_or_number,
    an_attempt_after_erasure_leaves_nothing,
);

const CANARY: &str = "CANARY-77f1-金丝雀";

/// The canary wherever a visitor's words can come to lie.
fn with_canary(number: u128) -> Accept {
    let mut accept = submission(number);
    accept.submission.body = format!(r#"{{"answers":{{"message":"{CANARY} {}"}}}}"#, CANARY.repeat(400));
    accept.answer = format!(r#"{{"echo":"{CANARY}"}}"#);
    accept.uploads = vec![upload(number).upload.id];
    accept
}

async fn fill(store: &Store) {
    let mut put = upload(1);
    put.content = CANARY.repeat(9_000).into_bytes();
    put.upload.name = format!("{CANARY}.pdf");
    store.run(put).await.unwrap();
    assert_eq!(store.run(with_canary(1)).await.unwrap(), Accepted::Stored);
    let claimed = store.run(claim(NOW, 1)).await.unwrap().remove(0);
    let remember = vec![(key("person", 1), CANARY.to_owned())];
    let outputs = format!(r#"{{"id":"{CANARY}"}}"#);
    let finish = FinishStep { lease: lease(&claimed, NOW), step: "create".into(), outputs, remember };
    assert_eq!(store.run(finish).await.unwrap(), Recorded::Ok);
    let mut attempt = attempt(1);
    attempt.body = Some(format!("no such person: {CANARY}"));
    attempt.error = Some(CANARY.into());
    let next = Next::Exhausted(format!("refused: {CANARY}"));
    let record = Record { delivery: claimed.delivery, fence: claimed.fence, attempt, next };
    assert_eq!(store.run(record).await.unwrap(), Recorded::Ok);
    for number in 2..40 {
        store.run(submission(number)).await.unwrap();
    }
}

async fn everything_of_a_submission_goes(database: Database) {
    let store = database.open().await;
    fill(&store).await;
    let words = |store: Store| async move { store.run(Grep(CANARY)).await.unwrap() };
    assert!(words(store.clone()).await >= 9, "the test must be able to find it");
    if let Some(dir) = &database.dir {
        assert!(files_with_canary(dir.path()) > 0, "the test must be able to find it in the files");
    }

    let erased = store.erase(By::Submission(submission(1).submission.id)).await.unwrap();
    assert_eq!((erased.submissions, erased.uploads), (vec![submission(1).submission.id], 1));
    assert_eq!(words(store.clone()).await, 0);
    let get = GetUpload { id: upload(1).upload.id, token_sha256: upload(1).token_sha256 };
    assert_eq!(store.run(get).await.unwrap(), None);
    // While the gateway still runs: its files hold no byte of it.
    if let Some(dir) = &database.dir {
        assert_eq!(files_with_canary(dir.path()), 0);
    }
    let others = Submissions { site: "clinic".into(), form: None, after: None, limit: 100 };
    assert_eq!(store.run(others).await.unwrap().len(), 38, "the others stay");
    let again = store.erase(By::Submission(submission(1).submission.id)).await.unwrap();
    assert_eq!(again.submissions, []);
}

/// How many of the database's files contain it, whole or its first half.
fn files_with_canary(dir: &Path) -> usize {
    let needle = CANARY.split_at(8).0.as_bytes();
    let files = std::fs::read_dir(dir).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.filter(|bytes| bytes.windows(needle.len()).any(|window| window == needle)).count()
}

/// Counts the rows that contain a text, over every text column of every table, and every file.
struct Grep(&'static str);

impl Op for Grep {
    type Out = usize;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<usize, StoreError> {
        let mut found = 0;
        for (table, columns) in [
            ("submissions", "id, site, form, lang, receipt, body"),
            ("consents", "submission, purpose, version, text_sha256"),
            ("contacts", "submission"),
            ("answers", "site, key, answer, submission"),
            ("spent", "nonce"),
            ("deliveries", "id, site, connection, state, reason"),
            ("attempts", "id, delivery, outcome, body, error"),
            ("steps", "delivery, step, outputs"),
            ("links", "link, value, submission"),
            ("uploads", "id, site, form, field, name, media_type, content"),
        ] {
            for column in columns.split(", ") {
                for mut row in tx.query(&format!("select {column} from {table}"), &[]).await? {
                    let text = match column {
                        "content" => String::from_utf8_lossy(&row.bytes(0)?).into_owned(),
                        _ => row.optional_text(0)?.unwrap_or_default(),
                    };
                    found += usize::from(text.contains(self.0));
                }
            }
        }
        Ok(found)
    }
}

async fn a_person_is_found_by_address_or_number(database: Database) {
    let store = database.open().await;
    for (number, site) in [(1, "clinic"), (2, "clinic"), (3, "dentist"), (4, "clinic")] {
        let mut accept = submission(number);
        accept.submission.site = site.into();
        if number < 4 {
            accept.contacts = vec![Contact::new("Wang@Example.com "), Contact::new("+86 138 0013 8000")];
        }
        store.run(accept).await.unwrap();
    }
    let by = |site: Option<&str>, contact| By::Contact {
        site: site.map(Into::into),
        contact: Contact::new(contact),
    };
    assert_eq!(store.erase(by(None, "nobody@example.com")).await.unwrap().submissions, []);
    let erased = store.erase(by(Some("clinic"), "wang@example.com")).await.unwrap();
    assert_eq!(erased.submissions.len(), 2);
    let erased = store.erase(by(None, "+8613800138000")).await.unwrap();
    assert_eq!(erased.submissions, [submission(3).submission.id]);
    let left = store.run(Deliveries { filter: Filter::default(), limit: 9 }).await.unwrap();
    assert_eq!(left.len(), 1);
}

async fn an_attempt_after_erasure_leaves_nothing(database: Database) {
    let store = database.open().await;
    store.run(submission(1)).await.unwrap();
    let claimed = store.run(claim(NOW, 1)).await.unwrap().remove(0);
    store.erase(By::Submission(claimed.submission.id)).await.unwrap();
    let mut late = attempt(1);
    late.body = Some(CANARY.into());
    let delivery = DeliveryId::from_u128(1);
    let record = Record { delivery, fence: claimed.fence, attempt: late, next: Next::Delivered };
    assert_eq!(store.run(record).await.unwrap(), Recorded::LeaseLost);
    assert_eq!(store.run(Grep(CANARY)).await.unwrap(), 0);
}
