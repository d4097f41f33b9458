//! A BottleCRM, one for all tests of a process, on a database of the tests' own PostgreSQL.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::sync::OnceCell;
use tokio::time::{Duration, Instant, sleep};
use tokio_postgres::config::Host;
use tokio_postgres::{Config, NoTls};

use super::postgres;

/// Stops the server when its standard input closes, that is when the tests' process ends, however it ends.
const SERVE: &str = r#"
"$1" crm.wsgi --bind "127.0.0.1:$2" --threads 4 --log-level warning --no-control-socket >&2 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server || true
"#;

/// Row-level security holds for everybody but superusers, so it may not be the one who made the cluster.
const ROLE: &str = "bottlecrm";

/// Longest wait for its first answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A BottleCRM with one organisation.
pub struct Server {
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    /// A member's access token.
    pub token: String,
    /// Holds the pipe whose end stops it.
    _process: Child,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();

/// The server; starts it first, if need be. The first start on a machine takes minutes.
///
/// # Panics
/// When it is not installed or does not start.
pub async fn server() -> &'static Server {
    SERVER.get_or_init(start).await
}

async fn start() -> Server {
    let place = Place::new(&postgres::fresh().await);
    place.hand_over().await;
    place.fill();
    let token = run(place.django("python").arg(here("prepare.py"))).trim().to_owned();
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let process = place
        .with_settings(Command::new("sh").args(["-c", SERVE, "bottlecrm"]))
        .args([place.folder.join("bin/gunicorn").as_os_str(), port.to_string().as_ref()])
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    let server = Server { origin: format!("http://127.0.0.1:{port}"), token, _process: process };
    let began = Instant::now();
    while !server.answers().await {
        assert!(began.elapsed() < PATIENCE, "BottleCRM does not start; its message is above");
        sleep(Duration::from_millis(50)).await;
    }
    server
}

impl Server {
    /// It listens long before: what it is made of is loaded with its first answer.
    async fn answers(&self) -> bool {
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.get(format!("{}/healthz/", self.origin).parse().expect("an address")).await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

/// Where it lives: its programs, and an empty database.
struct Place {
    folder: PathBuf,
    database: String,
    config: Config,
}

impl Place {
    fn new(database: &str) -> Self {
        let folder = std::env::var("CRM_BOTTLECRM").expect("this test is run by `cargo xtask test live`");
        let config = database.parse().expect("an address");
        Self { folder: folder.into(), database: database.to_owned(), config }
    }

    /// Gives the database to a role that is no superuser.
    async fn hand_over(&self) {
        let (client, connection) = self.config.connect(NoTls).await.expect("PostgreSQL answers");
        let connection = tokio::spawn(connection);
        let name = self.name();
        client
            .batch_execute(&format!("create role {ROLE} login; alter database {name} owner to {ROLE}"))
            .await
            .expect("a role");
        drop(client);
        connection.await.unwrap().unwrap();
    }

    /// Its tables. Its migrations take minutes, so what they come to is kept for the next time.
    fn fill(&self) {
        let template = self.folder.join("template.dump");
        if template.exists() {
            run(self
                .postgres("pg_restore")
                .args(["--single-transaction", "--dbname", &self.database])
                .arg(template));
            return;
        }
        run(self.django("django-admin").arg("migrate"));
        let unfinished = template.with_extension("part");
        run(self
            .postgres("pg_dump")
            .args(["--format=custom", "--dbname", &self.database, "--file"])
            .arg(&unfinished));
        std::fs::rename(unfinished, template).expect("a name");
    }

    fn django(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join("bin").join(program));
        self.with_settings(&mut command);
        command
    }

    fn postgres(&self, program: &str) -> Command {
        Command::new(postgres::programs().join(program))
    }

    /// What BottleCRM reads from its environment; no mail leaves, and no queue runs.
    fn with_settings<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        let [Host::Unix(socket)] = self.config.get_hosts() else { panic!("the tests' server has a socket") };
        command
            .envs([
                ("DJANGO_SETTINGS_MODULE", "crm.settings"),
                ("SECRET_KEY", "only for tests, and long enough for all of it"),
                ("ALLOWED_HOSTS", "127.0.0.1"),
                ("CORS_ALLOWED_ORIGINS", "http://127.0.0.1"),
                ("DBNAME", self.name()),
                ("DBUSER", ROLE),
                ("DBPORT", "5432"),
                ("CELERY_BROKER_URL", "memory://"),
                ("CELERY_RESULT_BACKEND", "cache+memory://"),
                ("GOOGLE_CLIENT_ID", "none"),
                ("GOOGLE_CLIENT_SECRET", "none"),
                ("DOMAIN_NAME", "http://127.0.0.1"),
                ("FRONTEND_URL", "http://127.0.0.1"),
                ("DEFAULT_FROM_EMAIL", "crm@example.com"),
                ("ADMIN_EMAIL", "admin@example.com"),
                ("PYTHONWARNINGS", "ignore"),
                ("PGOPTIONS", "-c synchronous_commit=off"),
            ])
            .env("DBHOST", socket)
            .current_dir(&self.folder)
    }

    fn name(&self) -> &str {
        self.config.get_dbname().expect("a name")
    }
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/bottlecrm").join(file)
}

/// What a program prints.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("it can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
