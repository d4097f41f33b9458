//! `crm-widgets check FILE`: what is wrong with a definition file.

use std::path::PathBuf;

use clap::Args;

use crate::definitions::Definitions;
use crate::error::Error;

/// Says what is wrong with a file, without a database.
#[derive(Args)]
pub struct Check {
    /// The definition file (JSON)
    file: PathBuf,
}

impl Check {
    /// Reads and checks; silent when all is well.
    ///
    /// # Errors
    /// Every fault, with its path and fix; JSON errors with line and column.
    pub fn run(self) -> Result<(), Error> {
        read(&self.file).map(drop)
    }
}

/// Reads a definition file that may be applied.
///
/// # Errors
/// As [`Check::run`].
pub fn read(file: &std::path::Path) -> Result<Definitions, Error> {
    let path = file.display().to_string();
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(cause) => return Err(Error::File { path, cause }),
    };
    let definitions: Definitions = match serde_json::from_slice(&text) {
        Ok(definitions) => definitions,
        Err(cause) => return Err(Error::Json { path, cause }),
    };
    match definitions.faults() {
        faults if faults.is_empty() => Ok(definitions),
        faults => Err(Error::Faults { path, faults }),
    }
}
