//! The API against its own document: schemathesis makes up requests from `/openapi.json`, good and bad, and holds every
//! answer against what is documented. No answer may be a 5xx, have an undocumented status or break its schema.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::gateway::{Gateway, Options};
use crate::bench::{rest, runtime};
use crate::suite::Counts;
use crate::tool::{self, say};
use crate::{gateway, module, setup};

/// How long requests are made up, in seconds.
const SECONDS: u32 = 75;

/// Runs schemathesis against the release gateway with the demo's definitions. Counts one test for each operation, and
/// one for their sequences.
///
/// # Errors
/// When the gateway cannot be built or started, or schemathesis writes no report.
pub fn check() -> Result<Counts> {
    let program = match setup::schemathesis() {
        Ok(program) => program,
        Err(error) => {
            say(&format!("left out: schemathesis cannot be installed here ({error:#})"));
            return Ok(Counts { skipped: 1, ..Counts::default() });
        }
    };
    module::build()?;
    gateway::build()?;
    let mut definitions = rest::demo()?;
    // Schemathesis solves no challenge: with one, no submission would come further than its refusal.
    definitions["sites"][0]["challenge"]["enabled"] = false.into();
    let gateway = runtime()?.block_on(Gateway::start(&definitions, Options::default()))?;
    let token = gateway.told(&["token", "add", "openapi", "--may", "read,book,schedule"])?;
    let report = gateway.folder().join("report.xml");
    Command::new(program)
        .arg("--config-file")
        .arg(tool::root().join("xtask/tools/schemathesis.toml"))
        .args(["run", "--no-color", "--report", "junit", "--report-junit-path"])
        .arg(&report)
        .args(["--max-time", &SECONDS.to_string()])
        .arg(format!("http://{}/openapi.json", gateway.address))
        .env("STAFF_TOKEN", token.trim())
        .current_dir(gateway.folder())
        .status()
        .context("cannot start schemathesis")?;
    read(&report)
}

/// The counts in the first line of a JUnit report.
fn read(report: &Path) -> Result<Counts> {
    let text = std::fs::read_to_string(report).context("schemathesis wrote no report")?;
    counts(&text).context("schemathesis wrote a report without counts")
}

fn counts(report: &str) -> Option<Counts> {
    let (_, head) = report.split_once("<testsuites ")?;
    let (head, _) = head.split_once('>')?;
    let number =
        |name: &str| head.split_once(&format!("{name}=\""))?.1.split_once('"')?.0.parse::<usize>().ok();
    let (failed, skipped) = (number("failures")? + number("errors")?, number("skipped")?);
    Some(Counts { passed: number("tests")?.checked_sub(failed + skipped)?, failed, skipped })
}

#[cfg(test)]
mod tests {
    use super::{Counts, counts};

    #[test]
    fn reads_what_schemathesis_reports() {
        let report = "<?xml version=\"1.0\"?>\n<testsuites errors=\"1\" failures=\"2\" skipped=\"0\" tests=\"17\" time=\"69.7\">\n\
            <testsuite name=\"schemathesis\" errors=\"1\" failures=\"2\" skipped=\"0\" tests=\"17\">";
        assert_eq!(counts(report), Some(Counts { passed: 14, failed: 3, skipped: 0 }));
        assert_eq!(counts("<testsuites>"), None);
    }
}
