//! What staff does is written down, and nothing about a person.

use crm_widgets::store::Store;
use serde_json::{Value, json};

use crate::desk::{past, site};
use crate::http::logs::{curl, ended, program, serve};

const CANARY: &str = "canary-5c1e";

/// A request as it is on the wire.
fn request(method: &str, path: &str, token: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "{method} /console/api/sites/clinic/{path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\nidempotency-key: key-of-a-booking-1\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_of_staff_is_a_line_with_token_action_and_id_and_no_person() {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("site.json"), json!({"sites": [site()]}).to_string()).expect("written");
    let run = async |arguments: &[&str]| {
        let output = program(folder.path(), arguments).output().await.expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    };
    run(&["apply", "site.json"]).await;
    let token = run(&["token", "add", "front-desk", "--may", "read,book,schedule"]).await;
    let (child, lines, address) = serve(folder.path()).await;

    let tomorrow = jiff::Zoned::now().date().saturating_add(jiff::Span::new().days(2));
    let start = tomorrow.at(10, 0, 0, 0).in_tz("Asia/Shanghai").expect("a time").timestamp().to_string();
    let answers = json!({"name": CANARY, "phone": "13800138000"});
    let body = json!({"service": "checkup", "start": start, "answers": answers, "overbook": CANARY});
    let booked = curl(&address, request("POST", "appointments", &token, &body)).await;
    assert!(booked.starts_with("HTTP/1.1 201"), "{booked}");
    let (_, body) = booked.split_once("\r\n\r\n").expect("a body");
    let booked: Value = serde_json::from_str(body).expect("JSON");
    let id = booked["id"].as_str().expect("an id");
    let database = format!("sqlite:{}", folder.path().join("crm-widgets.db").display());
    past(&Store::open(&database.parse().expect("a URL")).await.expect("it opens"), id).await;
    let own = format!("appointments/{id}");
    let closed = json!({"closed": {"from": "2030-12-24", "reason": CANARY}});
    for (method, path, body) in [
        ("GET", "appointments", Value::Null),
        ("GET", own.as_str(), Value::Null),
        ("PATCH", own.as_str(), json!({"status": "missed", "reason": CANARY})),
        ("DELETE", &format!("{own}/block"), Value::Null),
        ("POST", "exceptions", closed),
        ("GET", &format!("appointments?code={CANARY}"), Value::Null),
    ] {
        let answer = curl(&address, request(method, path, &token, &body)).await;
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
    }

    let rest = ended(child, lines).await;
    let done: Vec<(String, String)> = rest
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|line| line["message"] == "staff")
        .map(|line| {
            assert_eq!((&line["token"], &line["site"]), (&json!("front-desk"), &json!("clinic")));
            let text = |name: &str| line[name].as_str().expect("a text").to_owned();
            (text("action"), text("on"))
        })
        .collect();
    let actions: Vec<&str> = done.iter().map(|(action, _)| action.as_str()).collect();
    let expected = [
        "appointment.book",
        "appointments.list",
        "appointment.see",
        "appointment.miss",
        "block.lift",
        "exception.add",
        "appointments.list",
    ];
    assert_eq!(actions, expected);
    for at in [0, 2, 3, 4] {
        assert_eq!(done[at].1, id);
    }
    assert!(done[5].1.starts_with("exc_"));
    assert!(!rest.contains(CANARY) && !rest.contains("13800138000") && !rest.contains(&token), "{rest}");
}
