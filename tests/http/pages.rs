//! First views and hosted pages, as a browser without scripts meets them.

use crm_widgets::store::submissions::Submissions;

use super::{Gateway, Reply, answers};

/// Enough of a PDF to be known as one.
const PDF: &str = "%PDF-1.7 %%EOF";

const PAGE: &str = "/f/clinic/enquiry?lang=zh-CN";

fn ticket(page: &Reply) -> String {
    let (_, rest) = page.text().split_once("name=\"_ticket\"").expect("a ticket");
    let (_, rest) = rest.split_once("value=\"").expect("its value");
    rest.split('"').next().expect("its end").to_owned()
}

fn encode(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn post(gateway: &Gateway, fields: &[(&str, &str)]) -> Reply {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", "null")];
    gateway.post(PAGE, &headers, encode(fields)).await
}

/// Posts as a browser does where there are controls for files; each file is a name and its content.
async fn post_files(gateway: &Gateway, fields: &[(&str, &str)], files: &[(&str, &str)]) -> Reply {
    let part = |(name, value): &(&str, &str)| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = |(name, content): &(&str, &str)| {
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"report\"; filename=\"{name}\"\r\n\
             content-type: application/pdf\r\n\r\n{content}\r\n"
        )
    };
    let body: String = fields.iter().map(part).chain(files.iter().map(file)).collect();
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    gateway.post(PAGE, &headers, body + "--b--\r\n").await
}

/// Ids of the files that a page will send again.
fn kept(page: &Reply) -> Vec<String> {
    let inputs = page
        .text()
        .split("<input")
        .skip(1)
        .filter(|input| input.contains("value=\"upl_"))
        .collect::<Vec<_>>();
    let id = |input: &&str| {
        input.split_once("value=\"").and_then(|(_, rest)| rest.split('"').next()).map(str::to_owned)
    };
    inputs.iter().filter_map(id).collect()
}

