//! `cargo xtask demo`: the clinic's page, its gateway and the page that plays its CRM, on a fresh database.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::tool::{self, quietly, say};
use crate::{gateway, module};

/// Where the demo listens, unless `CRM_WIDGETS_LISTEN` says something else.
const LISTEN: &str = "127.0.0.1:8080";

/// Builds everything and runs the demo in the foreground, until ctrl-c.
///
/// # Errors
/// When something cannot be installed, built or started.
pub fn run() -> Result<ExitCode> {
    module::build()?;
    let program = gateway::build()?;
    let folder = tool::target().join("demo");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let listen = std::env::var("CRM_WIDGETS_LISTEN").unwrap_or_else(|_| LISTEN.to_owned());
    let definitions = folder.join("clinic.json");
    std::fs::write(&definitions, definitions_at(&listen)?)?;
    quietly(command(&program, &folder, &listen).arg("apply").arg(&definitions))?;
    say(&format!("the clinic's page     http://{listen}/"));
    say(&format!("what its CRM receives http://{listen}/demo/crm"));
    say("ctrl-c ends the demo");
    // The gateway takes this process's place, so that ctrl-c reaches it alone and it leaves in its own way.
    Err(command(&program, &folder, &listen).args(["serve", "--demo"]).exec())
        .context("cannot start the gateway")
}

/// The demo's definitions, with the CRM at the address the demo really has.
fn definitions_at(listen: &str) -> Result<String> {
    let path = tool::root().join("demo/clinic.json");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(text.replace(&format!("http://{LISTEN}/"), &format!("http://{listen}/")))
}

fn command(program: &Path, folder: &Path, listen: &str) -> Command {
    let mut command = Command::new(program);
    let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
    command
        .current_dir(tool::root())
        .env("CRM_WIDGETS_LISTEN", listen)
        .env("CRM_WIDGETS_DATABASE", format!("sqlite:{}", folder.join("crm-widgets.db").display()))
        .env("CRM_WIDGETS_ALLOW_PRIVATE", host)
        .env("CRM_WIDGETS_LOG", "text")
        // Known to everybody who reads this: good for a CRM that is only played.
        .env("CRM_SECRET", "whsec_ZGVtby1vbmx5LWRlbW8tb25seS1kZW1vLW9ubHk=");
    command
}
