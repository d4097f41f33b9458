//! `cargo xtask …`: everything one does with this repository, with nothing else to install or remember.
//!
//! # Layout
//!
//! - [`setup`] finds or installs what a command needs, and says so
//! - [`module`] the browser's half: WebAssembly, scripts, style → `target/assets`, skipped when nothing changed
//! - [`prune`] and [`names`] make its script smaller; [`assets`] names, integrity and compression of those files
//! - [`gateway`] builds and runs the native half
//! - [`demo`], [`mod@test`], [`dist`], [`mod@bench`] the commands
//! - [`suite`], [`sizes`], [`licences`], [`openapi`], [`live`] what `test` counts

#![expect(clippy::print_stdout, reason = "a command-line tool speaks through stdout")]

mod assets;
mod bench;
mod demo;
mod dist;
mod gateway;
mod licences;
mod live;
mod module;
mod names;
mod openapi;
mod order;
mod prune;
mod setup;
mod sizes;
mod suite;
mod test;
mod tool;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask build         the browser's half into target/assets
cargo xtask demo          set up, build and run the demo on http://127.0.0.1:8080
cargo xtask test [SUITE…] set up and pass every test, or the suites of those names
cargo xtask dist          release binary and static folder in target/dist
cargo xtask bench [WHAT…] measure against the budgets";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Result<ExitCode> {
    std::env::set_current_dir(tool::root())?;
    match words {
        ["build"] => module::build().map(|_| ExitCode::SUCCESS),
        ["demo"] => demo::run(),
        ["test", suites @ ..] => test::run(suites),
        ["dist"] => dist::run(),
        ["bench", what @ ..] => bench::run(what),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("not a command: {}\n{USAGE}", words.join(" ")),
    }
}
