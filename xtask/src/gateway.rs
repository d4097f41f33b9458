//! The native half: the program `crm-widgets`.

use std::path::PathBuf;

use anyhow::Result;

use crate::tool::{self, cargo, run, say};

/// Builds the program as it is released, with what [`crate::module`] built inside, and tells where it is.
///
/// # Errors
/// When it does not compile.
pub fn build() -> Result<PathBuf> {
    say("building the gateway");
    run(&mut cargo(&["build", "--release", "--package", "crm-widgets", "--bin", "crm-widgets"]))?;
    Ok(tool::target().join("release/crm-widgets"))
}
