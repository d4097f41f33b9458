//! `cargo xtask dist`: what an operator installs, in `target/dist`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::tool::{self, say};
use crate::{gateway, module};

/// Builds `target/dist`: the program with the browser's half inside, and the same as a static folder for pages that
/// have no gateway (`<crm-contact action="https://…">`).
///
/// # Errors
/// When something cannot be installed, built or copied.
pub fn run() -> Result<ExitCode> {
    let assets = module::build()?;
    let program = gateway::build()?;
    let folder = tool::target().join("dist");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("widgets/assets"))?;
    std::fs::copy(program, folder.join("crm-widgets"))?;
    copy_static(&assets, &folder.join("widgets"))?;
    say(&format!("the program and the static folder are in {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

/// The loader at the top, as the page names it; the rest below `assets`, as the loader names it.
fn copy_static(assets: &Path, folder: &Path) -> Result<()> {
    for entry in std::fs::read_dir(assets)? {
        let entry = entry?;
        let name = entry.file_name();
        let loader = name.to_string_lossy().starts_with("embed.js");
        let place = if loader { folder.join(&name) } else { folder.join("assets").join(&name) };
        std::fs::copy(entry.path(), place)?;
    }
    Ok(())
}
