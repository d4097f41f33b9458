//! `cargo xtask test [SUITE…]`: sets everything up, runs every suite, and sums them up.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::setup::{self, WASM, WasmCompiler};
use crate::suite::{Counts, check, follow};
use crate::tool::{self, cargo, say};
use crate::{gateway, licences, live, module, openapi, sizes};

/// A suite by name. Later ones need what earlier ones build.
struct Suite {
    name: &'static str,
    run: fn() -> Result<Counts>,
}

const SUITES: [Suite; 11] = [
    Suite { name: "format", run: format },
    Suite { name: "licences", run: licences::check },
    Suite { name: "sizes", run: sizes },
    Suite { name: "lint", run: lint },
    Suite { name: "lint-wasm", run: lint_wasm },
    Suite { name: "docs", run: docs },
    Suite { name: "rust", run: rust },
    Suite { name: "openapi", run: openapi::check },
    Suite { name: "live", run: live::check },
    Suite { name: "scripts", run: scripts },
    Suite { name: "browser", run: browser },
];

/// Runs all suites, or those whose name contains one of `words`. Ends with a failure when a test failed.
///
/// # Errors
/// When no suite is meant.
pub fn run(words: &[&str]) -> Result<ExitCode> {
    let meant = |suite: &&Suite| words.is_empty() || words.iter().any(|word| suite.name.contains(word));
    let suites: Vec<&Suite> = SUITES.iter().filter(meant).collect();
    if suites.is_empty() {
        bail!("no such suite; these are: {}", SUITES.map(|suite| suite.name).join(", "));
    }
    let mut lines = Vec::new();
    let mut total = Counts::default();
    for suite in suites {
        say(&format!("suite {}", suite.name));
        let started = Instant::now();
        let counts = (suite.run)().unwrap_or_else(|error| {
            eprintln!("xtask: {}: {error:#}", suite.name);
            Counts { failed: 1, ..Counts::default() }
        });
        total.merge(counts);
        let Counts { passed, failed, skipped } = counts;
        let seconds = started.elapsed().as_secs();
        lines.push(format!("{:<10} {passed:>7} {failed:>7} {skipped:>8} {seconds:>6} s", suite.name));
    }
    println!("\n{:<10} {:>7} {:>7} {:>8} {:>8}", "suite", "passed", "failed", "skipped", "time");
    println!("{}\n", lines.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn format() -> Result<Counts> {
    check(&mut cargo(&["fmt", "--all", "--check"]))
}

fn sizes() -> Result<Counts> {
    module::build()?;
    gateway::build()?;
    sizes::check()
}

/// The module is left out where all packages are compiled together: it turns on `leptos/hydrate`, the gateway
/// `leptos/ssr`, and Cargo would give both to both.
const NATIVE: [&str; 3] = ["--workspace", "--exclude", "crm-bundle"];

fn lint() -> Result<Counts> {
    check(cargo(&["clippy"]).args(NATIVE).args(["--all-targets", "--", "--deny", "warnings"]))
}

fn lint_wasm() -> Result<Counts> {
    if setup::wasm_compiler()? == WasmCompiler::Debian {
        say("left out: clippy has no std for the browser here");
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    check(&mut cargo(&["clippy", "--package", "crm-bundle", "--target", WASM, "--", "--deny", "warnings"]))
}

fn docs() -> Result<Counts> {
    check(cargo(&["doc", "--no-deps", "--quiet"]).args(NATIVE).env("RUSTDOCFLAGS", "--deny warnings"))
}

fn rust() -> Result<Counts> {
    setup::postgresql()?;
    setup::strace()?;
    module::build()?;
    // Those that need real software are a suite of their own.
    follow(cargo(&["test", "--no-fail-fast"]).args(NATIVE).args(["--", "--skip", "live::"]))
}

fn scripts() -> Result<Counts> {
    setup::node()?;
    node_tests("widgets/element/js")
}

fn browser() -> Result<Counts> {
    setup::browsers()?;
    module::build()?;
    let program = gateway::build()?;
    // Handed on by environment, so that a single file can also be run by hand.
    let counts =
        follow(node("tests/browser")?.env("CRM_WIDGETS_BIN", program).env("CRM_TOOLS", setup::npm_tools()?))?;
    Ok(counts)
}

fn node_tests(folder: &str) -> Result<Counts> {
    follow(&mut node(folder)?)
}

/// Node's test runner over `*.test.mjs` of a folder, two files at a time: each has a browser and a gateway, and waits more
/// than it computes. A file that takes ten minutes has failed.
fn node(folder: &str) -> Result<Command> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(tool::root().join(folder))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    let mut command = Command::new("node");
    let options = ["--test", "--test-concurrency=2", "--test-timeout=600000", "--test-reporter=spec"];
    command.args(options).args(files).current_dir(tool::root());
    Ok(command)
}
