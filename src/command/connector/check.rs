//! `crm-widgets connector check FILE…`: what is wrong with connector files, with line and column.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::out::say;
use crate::connector::file::ConnectorFile;
use crate::connector::library;
use crate::definitions::connection::{EVENTS, ONLY_WHERE_NAMED};
use crate::error::Error;

/// Says what is wrong with connector files.
#[derive(Args)]
pub struct Check {
    /// The files (YAML)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    /// Prints a line for each file that can be used.
    ///
    /// # Errors
    /// Everything that is wrong with the others.
    pub fn run(self) -> Result<(), Error> {
        let mut wrong = Vec::new();
        for path in &self.files {
            match library::read(path) {
                Ok(file) => say(format_args!("{}\n", praise(path, &file)))?,
                Err(error) => wrong.push(error.to_string()),
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(Error::Command(wrong.join("\n"))) }
    }
}

fn praise(path: &Path, file: &ConnectorFile) -> String {
    let events: Vec<&str> = EVENTS.into_iter().filter(|event| file.handles(event)).collect();
    let all = EVENTS.iter().all(|event| events.contains(event) || ONLY_WHERE_NAMED.contains(event));
    let events = if all { "all events".to_owned() } else { events.join(", ") };
    let steps =
        if file.steps.len() == 1 { "1 step".to_owned() } else { format!("{} steps", file.steps.len()) };
    format!("{}: ok, {steps} for {events}", path.display())
}
