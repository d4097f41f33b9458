//! Files: taken by what they are, kept under the gateway's names, handed out only as attachments.

use crm_widgets::config::Settings;
use crm_widgets::store::submissions::Submissions;
use serde_json::json;

use super::{Gateway, Reply, answers, key, site};
use crate::support::database::Database;

const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

async fn upload(gateway: &Gateway, name: &str, content: &[u8]) -> Reply {
    let headers = [("upload-name", name), ("content-type", "application/octet-stream")];
    gateway.post("/v1/sites/clinic/uploads?form=enquiry&field=report", &headers, content.to_vec()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_file_reaches_the_crm_through_its_token_only() {
    let gateway = Gateway::start().await;
    let reply = upload(&gateway, "%E6%8A%A5%E5%91%8A.pdf", PDF).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let file = reply.json();
    assert_eq!(
        (&file["name"], &file["type"], &file["size"]),
        (&json!("报告.pdf"), &json!("application/pdf"), &json!(PDF.len()))
    );
    let id = file["id"].as_str().expect("an id");
    let mut answers = answers();
    answers["report"] = json!([id]);
    assert_eq!(gateway.submit(&key(1), answers).await.status, 201);

    let store = gateway.database.open().await;
    let all = Submissions { site: "clinic".to_owned(), form: None, after: None, limit: 10 };
    let stored = store.run(all).await.expect("the submissions");
    let (submission, _) = stored.first().expect("a submission");
    let body: serde_json::Value = serde_json::from_str(&submission.body).expect("JSON");
    let token = body["uploads"][0]["token"].as_str().expect("a token").to_owned();

    let path = format!("/v1/uploads/{id}");
    let reply = gateway.get(&path, &[("authorization", &format!("Bearer {token}"))]).await;
    assert_eq!((reply.status, &*reply.body), (200, PDF));
    assert_eq!(reply.header("content-type"), "application/pdf");
    assert!(reply.header("content-disposition").starts_with("attachment; "));
    assert!(reply.header("content-disposition").ends_with("filename*=UTF-8''%E6%8A%A5%E5%91%8A.pdf"));
    assert!(reply.header("content-security-policy").starts_with("sandbox"));
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(gateway.get(&path, &[]).await.status, 401);
    assert_eq!(gateway.get(&path, &[("authorization", "Bearer guess")]).await.status, 404);
    let other = "/v1/uploads/upl_0123456789abcdef0123456789abcdef";
    assert_eq!(gateway.get(other, &[("authorization", &format!("Bearer {token}"))]).await.status, 404);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_used_once_and_only_where_it_was_uploaded_for() {
    let gateway = Gateway::start().await;
    let id = upload(&gateway, "a.pdf", PDF).await.json()["id"].clone();
    let with = |id: &serde_json::Value| {
        let mut answers = answers();
        answers["report"] = json!([id]);
        answers
    };
    let missing = gateway.submit(&key(1), with(&json!("upl_0123456789abcdef0123456789abcdef"))).await;
    assert_eq!((missing.status, &missing.json()["errors"][0]["field"]), (422, &json!("report")));
    assert_eq!(gateway.submit(&key(2), with(&id)).await.status, 201);
    assert_eq!(gateway.submit(&key(2), with(&id)).await.status, 201, "a repetition");
    assert_eq!(gateway.submit(&key(3), with(&id)).await.status, 422, "another submission");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_harm_is_refused_whatever_it_is_called() {
    let gateway = Gateway::with(
        Database::sqlite(),
        Settings { visitor_uploads: Some(0), ..Settings::default() },
        site(),
    )
    .await;
    let bad: [&[u8]; 9] = [
        b"",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        b"<!doctype html><script>alert(1)</script>",
        b"  \n<html>",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"GIF89a",
    ];
    for content in bad {
        for name in ["a.pdf", "a.png", "a.txt"] {
            let reply = upload(&gateway, name, content).await;
            assert_eq!((reply.status, reply.problem().as_str()), (415, "unsupported-type"), "{content:?}");
        }
    }
    let large = upload(&gateway, "a.pdf", &[PDF, &[b' '; 100_001]].concat()).await;
    assert_eq!((large.status, large.problem().as_str()), (413, "too-large"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_leads_out_of_its_place() {
    let gateway = Gateway::start().await;
    let names = [
        "..%2F..%2Fetc%2Fpasswd",
        "..%5C..%5Cboot.ini",
        "%00.php",
        "a.php%00.pdf",
        "shell.phar",
        "a.pdf.exe",
        "%E2%80%AEfdp.exe",
        "%FF%FE",
        "CON",
        "a%0d%0aset-cookie: b=c",
        "\"quoted\".pdf",
    ];
    for name in names {
        let reply = upload(&gateway, name, PDF).await;
        assert_eq!(reply.status, 201, "{name}");
        let shown = reply.json()["name"].as_str().expect("a name").to_owned();
        assert!(shown.ends_with(".pdf"), "{name} became {shown}");
        assert!(!shown.contains(['/', '\\', '\0', '\r', '\n', '"', '\u{202e}']), "{name} became {shown}");
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_fields_for_files_take_files() {
    let gateway = Gateway::start().await;
    for (place, status) in [
        ("form=enquiry&field=name", 400),
        ("form=enquiry&field=x", 400),
        ("form=x&field=report", 404),
        ("form=enquiry", 400),
    ] {
        let reply = gateway.post(&format!("/v1/sites/clinic/uploads?{place}"), &[], PDF).await;
        assert_eq!(reply.status, status, "{place}");
        reply.problem();
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_have_a_limit_of_their_own() {
    let settings = Settings { visitor_uploads: Some(2), ..Settings::default() };
    let gateway = Gateway::with(Database::sqlite(), settings, site()).await;
    assert_eq!(upload(&gateway, "a.pdf", PDF).await.status, 201);
    assert_eq!(upload(&gateway, "a.pdf", PDF).await.status, 201);
    assert_eq!(upload(&gateway, "a.pdf", PDF).await.status, 429);
    assert_eq!(gateway.submit(&key(1), answers()).await.status, 201);
    gateway.stop().await;
}
