//! `crm-widgets connector list`: the connectors there are, and what they want to know.

use std::fmt::Write;

use clap::Args;

use crate::command::out::say;
use crate::config::Config;
use crate::connector::file::{ConnectorFile, Verified};
use crate::connector::library::Library;
use crate::error::Error;

/// Lists the connectors there are: those inside this program, and those of the setting `connectors`.
#[derive(Args)]
pub struct List {
    /// Also what a connection must and may say
    #[arg(long)]
    inputs: bool,
}

impl List {
    /// Prints a line for each.
    ///
    /// # Errors
    /// What is wrong with a connector file.
    pub fn run(self, config: &Config) -> Result<(), Error> {
        let library = Library::load(config.connectors.as_deref())?;
        for file in library.names().filter_map(|name| library.get(name)) {
            let verified = match file.verified {
                Verified::Live => "live",
                Verified::Description => "description",
                Verified::Documentation => "documentation",
            };
            say(format_args!("{:<16}{verified:<15}{}\n", file.connector, file.title))?;
            if self.inputs {
                say(inputs(&file))?;
            }
        }
        Ok(())
    }
}

fn inputs(file: &ConnectorFile) -> String {
    let mut text = String::new();
    for (name, secret) in &file.secrets {
        let may = if secret.optional { " (optional)" } else { "" };
        let _ = writeln!(text, "    secrets.{name}{may}: {}", secret.description);
    }
    for (name, input) in &file.inputs {
        let may = match &input.default {
            Some(default) => format!(" (default {default})"),
            None if input.optional => " (optional)".to_owned(),
            None => String::new(),
        };
        let _ = writeln!(text, "    inputs.{name}{may}: {}", input.description);
    }
    text
}
