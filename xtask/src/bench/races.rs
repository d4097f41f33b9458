//! The long run of the races: a thousand visitors for one slot, a hundred times, and a history of a million operations.

use std::process::Command;

use anyhow::{Result, ensure};

use super::crash::count;
use super::report::{Amount, Limit, Report};
use crate::setup;
use crate::tool::{cargo, quietly, root};

/// Visitors at the same moment, and how often.
const RACES: &str = "1000x100";

/// Operations of a history.
const HISTORY: u64 = 1_000_000;

/// A visitor has a connection, of which both ends are in the tests' process: more files than most systems let a program
/// open before it asks for more.
const AS_MANY_FILES_AS_MAY_BE: &str = "ulimit -S -n \"$(ulimit -H -n)\"; exec \"$@\"";

/// Runs the tests of `tests/desk/races.rs` and `tests/store/booking/history.rs` at full size and reads the counts that
/// they print.
///
/// # Errors
/// When PostgreSQL cannot be had or a test fails; then a slot had two owners, or none.
pub fn run(report: &mut Report) -> Result<()> {
    setup::postgresql()?;
    report.begin(
        "Races",
        &format!(
            "visitors ask for one slot at the same moment, {RACES} times; {HISTORY} holds, bookings, moves, cancellations, \
             …, audited all the while; release build of the tests"
        ),
    );
    let mut test = cargo(&["test", "--release", "--package", "crm-widgets", "--test", "gateway", "--"]);
    test.args(["desk::races", "store::booking::history", "--nocapture", "--test-threads", "1"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", AS_MANY_FILES_AS_MAY_BE, "sh"]).arg(test.get_program()).args(test.get_args());
    shell.current_dir(root()).env("CRM_RACES", RACES).env("CRM_HISTORY", HISTORY.to_string());
    let mut printed = [0; 2];
    for line in quietly(&mut shell)?.lines() {
        let line = line.rsplit(" ... ").next().unwrap_or(line);
        if let Some((who, counts)) = line.split_once(" races: ") {
            races(report, who, counts);
            printed[0] += 1;
        } else if let Some((who, counts)) = line.split_once(" history: ") {
            history(report, who, counts);
            printed[1] += 1;
        }
    }
    ensure!(printed == [3, 2], "{printed:?} counts were printed, not those of 3 races and 2 histories");
    Ok(())
}

fn races(report: &mut Report, who: &str, counts: &str) {
    let [racers, rounds] = ["racers", "rounds"].map(|name| count(counts, name));
    let lost = racers.saturating_sub(1).saturating_mul(rounds);
    for (name, expected) in [("booked", rounds), ("refused", lost), ("overlaps", 0)] {
        let found = count(counts, name);
        let limit = match found < expected {
            true => Limit::AtLeast(expected as f64),
            false => Limit::AtMost(expected as f64),
        };
        report.line(&format!("{who}, {name}"), Amount::Count(found), limit);
    }
}

fn history(report: &mut Report, who: &str, counts: &str) {
    for (name, limit) in [
        ("operations", Limit::AtLeast(HISTORY as f64)),
        ("held", Limit::None),
        ("booked", Limit::None),
        ("booked_with_a_hold", Limit::None),
        ("squeezed_in", Limit::None),
        ("moved", Limit::None),
        ("cancelled", Limit::None),
        ("expired", Limit::None),
        ("offered", Limit::None),
        ("audits", Limit::None),
        ("overlaps", Limit::AtMost(0.0)),
    ] {
        let what = format!("{who}, {}", name.replace('_', " "));
        report.line(&what, Amount::Count(count(counts, name)), limit);
    }
}
