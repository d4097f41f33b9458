//! The program's own output: enough to find a request, and nothing about a person.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::site;

const CANARY: &str = "canary-7f3a";

pub fn program(folder: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crm-widgets"));
    command.args(arguments).current_dir(folder).env_clear().kill_on_drop(true);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts the program and returns its address with what it prints from then on.
pub async fn serve(folder: &std::path::Path) -> (Child, BufReader<tokio::process::ChildStdout>, String) {
    let mut child = program(folder, &["serve", "--listen", "127.0.0.1:0"]).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output"));
    let mut first = String::new();
    lines.read_line(&mut first).await.expect("a line");
    let ready: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(ready["message"], "ready");
    (child, lines, ready["address"].as_str().expect("an address").to_owned())
}

/// Sends a request and returns the whole answer.
pub async fn curl(address: &str, request: String) -> String {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Stops it as an operator does, and returns the rest of what it printed.
pub async fn ended(mut child: Child, mut lines: BufReader<tokio::process::ChildStdout>) -> String {
    let id = child.id().expect("it runs").to_string();
    let stopped = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
    assert!(stopped.success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).await.expect("the rest");
    assert!(child.wait().await.expect("it ends").success(), "SIGTERM is a normal end");
    rest
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_names_route_status_and_time_and_no_person() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("site.json");
    std::fs::write(&file, json!({"sites": [site()]}).to_string()).expect("written");
    let applied = program(folder.path(), &["apply", "site.json"]).output().await.expect("it runs");
    assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    let (child, lines, address) = serve(folder.path()).await;

    let body = json!({"form": "enquiry", "answers": {"name": CANARY, "email": format!("{CANARY}@example.com"), "privacy": "yes"}});
    for body in [
        body.to_string(),
        format!("{{\"{CANARY}\":"),
        json!({"form": "enquiry", "answers": {"email": CANARY}}).to_string(),
    ] {
        let head = format!(
            "POST /v1/sites/clinic/submissions?q={CANARY} HTTP/1.1\r\nhost: {CANARY}\r\nuser-agent: {CANARY}\r\n\
             referer: https://{CANARY}/\r\nx-forwarded-for: {CANARY}\r\ncontent-type: application/json\r\n\
             idempotency-key: {CANARY}-0123456789\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        curl(&address, head).await;
    }
    let posted = format!("name={CANARY}&email={CANARY}%40example.com&privacy=yes");
    let head = format!(
        "POST /f/clinic/enquiry HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{posted}",
        posted.len()
    );
    curl(&address, head).await;
    let head = format!(
        "POST /v1/sites/clinic/uploads?form=enquiry&field=report HTTP/1.1\r\nhost: a\r\nupload-name: {CANARY}.txt\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{CANARY}",
        CANARY.len()
    );
    curl(&address, head).await;
    curl(&address, format!("GET /{CANARY} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).await;

    let rest = ended(child, lines).await;
    assert!(!rest.contains(CANARY), "{rest}");
    let requests: Vec<Value> = rest.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let submitted = requests.iter().find(|line| line["status"] == 201).expect("the request's line");
    assert_eq!(submitted["route"], "/v1/sites/{site}/submissions");
    assert!(submitted["micros"].is_number() && submitted["id"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_file_is_for_the_owner_only_and_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a directory");
    let key = folder.path().join("crm-widgets.db.key");
    let mut contents = Vec::new();
    for _ in 0..2 {
        let (child, _, _) = serve(folder.path()).await;
        contents.push(std::fs::read(&key).expect("the key"));
        drop(child);
    }
    assert_eq!(contents.first(), contents.last());
    assert_eq!(std::fs::metadata(&key).expect("the key").permissions().mode() & 0o777, 0o600);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_files_and_settings_are_named_with_place_and_fix() {
    let folder = tempfile::tempdir().expect("a directory");
    let mut bad = site();
    bad["timeZone"] = "Mars/Olympus".into();
    bad["origins"] = json!(["https://www.example.com/"]);
    bad["connections"][0]["forms"] = json!(["nothing"]);
    std::fs::write(folder.path().join("bad.json"), json!({"sites": [bad]}).to_string()).expect("written");
    std::fs::write(folder.path().join("broken.json"), "{\n  \"sites\": [,]\n}").expect("written");
    let cases: [(&[&str], &[&str]); 5] = [
        (
            &["check", "bad.json"],
            &[
                "sites[0].timeZone",
                "sites[0].origins[0]",
                "sites[0].connections[0].forms[0]",
                "Asia/Shanghai",
            ],
        ),
        (&["apply", "broken.json"], &["broken.json", "line 2 column 13"]),
        (&["check", "missing.json"], &["missing.json"]),
        (&["serve", "--listen", "everywhere"], &["`listen`", "0.0.0.0:8080"]),
        (&["serve", "--database", "mysql://x"], &["sqlite:"]),
    ];
    for (arguments, expected) in cases {
        let output = program(folder.path(), arguments).output().await.expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        assert!(expected.iter().all(|part| said.contains(part)), "{arguments:?} said {said}");
    }
}
