//! `crm-widgets his`: the hospital's information system that owns a site's slots.

use clap::{Args, Subcommand};
use jiff::Timestamp;

use crate::command::out::say;
use crate::config::Config;
use crate::connector::library::Library;
use crate::error::Error;
use crate::his::{HisError, Hospital};
use crate::sites::Sites;
use crate::store::Store;
use crate::store::his::Verdict;

/// The hospital's information system that owns a site's slots.
#[derive(Args)]
pub struct His {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Read departments, practitioners, places and slots; says what it does not understand
    Import {
        /// Key of the site
        site: String,
    },
    /// Find out whether it can be written to so that no slot has two owners; changes nothing there
    Check {
        /// Key of the site
        site: String,
    },
}

impl His {
    /// Does it and says what came of it.
    ///
    /// # Errors
    /// The site has no such system, it does not answer, or it cannot be written to.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let (What::Import { site: key } | What::Check { site: key }) = &self.what;
        let store = Store::open(&config.database.parse()?).await?;
        let sites = Sites::load(store.clone()).await?;
        let library = Library::load(config.connectors.as_deref())?;
        let connector = super::gateways(&config, library)?;
        let site = super::site(&sites, key)?;
        let none = || Error::Command(format!("{key}: its booking names no `his`"));
        let hospital = Hospital::of(&store, &connector, &site).ok_or_else(none)?;
        match &self.what {
            What::Import { .. } => {
                let summary = hospital.import(Timestamp::now()).await.map_err(failed)?;
                for line in summary.reading.lines() {
                    say(format_args!("not understood: {line}\n"))?;
                }
                say(format_args!("{}\n", summary.line()))?;
            }
            What::Check { .. } => match hospital.check().await.map_err(failed)? {
                Verdict::Unsound(refusal) => return Err(Error::Command(refusal)),
                Verdict::Sound => say(format_args!("{key}: it can be written to\n"))?,
                Verdict::Unknown => say(format_args!(
                    "{key}: it refuses what is out of date; whether it does a transaction whole or not at all shows \
                     only with two slots that are there. It can be written to, and is tried again each time\n"
                ))?,
            },
        }
        Ok(())
    }
}

fn failed(cause: HisError) -> Error {
    match cause {
        HisError::Store(cause) => cause.into(),
        HisError::Silence(silence) => Error::Command(silence.to_string()),
    }
}
