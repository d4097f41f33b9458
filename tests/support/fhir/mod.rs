//! A FHIR R4 server, one for all tests of a process: Medplum's, in memory.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// Where its API begins, below its origin.
pub const BASE: &str = "/fhir/R4";

struct Server {
    origin: String,
    /// Holds the pipe whose end stops it.
    _process: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();

/// Its `http://HOST:PORT`; starts it first, if need be.
///
/// # Panics
/// When it is not installed or does not start.
pub fn origin() -> &'static str {
    &SERVER.get_or_init(start).origin
}

fn start() -> Server {
    let tools = std::env::var("CRM_FHIR").expect("this test is run by `cargo xtask test live`");
    let mut process = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/fhir/server.mjs"))
        .arg(tools)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node");
    let mut address = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let origin = address.trim().strip_suffix(BASE).expect("it starts; its message is above").to_owned();
    Server { origin, _process: process }
}
