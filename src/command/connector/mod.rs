//! `crm-widgets connector …`: the tools of whoever writes a connector.

mod by_hand;
mod check;
mod list;
mod new;
mod trial;

use clap::{Args, Subcommand};

use crate::config::Config;
use crate::error::Error;

/// Writes, checks and lists connectors.
#[derive(Args)]
pub struct Connector {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Say what is wrong with connector files
    Check(check::Check),
    /// List the connectors there are
    List(list::List),
    /// Write a connector to begin with
    New(new::New),
    /// Show what a connector would send for an event, or send it
    Try(trial::Try),
}

impl Connector {
    /// Does it.
    ///
    /// # Errors
    /// See the commands.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        match self.action {
            Action::Check(check) => check.run(),
            Action::List(list) => list.run(&config),
            Action::New(new) => new.run(),
            Action::Try(trial) => trial.run(config).await,
        }
    }
}
