//! Imports again and again, beside whatever the gateway does. Of several gateways one does it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{HisError, Hospital};
use crate::connector::Connector;
use crate::sites::{LiveSite, Sites};
use crate::store::Store;
use crate::store::his::TakeTurn;

/// How often it is looked whether it is time.
const POLL: Duration = Duration::from_secs(5);

/// Milliseconds in a minute.
const MINUTE: i64 = 60_000;

/// Imports what the sites' hospitals have, for ever.
#[derive(Clone, Debug)]
pub struct Turns {
    store: Store,
    sites: Arc<Sites>,
    connector: Connector,
}

impl Turns {
    /// Ready to run.
    pub fn new(store: Store, sites: Arc<Sites>, connector: Connector) -> Self {
        Self { store, sites, connector }
    }

    /// Runs until dropped. A hospital or a database that is away is asked again.
    pub async fn run(&self) {
        loop {
            for site in self.sites.snapshot().iter() {
                if let Err(cause) = self.turn(site).await {
                    tracing::warn!(site = site.definition.key, %cause, "the hospital's slots stay as they were");
                }
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn turn(&self, site: &LiveSite) -> Result<(), HisError> {
        let Some(hospital) = Hospital::of(&self.store, &self.connector, site) else { return Ok(()) };
        let now = Timestamp::now();
        let turn = TakeTurn {
            site: site.definition.key.clone(),
            now: now.as_millisecond(),
            until: now.as_millisecond() + i64::from(hospital.his.every) * MINUTE,
        };
        if !self.store.run(turn).await? {
            return Ok(());
        }
        let summary = hospital.import(now).await?;
        let (changed, removed) = (summary.imported.changed, summary.imported.removed);
        let (key, unread) = (&site.definition.key, summary.reading.lines());
        tracing::info!(site = key, slots = summary.reading.slots.len(), changed, removed, "imported");
        for line in unread {
            tracing::warn!(site = key, line, "not understood");
        }
        Ok(())
    }
}
