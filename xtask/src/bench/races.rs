//! The long run of the races: a thousand visitors for one slot, a hundred times, and a long history.

use anyhow::Result;

use super::crash::count;
use super::report::{Amount, Limit, Report};
use crate::setup;
use crate::tool::{cargo, quietly};

/// Runs the tests of `tests/desk/races.rs` at full size and reads the counts they print.
///
/// # Errors
/// When PostgreSQL cannot be had or a test fails; then a slot had two owners, or none.
pub fn run(report: &mut Report) -> Result<()> {
    setup::postgresql()?;
    report.begin("Races", "1,000 visitors ask for one slot at the same moment, 100 times; debug build");
    let mut test = cargo(&["test", "--package", "crm-widgets", "--test", "gateway", "desk::races"]);
    test.args(["--", "--nocapture", "--test-threads", "1"]).env("CRM_RACES", "1000x100");
    let printed = quietly(&mut test)?;
    for line in printed.lines() {
        let Some((engine, counts)) = line.split_once(" races: ") else { continue };
        let engine = engine.rsplit(" ... ").next().unwrap_or(engine);
        let [racers, rounds] = ["racers", "rounds"].map(|name| count(counts, name));
        for (name, expected) in
            [("booked", rounds), ("refused", racers.saturating_sub(1) * rounds), ("overlaps", 0)]
        {
            let found = count(counts, name);
            let limit = if found < expected {
                Limit::AtLeast(expected as f64)
            } else {
                Limit::AtMost(expected as f64)
            };
            report.line(&format!("{engine}, {name}"), Amount::Count(found), limit);
        }
    }
    Ok(())
}
