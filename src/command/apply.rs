//! `crm-widgets apply FILE`: loads sites, forms and connections into the database. Applying twice changes nothing.

use std::path::PathBuf;

use clap::Args;

use crate::command::check;
use crate::command::out::say;
use crate::config::Config;
use crate::definitions::Definitions;
use crate::error::Error;
use crate::store::Store;
use crate::store::sites::{Applied, Apply as ApplyOp};

/// Loads sites, forms and connections from a file.
#[derive(Args)]
pub struct Apply {
    /// The definition file (JSON)
    file: PathBuf,
}

impl Apply {
    /// Checks the file and stores every site in it. A running gateway follows within seconds.
    ///
    /// # Errors
    /// Every fault of the file; the database's refusal.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let definitions = check::checked(&self.file, &config)?;
        let store = Store::open(&config.database.parse()?).await?;
        let applied = apply(&store, &definitions).await?;
        say(format_args!("{} of {} sites changed\n", applied.changed.len(), definitions.sites.len()))
    }
}

/// Stores every site of checked definitions.
///
/// # Errors
/// The database's refusal.
pub async fn apply(store: &Store, definitions: &Definitions) -> Result<Applied, Error> {
    let body = |site| serde_json::to_string(site).map_err(|cause| Error::Command(cause.to_string()));
    let sites = definitions
        .sites
        .iter()
        .map(|site| Ok((site.key.clone(), body(site)?)))
        .collect::<Result<_, Error>>()?;
    Ok(store.run(ApplyOp { sites }).await?)
}
