//! `crm-widgets replay`: sends finished deliveries again, under the same `webhook-id` and with a fresh schedule.

use clap::Args;
use crm_protocol::id::DeliveryId;
use jiff::Timestamp;

use crate::command::out::say;
use crate::config::Config;
use crate::error::Error;
use crate::store::Store;
use crate::store::deliveries::{Replay as ReplayOp, Which};

/// Sends deliveries again.
#[derive(Args)]
pub struct Replay {
    /// This one, whether it was given up or has arrived
    #[arg(required_unless_present = "exhausted", conflicts_with = "exhausted")]
    id: Option<DeliveryId>,
    /// All that were given up
    #[arg(long)]
    exhausted: bool,
    /// With --exhausted: only of this site
    #[arg(long, requires = "exhausted")]
    site: Option<String>,
    /// With --exhausted: only of the connection with this name
    #[arg(long, requires = "exhausted")]
    connection: Option<String>,
}

impl Replay {
    /// Makes them due now; a running gateway sends them within a second.
    ///
    /// # Errors
    /// The database's refusal, or there is nothing to send again.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let which = match self.id {
            Some(id) => Which::One(id),
            None => Which::Exhausted { site: self.site, connection: self.connection },
        };
        let store = Store::open(&config.database.parse()?).await?;
        match (store.run(ReplayOp { which, now: Timestamp::now().as_millisecond() }).await?, self.id) {
            (0, Some(id)) => Err(Error::Command(format!("{id} is unknown, or is on its way already"))),
            (count, _) => say(format_args!("{count} to be sent again\n")),
        }
    }
}
