//! The long run of the crash test: a hundred `kill -9` on each engine.

use anyhow::Result;

use super::report::{Amount, Limit, Report};
use crate::setup;
use crate::tool::{cargo, quietly};

/// Kills on each engine.
const KILLS: u64 = 100;

/// Runs the test of `tests/crash` with that many kills and reads the counts it prints.
///
/// # Errors
/// When PostgreSQL cannot be had or the test fails; then something was lost, or came twice, or a start took too long.
pub fn run(report: &mut Report) -> Result<()> {
    setup::postgresql()?;
    report.begin(
        "Crashes",
        &format!(
            "{KILLS} kill -9 under load on each engine, a CRM that fails, hangs and resets; debug build"
        ),
    );
    let mut test = cargo(&["test", "--package", "crm-widgets", "--test", "gateway", "nothing_acknowledged"]);
    test.args(["--", "--nocapture", "--test-threads", "1"]).env("CRM_KILLS", KILLS.to_string());
    let printed = quietly(&mut test)?;
    for line in printed.lines() {
        let Some((before, counts)) = line.split_once(" kills=") else { continue };
        let engine = before.split_whitespace().last().unwrap_or_default();
        for (name, limit) in [
            ("acked", Limit::None),
            ("lost", Limit::AtMost(0.0)),
            ("duplicate_effects", Limit::AtMost(0.0)),
            ("max", Limit::AtMost(2_000.0)),
        ] {
            let count = count(counts, name);
            let amount = if name == "max" { Amount::millis(count as f64) } else { Amount::Count(count) };
            let what = if name == "max" { "slowest start" } else { name };
            report.line(&format!("{engine}, {}", what.replace('_', " ")), amount, limit);
        }
    }
    Ok(())
}

/// The number after `name=`.
pub(super) fn count(counts: &str, name: &str) -> u64 {
    let number = counts.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    number.and_then(|number| number.parse().ok()).unwrap_or(u64::MAX)
}
