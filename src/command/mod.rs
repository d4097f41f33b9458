//! The commands of the program: one file each, all with the same verb `run`.

pub mod apply;
mod check;
mod connections;
mod connector;
mod csv;
mod deliveries;
mod erase;
mod export;
mod his;
mod out;
mod replay;
mod schedule;
mod serve;
mod token;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::config::{Config, Settings};
use crate::connector::library::Library;
use crate::error::Error;
use crate::sites::{LiveSite, Sites};

/// Forms for any website, delivered to any CRM.
#[derive(Parser)]
#[command(name = "crm-widgets", version)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the gateway
    Serve(serve::Serve),
    /// Load sites, forms and connections from a file
    Apply(apply::Apply),
    /// Say what is wrong with a file, without a database
    Check(check::Check),
    /// Write, check and list connectors
    Connector(connector::Connector),
    /// Show what is on its way, what arrived and what was given up
    Deliveries(deliveries::Deliveries),
    /// Show connections, pause and resume them
    Connections(connections::Connections),
    /// Read a hospital's departments and slots, and find out whether it can be written to
    His(his::His),
    /// Send deliveries again
    Replay(replay::Replay),
    /// Write a site's submissions as CSV or JSON lines
    Export(export::Export),
    /// Forget a person or a submission
    Erase(erase::Erase),
    /// Close and open times from one day to the next
    Schedule(schedule::Schedule),
    /// Say who may call the staff's API
    Token(token::Token),
}

impl Command {
    async fn run(self, config: Config) -> Result<(), Error> {
        match self {
            Self::Serve(serve) => serve.run(config).await,
            Self::Apply(apply) => apply.run(config).await,
            Self::Check(check) => check.run(&config),
            Self::Connector(connector) => connector.run(config).await,
            Self::Deliveries(deliveries) => deliveries.run(config).await,
            Self::Connections(connections) => connections.run(config).await,
            Self::His(his) => his.run(config).await,
            Self::Replay(replay) => replay.run(config).await,
            Self::Export(export) => export.run(config).await,
            Self::Erase(erase) => erase.run(config).await,
            Self::Schedule(schedule) => schedule.run(config).await,
            Self::Token(token) => token.run(config).await,
        }
    }
}

/// The site of that key.
///
/// # Errors
/// There is none; it says which there are.
fn site(sites: &Sites, key: &str) -> Result<Arc<LiveSite>, Error> {
    if let Some(site) = sites.get(key) {
        return Ok(site);
    }
    let snapshot = sites.snapshot();
    let mut known: Vec<&str> = snapshot.iter().map(|site| site.definition.key.as_str()).collect();
    known.sort_unstable();
    Err(Error::Command(format!("there is no site \"{key}\"; choose from {}", known.join(", "))))
}

/// Reaches destinations as the gateway of these settings does.
fn gateways(config: &Config, library: Library) -> Result<crate::connector::Connector, Error> {
    let settings = crate::connector::Settings::of(config, config.public_url_at(config.listen));
    crate::connector::Connector::new(settings, library).map_err(Error::Tls)
}

/// Parses the command line and runs the command; its error is the last line on stderr.
pub fn run() -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    let outcome = settings.load().and_then(|config| {
        let runtime = tokio::runtime::Runtime::new().map_err(Error::Network)?;
        runtime.block_on(command.run(config))
    });
    match outcome {
        Ok(()) | Err(Error::Unread) => ExitCode::SUCCESS,
        Err(error) => {
            out::report(&error);
            ExitCode::FAILURE
        }
    }
}
