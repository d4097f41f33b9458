//! The real program in its own process, which can be killed at any moment and started again.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::http::Method;
use bytes::Bytes;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::caller::Caller;
use super::crm::SECRET;

/// Longest wait for a start. Far more than is promised, so that a slow start is measured and not cut off.
const PATIENCE: Duration = Duration::from_secs(30);

/// `crm-widgets serve` with a site `clinic`, on a port of its own that stays the same over restarts.
pub struct Program {
    address: SocketAddr,
    database: String,
    environment: Vec<(String, String)>,
    dir: TempDir,
    process: Option<Child>,
    caller: Caller,
}

impl Program {
    /// Loads the site into the database; its enquiries go to `connections`. Not started yet.
    pub fn new(database: &str, connections: Value) -> Self {
        Self::with(database, connections, vec![("CRM_SECRET".to_owned(), SECRET.to_owned())])
    }

    /// As [`Program::new`], with the secrets of these connections in its environment.
    pub fn with(database: &str, connections: Value, environment: Vec<(String, String)>) -> Self {
        Self::of(database, &site(connections), environment)
    }

    /// Loads that site, whose key is `clinic`, into the database. Not started yet.
    pub fn of(database: &str, site: &Value, environment: Vec<(String, String)>) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let program = Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            database: database.to_owned(),
            environment,
            dir,
            process: None,
            caller: Caller::new((Ipv4Addr::LOCALHOST, port).into()),
        };
        let file = program.dir.path().join("site.json");
        std::fs::write(&file, json!({"sites": [site]}).to_string()).unwrap();
        let applied = program.command().arg("apply").arg(file).output().expect("the program runs");
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        program
    }

    /// Starts it and waits until it is ready to store. Returns how long that took. It retries as the demo does, after
    /// seconds, not hours.
    pub async fn start(&mut self) -> Duration {
        self.serve(&["--demo"]).await
    }

    /// As [`Program::start`], but it retries as any gateway does.
    pub async fn start_as_usual(&mut self) -> Duration {
        self.serve(&[]).await
    }

    async fn serve(&mut self, options: &[&str]) -> Duration {
        let begun = Instant::now();
        let log = File::options().create(true).append(true).open(self.log()).unwrap();
        let process =
            self.command().arg("serve").args(options).stdout(log.try_clone().unwrap()).stderr(log).spawn();
        self.process = Some(process.expect("the program runs"));
        while !self.is_ready().await {
            assert!(begun.elapsed() < PATIENCE, "not ready; see its log:\n{}", self.tail());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        begun.elapsed()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it is gone");
        }
    }

    /// Sends an enquiry of that person until it is acknowledged, and returns its id.
    pub async fn enquire(&self, person: &Person) -> String {
        let visitor = self.visitor();
        let key = uuid::Uuid::new_v4().to_string();
        let answers = json!({
            "name": person.name, "email": person.email, "phone": person.phone, "message": "请回电"
        });
        loop {
            if let Some(answer) = visitor.send_answers(&key, &answers).await {
                let receipt: Value = serde_json::from_slice(&answer).expect("a receipt");
                return receipt["id"].as_str().expect("an id").to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What waits in its outbox or was given up there, with its attempts; empty when everything is delivered.
    pub fn undelivered(&self) -> String {
        let list = |state| {
            let listed = self.command().args(["deliveries", "list", "--state", state]).output();
            let listed = listed.expect("the program runs");
            assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
            // The first line names the columns.
            String::from_utf8_lossy(&listed.stdout).lines().skip(1).map(|line| format!("{line}\n")).collect()
        };
        let [waiting, exhausted]: [String; 2] = ["waiting", "exhausted"].map(list);
        waiting + &exhausted
    }

    /// Its process, while it runs.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("a running program").id()
    }

    /// Somebody who calls it, at the same address over restarts.
    pub fn caller(&self) -> Caller {
        self.caller.clone()
    }

    /// Something to send enquiries with.
    pub fn visitor(&self) -> Visitor {
        Visitor(self.caller.clone())
    }

    /// Says a command.
    pub fn say(&self, args: &[&str]) -> String {
        let output = self.command().args(args).output().expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Sends a request with a JSON body; status and JSON of the answer.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let headers = [headers, &[("content-type", "application/json")]].concat();
        let method = method.parse().expect("a method");
        let reply = self.caller.send(method, path, &headers, body.to_owned()).await.expect("an answer");
        (reply.status, serde_json::from_slice(&reply.body).unwrap_or_default())
    }

    async fn is_ready(&self) -> bool {
        self.caller.send(Method::GET, "/readyz", &[], "").await.is_some_and(|reply| reply.status == 200)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crm-widgets"));
        command
            .current_dir(self.dir.path())
            .env_clear()
            .envs(self.environment.iter().cloned())
            .env("CRM_WIDGETS_SECRET", "only for tests, and long enough for it")
            .args(["--database", &self.database, "--listen", &self.address.to_string()])
            .args(["--allow-private", "127.0.0.1", "--site-submissions", "0", "--visitor-submissions", "0"])
            .args(["--visitor-holds", "0"])
            .stdin(Stdio::null());
        command
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn tail(&self) -> String {
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Somebody who enquires.
pub struct Person {
    pub name: String,
    pub email: String,
    pub phone: String,
}

impl Person {
    /// Another one for every number below a hundred.
    pub fn new(number: usize) -> Self {
        Self {
            name: format!("Visitor {number}"),
            email: format!("visitor{number}@example.com"),
            phone: format!("+861380013{:04}", 8000 + number),
        }
    }
}

/// Sends enquiries as a page does.
#[derive(Clone)]
pub struct Visitor(Caller);

impl Visitor {
    /// Sends once. The body of a 201, or `None` for whatever else happened.
    pub async fn send(&self, key: &str, message: &str) -> Option<Bytes> {
        self.send_answers(key, &json!({"name": "王小明", "message": message})).await
    }

    /// As [`Visitor::send`], with these answers.
    pub async fn send_answers(&self, key: &str, answers: &Value) -> Option<Bytes> {
        let body = json!({"form": "enquiry", "answers": answers}).to_string();
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let answer = self.0.send(Method::POST, "/v1/sites/clinic/submissions", &headers, body);
        // A gateway that is killed in between may leave the connection open and silent only for a moment.
        let reply = tokio::time::timeout(Duration::from_secs(5), answer).await.ok()??;
        assert!(!(400..500).contains(&reply.status), "{}: {}", reply.status, reply.text());
        (reply.status == 201).then_some(reply.body)
    }
}

fn site(connections: Value) -> Value {
    let fields = json!([
        {"name": "name", "type": "text", "label": "Name", "required": true},
        {"name": "email", "type": "email", "label": "E-mail"},
        {"name": "phone", "type": "phone", "label": "Phone"},
        {"name": "message", "type": "long-text", "label": "Message"}
    ]);
    json!({
        "key": "clinic", "name": "Clinic", "languages": ["en"], "challenge": {"enabled": false},
        "forms": [{"id": "enquiry", "version": 1, "title": "Ask us", "pages": [{"fields": fields}]}],
        "connections": connections
    })
}