async fn stored(gateway: &Gateway) -> usize {
    let all = Submissions { site: "clinic".to_owned(), form: None, after: None, limit: 10 };
    gateway.database.open().await.run(all).await.expect("the submissions").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_view_is_public_compressed_and_known_by_its_tag() {
    let gateway = Gateway::start().await;
    let path = "/view/contact/clinic/enquiry?lang=zh-HK";
    let plain = gateway.get(path, &[]).await;
    assert_eq!(plain.status, 200);
    assert!(plain.text().starts_with("<!doctype html><html lang=\"zh-TW\" dir=\"ltr\">"));
    assert!(plain.text().contains("<script type=\"application/json\" id=\"view\">{"));
    assert!(plain.text().contains("線上諮詢"));
    assert!(plain.header("cache-control").starts_with("public, "));
    let small = gateway.get(path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("br", "accept-encoding"));
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &*small.body, &mut unpacked).expect("brotli");
    assert_eq!(unpacked, plain.body);
    let known = gateway.get(path, &[("if-none-match", plain.header("etag"))]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    for (path, status) in [
        ("/view/contact/clinic/x", 404),
        ("/view/contact/x/enquiry", 404),
        ("/view/contact/clinic/enquiry?lang=!", 400),
    ] {
        assert_eq!(gateway.get(path, &[]).await.status, status);
    }
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_page_works_without_scripts() {
    let gateway = Gateway::start().await;
    let page = gateway.get(PAGE, &[]).await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert!(page.text().contains("<template shadowrootmode=\"open\">"));
    assert!(page.text().contains("data-plain"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("form-action 'self'")
            && policy.contains("frame-ancestors 'self' https://www.example.com")
    );
    let ticket = ticket(&page);

    let wrong = post(&gateway, &[("_ticket", &ticket), ("name", "王<小>明"), ("email", "nonsense")]).await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("王&lt;小&gt;明") && !wrong.text().contains("王<小>明"),
        "what was typed is back"
    );
    assert!(wrong.text().contains("您可以回复我"), "in the page's language");

    let ticket = self::ticket(&wrong);
    let fields =
        [("_ticket", &*ticket), ("name", "王小明"), ("email", "wang@example.com"), ("privacy", "yes")];
    let sent = post(&gateway, &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let again = post(&gateway, &fields).await;
    assert_eq!((again.status, again.header("location")), (303, sent.header("location")), "pressed twice");
    assert_eq!(stored(&gateway).await, 1);

    let thanks = gateway.get(sent.header("location"), &[]).await;
    let receipt =
        sent.header("location").split_once("done=").expect("a receipt").1.split_once('.').expect("signed").0;
    assert!(thanks.text().contains(receipt));
    let forged = gateway.get(&format!("{PAGE}&done=AAAA-AAAA.x"), &[]).await;
    assert!(!forged.text().contains("AAAA-AAAA"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_form_that_is_posted_comes_back_in_its_language() {
    let gateway = Gateway::start().await;
    let page = gateway.get(PAGE, &[]).await;
    let (_, rest) = page.text().split_once(" action=\"").expect("an address");
    let action = rest.split('"').next().expect("its end");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let refused = gateway.post(action, &headers, encode(&[("_ticket", &ticket(&page))])).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("lang=\"zh-CN\"") && refused.text().contains("请填写“姓名”。"));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_form_takes_files() {
    let gateway = Gateway::start().await;
    let ticket = ticket(&gateway.get(PAGE, &[]).await);
    let filled = [("_ticket", ticket.as_str()), ("name", "Ann"), ("privacy", "yes")];
    let refused = post_files(&gateway, &filled, &[("../a.pdf", "<svg onload=alert(1)>")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(stored(&gateway).await, 0);
    let sent = post_files(&gateway, &filled, &[("../a.pdf", PDF)]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert_eq!(stored(&gateway).await, 1);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_kept_while_other_fields_are_put_right() {
    let gateway = Gateway::start().await;
    let first = ticket(&gateway.get(PAGE, &[]).await);
    let files = [("a.pdf", PDF), ("b.pdf", "<svg onload=alert(1)>")];
    let refused = post_files(&gateway, &[("_ticket", &first), ("privacy", "yes")], &files).await;
    assert_eq!(refused.status, 422);
    let kept = kept(&refused);
    assert_eq!(kept.len(), 1, "what is a PDF is kept: {}", refused.text());
    assert!(refused.text().contains(">a.pdf<"));
    assert!(
        !refused.text().contains("<script type=\"module\""),
        "scripts would start anew, without the file"
    );

    // It stays through another refusal, and the next file is added to it.
    let filled = |ticket| [("_ticket", ticket), ("report", kept[0].as_str()), ("privacy", "yes")];
    let again = post_files(&gateway, &filled(&ticket(&refused)), &[("c.pdf", PDF)]).await;
    assert_eq!(again.status, 422);
    let both = self::kept(&again);
    assert!(both.len() == 2 && both[0] == kept[0], "{both:?}");

    let ticket = ticket(&again);
    let [one, other] = [&both[0], &both[1]];
    let filled = [
        ("_ticket", ticket.as_str()),
        ("name", "Ann"),
        ("privacy", "yes"),
        ("report", one),
        ("report", other),
    ];
    let sent = post_files(&gateway, &filled, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let all = Submissions { site: "clinic".to_owned(), form: None, after: None, limit: 10 };
    let submissions = gateway.database.open().await.run(all).await.expect("the submissions");
    let body: serde_json::Value = serde_json::from_str(&submissions[0].0.body).expect("JSON");
    assert_eq!(body["answers"]["report"], serde_json::json!(both));
    assert_eq!(body["uploads"][0]["name"], "a.pdf");
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_somebody_else_is_not_shown() {
    let gateway = Gateway::start().await;
    let page = gateway.get(PAGE, &[]).await;
    let elsewhere = "upl_0123456789abcdef0123456789abcdef";
    let refused = post(&gateway, &[("_ticket", &ticket(&page)), ("report", elsewhere)]).await;
    assert_eq!((refused.status, kept(&refused)), (422, Vec::new()));
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ticket_no_submission_but_nothing_typed_is_lost() {
    let gateway = Gateway::start().await;
    let name = answers()["name"].as_str().expect("a name").to_owned();
    let borrowed = ticket(&gateway.get("/f/clinic/callback", &[]).await);
    for ticket in ["", "1.2.3", &borrowed] {
        let reply = post(&gateway, &[("_ticket", ticket), ("name", &name), ("privacy", "yes")]).await;
        assert_eq!(reply.status, 422);
        assert!(reply.text().contains(&name));
    }
    assert_eq!(stored(&gateway).await, 0);
    let fresh = ticket(&post(&gateway, &[("name", &name)]).await);
    let sent = post(&gateway, &[("_ticket", &fresh), ("name", &name), ("privacy", "yes")]).await;
    assert_eq!(sent.status, 303);
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_form_has_a_page_that_says_so() {
    let gateway = Gateway::start().await;
    for path in ["/f/clinic/nothing?lang=zh-CN", "/f/nowhere/enquiry?lang=zh-CN"] {
        let reply = gateway.get(path, &[]).await;
        assert_eq!((reply.status, reply.header("content-type")), (404, "text/html; charset=utf-8"));
        assert!(reply.text().contains("lang=\"zh-CN\""));
    }
    gateway.stop().await;
}
