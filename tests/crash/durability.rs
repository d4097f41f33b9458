//! A 201 comes after a sync to the disk, seen from outside by the system calls; and the same check finds none where
//! synchronous=off forgoes it, so it can fail.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::support::database::Database;
use crate::support::program::Program;

/// Enquiries sent one after the other.
const ENQUIRIES: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledgement_follows_a_sync() {
    let least = syncs_between_acknowledgements("").await.into_iter().min();
    assert!(least >= Some(1), "an enquiry was acknowledged without a sync");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_can_fail() {
    let most = syncs_between_acknowledgements("?synchronous=off").await.into_iter().max();
    assert_eq!(most, Some(0), "there must be nothing to see with synchronous=off");
}

/// How many syncs there were from each request to its 201.
async fn syncs_between_acknowledgements(options: &str) -> Vec<usize> {
    let database = Database::sqlite();
    // No connections: deliveries would sync too.
    let mut program = Program::new(&format!("{}{options}", database.url), json!([]));
    program.start().await;
    let visitor = program.visitor();
    visitor.send("before-the-count-begins", "first").await.expect("an acknowledgement");
    let trace = Trace::of(program.pid(), database.dir.as_ref().expect("a file").path());
    let mut counts = Vec::new();
    let mut seen = trace.syncs();
    for number in 0..ENQUIRIES {
        visitor.send(&format!("key-of-enquiry-{number}"), "again").await.expect("an acknowledgement");
        // A sync is written down when it ends, which is before the 201 by far.
        let now = trace.syncs();
        counts.push(now - seen);
        sleep(Duration::from_millis(20)).await;
        seen = trace.syncs();
    }
    counts
}

/// `strace`, attached to a process.
struct Trace {
    strace: Child,
    output: PathBuf,
}

impl Trace {
    fn of(pid: u32, dir: &Path) -> Self {
        let output = dir.join("syncs");
        let mut strace = Command::new("strace")
            .args(["-f", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o"])
            .arg(&output)
            .args(["-p", &pid.to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .expect("strace is needed for this test: run `cargo xtask test`, or apt-get install strace");
        let mut lines = BufReader::new(strace.stderr.take().unwrap()).lines();
        let first = lines.next().expect("strace says something").unwrap();
        assert!(first.contains("attached"), "strace may not attach here: {first}");
        std::thread::spawn(move || lines.for_each(drop));
        Self { strace, output }
    }

    fn syncs(&self) -> usize {
        let lines = std::fs::read_to_string(&self.output).unwrap_or_default();
        lines.lines().filter(|line| line.contains("sync(") && line.contains("= 0")).count()
            + lines.lines().filter(|line| line.contains("sync resumed")).count()
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _ = self.strace.kill();
        let _ = self.strace.wait();
    }
}
