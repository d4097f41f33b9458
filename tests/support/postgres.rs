//! A throw-away PostgreSQL server, one for all tests of a process, with a fresh database for each test.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

/// Runs as the server's user. It says where the socket is, and stops the server and removes everything when its
/// standard input closes, that is when the tests' process ends, however it ends.
const SCRIPT: &str = r#"
set -e
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/crm-postgres-XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$1/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=on -c synchronous_commit=on \
    -c max_connections=300 -c shared_buffers=64MB >>"$dir/log" 2>&1 &
server=$!
echo "$dir"
cat >/dev/null
kill -QUIT $server
wait $server || true
"#;

struct Server {
    /// Directory of its socket.
    socket: String,
    /// Holds the pipe whose end stops the server.
    _script: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicUsize = AtomicUsize::new(0);

/// The address of a new, empty database.
///
/// # Panics
/// When PostgreSQL is not installed or does not start.
pub async fn fresh() -> String {
    let server = SERVER.get_or_init(start);
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let (client, connection) = connect(&address(&server.socket, "postgres")).await;
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("create database {name}")).await.expect("a new database");
    drop(client);
    connection.await.unwrap();
    address(&server.socket, &name)
}

fn address(socket: &str, database: &str) -> String {
    format!("postgres://postgres@{}/{database}", socket.replace('/', "%2F"))
}

/// Waits for the server to answer.
async fn connect(address: &str) -> (Client, impl Future<Output = ()> + use<>) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match tokio_postgres::connect(address, NoTls).await {
            Ok((client, connection)) => return (client, async { drop(connection.await) }),
            Err(error) => assert!(Instant::now() < deadline, "PostgreSQL does not answer: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn start() -> Server {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut script = command
        .args(["-c", SCRIPT, "postgres"])
        .arg(programs())
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut socket = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut socket).unwrap();
    assert!(!socket.is_empty(), "PostgreSQL did not start; its message is above");
    Server { socket: socket.trim().to_owned(), _script: script }
}

/// Where `initdb` and `postgres` are: the newest version in Debian's place.
pub fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    versions.retain(|path| path.join("initdb").exists());
    versions.sort();
    versions
        .pop()
        .expect("PostgreSQL is needed for this test: run `cargo xtask test`, or apt-get install postgresql")
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}
