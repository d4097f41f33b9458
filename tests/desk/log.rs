//! What visitors do at the desk is a line each in the log, and no line has a capability or an answer in it.

use serde_json::{Value, json};

use super::site;
use crate::http::logs::{curl, ended, program, serve};

const CANARY: &str = "canary-9d2b";
const PHONE: &str = "13800138000";

/// The address of a gateway.
struct Desk(String);

impl Desk {
    /// The answer to a request with a JSON body.
    async fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let key = format!("idempotency-key: {CANARY}-of-{:<020}\r\n", path.len());
        let path = format!("/v1/sites/clinic/{path}");
        let answer = self.send(method, &path, token, "application/json", &key, &body).await;
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).unwrap_or_default()
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        media: &str,
        more: &str,
        body: &str,
    ) -> String {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: {media}\r\n\
             {more}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        curl(&self.0, request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_capability_and_no_answer_is_in_the_log() {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("site.json"), json!({"sites": [site()]}).to_string()).expect("written");
    let applied = program(folder.path(), &["apply", "site.json"]).output().await.expect("it runs");
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let (child, lines, address) = serve(folder.path()).await;
    let desk = Desk(address);
    let day = |days: i64, hour: i8| {
        let day = jiff::Zoned::now().date().saturating_add(jiff::Span::new().days(days));
        day.at(hour, 0, 0, 0).in_tz("Asia/Shanghai").expect("a time").timestamp().to_string()
    };
    let text = |value: &Value, member: &str| value[member].as_str().expect("text").to_owned();

    let answers = json!({"name": CANARY, "phone": PHONE});
    let hold = json!({"service": "checkup", "practitioner": "li", "start": day(2, 10)});
    let held = desk.ask("POST", "holds", "", &hold).await;
    let mut book = hold.clone();
    (book["hold"], book["answers"]) = (held["id"].clone(), answers.clone());
    let booked = desk.ask("POST", "appointments", &text(&held, "token"), &book).await;
    let wait = json!({"service": "checkup", "answers": answers});
    let waiting = desk.ask("POST", "waitlist", "", &wait).await;
    let (own, token) = (format!("appointments/{}", text(&booked, "id")), text(&booked, "token"));
    desk.ask("GET", &own, &token, &Value::Null).await;
    desk.ask("GET", &format!("{own}/calendar"), &token, &Value::Null).await;
    desk.ask("PATCH", &own, &token, &json!({"start": day(3, 10)})).await;
    desk.ask("DELETE", &own, &token, &Value::Null).await;
    let place = format!("waitlist/{}", text(&waiting, "id"));
    desk.ask("GET", &place, &text(&waiting, "token"), &Value::Null).await;
    desk.ask("DELETE", &place, &text(&waiting, "token"), &Value::Null).await;
    // What is refused is no more in the log than what is done.
    let wrong = format!("{CANARY}{}", text(&held, "token"));
    desk.send("GET", &format!("/v1/sites/clinic/{own}?token={token}"), &wrong, "application/json", "", "")
        .await;
    let posted = format!(
        "_step=cancel&_appointment={}&_token={token}&name={CANARY}&phone={PHONE}&_go=?{CANARY}",
        text(&booked, "id")
    );
    let page = desk.send("POST", "/b/clinic", "", "application/x-www-form-urlencoded", "", &posted).await;
    assert!(page.starts_with("HTTP/1.1 422"), "without a ticket: {page}");

    let rest = ended(child, lines).await;
    let routes = rest.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    assert_eq!(routes.filter(|line| line["route"].is_string()).count(), 11, "a line each: {rest}");
    let tokens = [&held, &booked, &waiting].map(|one| text(one, "token"));
    for secret in tokens.iter().map(String::as_str).chain([CANARY, PHONE]) {
        assert!(!rest.contains(secret), "{secret}: {rest}");
    }
}
