//! Sekmet, a hospital's information system from PyPI, one for all tests of a process.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::time::{Duration, Instant, sleep};

use super::Fhir;

/// Stops the server when its standard input closes, that is when the tests' process ends, however it ends.
const SERVE: &str = r#"
"$1" serve --host 127.0.0.1 --port "$2" >&2 &
server=$!
cat >/dev/null
kill -TERM $server
wait $server || true
"#;

/// Longest wait for its first answer.
const PATIENCE: Duration = Duration::from_secs(90);

struct Server {
    fhir: Fhir,
    /// Holds the pipe whose end stops it.
    _process: Child,
    _dir: TempDir,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();

/// Its server; starts it first, if need be.
///
/// # Panics
/// When it is not installed or does not start.
pub async fn server() -> Fhir {
    SERVER.get_or_init(start).await.fhir.clone()
}

async fn start() -> Server {
    let tools = std::env::var("CRM_SEKMET").expect("this test is run by `cargo xtask test live`");
    let dir = tempfile::tempdir().expect("a directory");
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let base = format!("http://127.0.0.1:{port}/fhir");
    let process = Command::new("sh")
        .args(["-c", SERVE, "sekmet"])
        .arg(PathBuf::from(tools).join("bin/sekmet"))
        .arg(port.to_string())
        .current_dir(dir.path())
        .env("SEKMET_BASE_URL", &base)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sh");
    let (server, begun) = (Server { fhir: Fhir { base }, _process: process, _dir: dir }, Instant::now());
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "it does not start; its message is above");
        sleep(Duration::from_millis(100)).await;
    }
    server
}
