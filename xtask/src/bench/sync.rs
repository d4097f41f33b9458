//! The control: durability is seen to cost syncs, and to be gone when they are switched off.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::crm::Crm;
use super::gateway::{Gateway, Options};
use super::load;
use super::report::{Amount, Limit, Report};
use super::site;
use crate::setup;
use crate::tool::{self, quietly};

/// Submissions of each run.
const COUNT: usize = 200;

/// Counts the system calls that reach the disk, by strace.
///
/// # Errors
/// When strace cannot be had or something does not start.
pub async fn run(report: &mut Report) -> Result<()> {
    if !tool::on_path("strace") {
        setup::apt(&["strace"])?;
    }
    report
        .begin("Syncs", &format!("fsync and fdatasync of the gateway during {COUNT} submissions, by strace"));
    // One after another, none can share a commit with another.
    let each = Limit::AtLeast(COUNT as f64);
    report.line("SQLite, one after another", Amount::Count(syncs("", 1).await?), each);
    report.line(
        "SQLite, 64 at a time: those that wait share a commit",
        Amount::Count(syncs("", 64).await?),
        Limit::None,
    );
    let off = syncs("?synchronous=off", 1).await?;
    report.line("the control, synchronous=off", Amount::Count(off), Limit::AtMost(0.0));
    Ok(())
}

async fn syncs(suffix: &'static str, connections: usize) -> Result<u64> {
    let crm = Crm::start(Duration::from_secs(3_600)).await?;
    let definitions = site::definitions(crm.address, 1, false);
    let gateway = Gateway::start(&definitions, Options { suffix, ..Options::default() }).await?;
    let strace = Strace::attach(&gateway)?;
    let requests = (0..COUNT).map(|number| site::submission(number, None)).collect();
    let outcome = load::run(gateway.address, requests, connections).await?;
    ensure!(outcome.refused.is_empty(), "refused: {:?}", outcome.refused);
    strace.count()
}

/// strace, watching a gateway.
struct Strace {
    child: Child,
    file: PathBuf,
}

impl Strace {
    fn attach(gateway: &Gateway) -> Result<Self> {
        let file = gateway.folder().join("syncs");
        let pid = gateway.pid().to_string();
        let mut command = Command::new("strace");
        command.args(["-f", "-e", "signal=none", "-e", "trace=fsync,fdatasync", "-o"]).arg(&file);
        let mut child = command.args(["-p", &pid]).stderr(Stdio::piped()).spawn()?;
        let mut said = String::new();
        BufReader::new(child.stderr.take().context("a pipe")?).read_line(&mut said)?;
        ensure!(said.contains("attached"), "strace: {said}");
        Ok(Self { child, file })
    }

    /// Lets go of the gateway and counts.
    fn count(mut self) -> Result<u64> {
        quietly(Command::new("kill").args(["-INT", &self.child.id().to_string()]))?;
        self.child.wait()?;
        let text = std::fs::read_to_string(&self.file)?;
        // A call that another thread interrupts takes two lines: `<unfinished ...>` and `<... fdatasync resumed>`.
        Ok(text.lines().filter(|line| line.contains("sync(")).count() as u64)
    }
}
