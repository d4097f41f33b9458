//! What a visitor downloads and waits for, in Chromium: `tests/browser/bench/*.mjs` measure, the limits are here.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::gateway::program;
use super::report::{Amount, Limit, Report};
use crate::assets;
use crate::setup;
use crate::tool;

/// What is downloaded, and in how many round trips.
///
/// # Errors
/// When the browser or the gateway does not start.
pub fn bytes(report: &mut Report) -> Result<()> {
    report.begin(
        "Bytes",
        "bodies as Chromium received them from the gateway: the demo's enquiry form and its booking, zh-CN, empty cache",
    );
    let found = browser("bytes")?;
    let loader = std::fs::metadata(assets::folder().join("embed.js.br"))?.len();
    report.line("embed.js", Amount::Bytes(loader), Limit::AtMost(3.0));
    let until = |name: &str| number(&found, "/typable", name);
    report.line("until it can be typed in", Amount::Bytes(until("bytes")? as u64), Limit::AtMost(10.0));
    report.line("  requests of it", Amount::Count(until("requests")? as u64), Limit::None);
    report.line("  round trips after the page", Amount::Count(until("trips")? as u64), Limit::AtMost(2.0));
    report.line("  headers of these answers", Amount::Bytes(until("headers")? as u64), Limit::None);
    let all = |name: &str| number(&found, "/all", name);
    report.line("contact, everything loaded", Amount::Bytes(all("bytes")? as u64), Limit::AtMost(70.0));
    report.line("  requests of it", Amount::Count(all("requests")? as u64), Limit::None);
    report.line("  headers of these answers", Amount::Bytes(all("headers")? as u64), Limit::None);
    let chosen = |name: &str| number(&found, "/choosable", name);
    report.line("until booking's first choice", Amount::Bytes(chosen("bytes")? as u64), Limit::None);
    report.line("  round trips after the page", Amount::Count(chosen("trips")? as u64), Limit::None);
    let booking = |name: &str| number(&found, "/booking", name);
    report.line("booking, everything loaded", Amount::Bytes(booking("bytes")? as u64), Limit::AtMost(100.0));
    report.line("  requests of it", Amount::Count(booking("requests")? as u64), Limit::None);
    report.line("  headers of these answers", Amount::Bytes(booking("headers")? as u64), Limit::None);
    let closed = |name: &str| number(&found, "/closed", name);
    report.line(
        "a page with a closed popup only",
        Amount::Bytes(closed("bytes")? as u64),
        Limit::AtMost(8.0),
    );
    report.line("  requests of it", Amount::Count(closed("requests")? as u64), Limit::None);
    Ok(())
}

/// Time to the first usable field against a form written by hand.
///
/// # Errors
/// As [`bytes`].
pub fn usable(report: &mut Report) -> Result<()> {
    report.begin(
        "First usable field",
        "Chromium, CPU slowed 4 times, 390×844; 1.6 Mbit/s, 150 ms round trips also for TCP, TLS 1.3, HTTP/2; page and \
         files on two hosts, empty cache; in turns with a form written by hand with the same fields; medians of 9",
    );
    let found = browser("usable")?;
    let time = |name: &str| number(&found, "", name).map(Amount::millis);
    report.line("our element", time("ours")?, Limit::None);
    report.line("the form written by hand", time("vanilla")?, Limit::None);
    report.line("ratio", Amount::Ratio(number(&found, "", "ratio")?), Limit::AtMost(1.3));
    report.line("the same HTML as a hosted page of the gateway", time("hosted")?, Limit::None);
    report.line("booking's first choice", time("booking")?, Limit::None);
    Ok(())
}

/// Another month and another practitioner, in a clinic as large as they come. What is shown then was there before: the
/// measurement itself sees to it that nobody is asked.
///
/// # Errors
/// As [`bytes`].
pub fn month(report: &mut Report) -> Result<()> {
    report.begin(
        "Month",
        "booking with the free slots of 60 days of 50 practitioners, 90,000 of them, CPU slowed 4 times: thread time of \
         the page from the click to the end of the next frame, with style, layout and paint, by trace; medians of 40 and \
         20 clicks; none of them asks for slots",
    );
    let found = browser("month")?;
    let clicks = [
        ("another month", "month", Limit::AtMost(50.0)),
        ("another practitioner", "practitioner", Limit::AtMost(50.0)),
        ("all practitioners to choose from", "people", Limit::None),
    ];
    for (what, name, limit) in clicks {
        let time = |value: &str| number(&found, &format!("/{name}"), value).map(Amount::millis);
        report.line(what, time("whole")?, limit);
        report.line("  95th percentile", time("p95")?, Limit::None);
        report.line("  of it in scripts and WebAssembly", time("script")?, Limit::None);
    }
    let again = Amount::millis(number(&found, "", "again")?);
    report.line("longest task while the slots are looked at again", again, Limit::None);
    Ok(())
}

/// The work of one keystroke.
///
/// # Errors
/// As [`bytes`].
pub fn keystroke(report: &mut Report) -> Result<()> {
    report.begin(
        "Keystroke",
        "the hydrated form, CPU slowed 4 times: thread time of the page from the key to the end of the next frame, by \
         trace; medians of 60 keys; the same for the form written by hand",
    );
    let found = browser("keystroke")?;
    let ours = |name: &str| number(&found, "/ours", name).map(Amount::millis);
    let vanilla = |name: &str| number(&found, "/vanilla", name).map(Amount::millis);
    report.line("one key: events, scripts, frame callbacks", ours("page")?, Limit::AtMost(8.0));
    report.line("  95th percentile", ours("p95")?, Limit::None);
    report.line("  of it in scripts and WebAssembly", ours("script")?, Limit::None);
    report.line("  with the browser's style, layout and paint", ours("whole")?, Limit::None);
    report.line("by hand: events, scripts, frame callbacks", vanilla("page")?, Limit::None);
    report.line("  with the browser's style, layout and paint", vanilla("whole")?, Limit::None);
    Ok(())
}

/// Runs a measurement and returns what it found: the JSON on its last line.
fn browser(name: &str) -> Result<Value> {
    let tools = setup::npm_tools()?;
    if !tool::on_path("chromium") && std::env::var_os("CRM_CHROMIUM").is_none() {
        setup::apt(&["chromium"])?;
    }
    let script = tool::root().join(format!("tests/browser/bench/{name}.mjs"));
    let mut command = Command::new("node");
    command.arg(script).env("CRM_TOOLS", tools).env("CRM_WIDGETS_BIN", program());
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8(output.stdout)?;
    match text.lines().last() {
        Some(line) if output.status.success() => Ok(serde_json::from_str(line)?),
        _ => bail!("{name}.mjs ended with {}: {text}", output.status),
    }
}

fn number(found: &Value, at: &str, name: &str) -> Result<f64> {
    let value = found.pointer(&format!("{at}/{name}")).and_then(Value::as_f64);
    value.with_context(|| format!("{at}/{name} was not measured"))
}
