use crm_widgets::store::submissions::Contact;
use serde_json::{Value, json};

use super::{clinic, printed, run};
use crate::delivery::submission;

#[tokio::test]
async fn csv_has_a_column_for_each_field_and_no_formula() {
    let (database, store) = clinic().await;
    let mut accept = submission(&["crm"]);
    let body = json!({
        "answers": {"name": "=HYPERLINK(\"https://evil.example\")", "note": "a,\n\"b\"", "old": ["x", "y"]},
        "context": {"page": "https://www.example.com/", "campaign": {"utm_source": "@SUM(A1)"}},
        "spam": false
    });
    accept.submission.body = body.to_string();
    let id = accept.submission.id.to_string();
    store.run(accept).await.unwrap();
    let csv = printed(&database, &["export", "--site", "clinic"]);
    let (heading, row) = csv.split_once("\r\n").unwrap();
    let start = "\u{feff}\"id\",\"receivedAt\",\"receipt\",\"form\",\"version\",\"lang\",\"spam\",\"answer.name\",\
                 \"answer.note\",\"answer.old\",\"consent.contact\",\"context.page\"";
    assert!(heading.starts_with(start), "{heading}");
    assert!(row.starts_with(&format!("\"{id}\",")), "{row}");
    let answers = "\"'=HYPERLINK(\"\"https://evil.example\"\")\",\"a,\n\"\"b\"\"\",\"x; y\",\"yes (1)\"";
    assert!(row.contains(answers), "{row}");
    assert!(row.contains("\"'@SUM(A1)\""), "{row}");
}

#[tokio::test]
async fn json_lines_say_everything_but_the_tokens_of_files() {
    let (database, store) = clinic().await;
    for _ in 0..3 {
        store.run(submission(&["crm"])).await.unwrap();
    }
    let lines = printed(&database, &["export", "--site", "clinic", "--form", "enquiry", "--format", "jsonl"]);
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[0]["answers"]["name"], "王小明");
    assert_eq!(objects[0]["consents"][0]["granted"], true);
    assert_eq!(objects[0]["uploads"][0]["name"], "scan.pdf");
    assert!(objects[0]["uploads"][0].get("token").is_none());
    assert!(!run(&database, &["export", "--site", "nowhere"]).status.success());
}

#[tokio::test]
async fn an_erased_person_is_in_no_export_any_more() {
    let (database, store) = clinic().await;
    let mut accept = submission(&["crm"]);
    accept.contacts = vec![Contact::new("wang@example.com")];
    store.run(accept).await.unwrap();
    let kept = submission(&["crm"]);
    store.run(kept.clone()).await.unwrap();
    let answer = printed(&database, &["erase", "--contact", "Wang@Example.com"]);
    assert_eq!(answer, "1 submissions and 0 files erased\n");
    let lines = printed(&database, &["export", "--site", "clinic", "--format", "jsonl"]);
    assert_eq!(lines.lines().count(), 1);
    assert!(lines.contains(&kept.submission.id.to_string()));
    assert!(!run(&database, &["erase"]).status.success(), "nobody is named");
}
