//! A throw-away PostgreSQL server for one measurement.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::setup;
use crate::tool::quietly;

/// Runs as the server's user: says where the socket is once it accepts connections, and cleans up when its standard
/// input closes, that is when this program ends, however it ends.
const SCRIPT: &str = r#"
set -e
umask 077
dir=$(mktemp -d "${TMPDIR:-/tmp}/crm-bench-postgres-XXXXXX")
trap 'rm -rf "$dir"' EXIT
"$1/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-locale --no-sync >"$dir/log" 2>&1
"$1/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c shared_buffers=64MB >>"$dir/log" 2>&1 &
server=$!
until "$1/pg_isready" -q -h "$dir"; do sleep 0.1; done
echo "$dir"
cat >/dev/null
kill -QUIT $server
wait $server || true
"#;

/// A running server.
#[derive(Debug)]
pub struct Postgres {
    socket: String,
    /// Its end stops the server.
    script: Child,
}

impl Postgres {
    /// Starts one, installed when it is missing.
    ///
    /// # Errors
    /// When it cannot be had or does not start.
    pub fn start() -> Result<Self> {
        setup::postgresql()?;
        let programs = programs().context("PostgreSQL is not where Debian puts it")?;
        let root = quietly(Command::new("id").arg("-u"))?.trim() == "0";
        let mut command = Command::new(if root { "runuser" } else { "sh" });
        if root {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        command.args(["-c", SCRIPT, "postgres"]).arg(programs).current_dir("/");
        let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut socket = String::new();
        BufReader::new(script.stdout.take().context("a pipe")?).read_line(&mut socket)?;
        ensure!(!socket.is_empty(), "PostgreSQL did not start");
        Ok(Self { socket: socket.trim().to_owned(), script })
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.socket.replace('/', "%2F"))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// The newest version in Debian's place.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders.filter(|folder| folder.join("initdb").exists()).max()
}
