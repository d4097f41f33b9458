//! `crm-widgets check FILE`: what is wrong with a definition file.

use std::path::{Path, PathBuf};

use clap::Args;
use crm_protocol::faults::Fault;

use crate::command::out;
use crate::config::Config;
use crate::connector::library::Library;
use crate::connector::setup;
use crate::definitions::Definitions;
use crate::error::Error;

/// Says what is wrong with a file, without a database.
#[derive(Args)]
pub struct Check {
    /// The definition file (JSON)
    file: PathBuf,
}

impl Check {
    /// Reads and checks; silent when all is well. What is hardly meant is said as a hint, and accepted.
    ///
    /// # Errors
    /// Every fault, with its path and fix; JSON errors with line and column.
    pub fn run(self, config: &Config) -> Result<(), Error> {
        checked(&self.file, config).map(drop)
    }
}

/// Reads a definition file that may be applied: its connections say what their connectors want to know. Says on standard
/// error what of it will hardly be meant.
///
/// # Errors
/// As [`Check::run`].
pub fn checked(file: &Path, config: &Config) -> Result<Definitions, Error> {
    let definitions = read(file)?;
    let library = Library::load(config.connectors.as_deref())?;
    refuse(file, setup::faults(&definitions, &library))?;
    for hint in definitions.hints().iter().chain(&setup::hints(&definitions, &library)) {
        out::hint(file, hint);
    }
    Ok(definitions)
}

/// Reads a definition file and checks it by itself.
///
/// # Errors
/// As [`Check::run`].
pub fn read(file: &Path) -> Result<Definitions, Error> {
    let path = file.display().to_string();
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(cause) => return Err(Error::File { path, cause }),
    };
    let definitions: Definitions = match serde_json::from_slice(&text) {
        Ok(definitions) => definitions,
        Err(cause) => return Err(Error::Json { path, cause }),
    };
    refuse(file, definitions.faults()).map(|()| definitions)
}

fn refuse(file: &Path, faults: Vec<Fault>) -> Result<(), Error> {
    match faults {
        faults if faults.is_empty() => Ok(()),
        faults => Err(Error::Faults { path: file.display().to_string(), faults }),
    }
}
