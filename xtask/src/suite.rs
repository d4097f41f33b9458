//! What a run of tests came to, read from what the runners print.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Tests by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Did what they promise.
    pub passed: usize,
    /// Did not.
    pub failed: usize,
    /// Were left out.
    pub skipped: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, passed: bool) {
        if passed { self.passed += 1 } else { self.failed += 1 }
    }

    /// Counts others too.
    pub fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Reads a line of a runner; lines that sum up nothing change nothing.
    fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |text: &str| text.parse().unwrap_or(0);
        match words.as_slice() {
            // cargo test: "test result: ok. 3 passed; 0 failed; 1 ignored; …"
            ["test", "result:", _, passed, "passed;", failed, "failed;", ignored, "ignored;", ..] => {
                self.merge(Self { passed: number(passed), failed: number(failed), skipped: number(ignored) });
            }
            // node --test: "ℹ pass 3", or "# pass 3" where the output is no terminal.
            ["ℹ" | "#", "pass", count] => self.passed += number(count),
            ["ℹ" | "#", "fail" | "cancelled", count] => self.failed += number(count),
            ["ℹ" | "#", "skipped" | "todo", count] => self.skipped += number(count),
            _ => {}
        }
    }
}

/// One check: the command succeeds or it does not.
///
/// # Errors
/// When it cannot be started.
pub fn check(command: &mut Command) -> Result<Counts> {
    let mut counts = Counts::default();
    counts.add(command.status().context("cannot start it")?.success());
    Ok(counts)
}

/// Runs a test runner, lets its output through and reads the counts from it. A runner that fails without having
/// counted a failure, for example since its tests do not compile, counts as one.
///
/// # Errors
/// When it cannot be started.
pub fn follow(command: &mut Command) -> Result<Counts> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start it")?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            counts.read(&line);
        }
    }
    if !child.wait()?.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn reads_what_cargo_and_node_print() {
        let mut counts = Counts::default();
        counts.read("test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.10s");
        counts.read("test store::accept::sqlite::once ... ok");
        counts.read("ℹ tests 9");
        counts.read("ℹ pass 7");
        counts.read("# fail 1");
        counts.read("ℹ cancelled 1");
        counts.read("ℹ skipped 0");
        assert_eq!(counts, Counts { passed: 19, failed: 3, skipped: 2 });
    }
}
