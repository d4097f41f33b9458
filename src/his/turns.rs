//! Imports again and again, beside whatever the gateway does. Of several gateways one does it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::{HisError, Hospital};
use crate::connector::Connector;
use crate::sites::{LiveSite, Sites};
use crate::store::Store;
use crate::store::his::{GiveTurn, TakeTurn};

/// How often it is looked whether it is time.
const POLL: Duration = Duration::from_secs(5);

/// Milliseconds in a minute.
const MINUTE: i64 = 60_000;

/// Milliseconds until a hospital that could not be read is asked again, if that is sooner than its usual turn.
const AGAIN: i64 = 30_000;

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

    /// Runs until dropped. A hospital or a database that is away is asked again, and delays no other.
    pub async fn run(&self) {
        let (mut running, mut busy) = (JoinSet::new(), HashSet::new());
        loop {
            for site in self.sites.snapshot().iter() {
                if busy.insert(site.definition.key.clone()) {
                    let (turns, site) = (self.clone(), site.clone());
                    running.spawn(async move { turns.take(&site).await });
                }
            }
            tokio::time::sleep(POLL).await;
            while let Some(ended) = running.try_join_next() {
                match ended {
                    Ok(site) => drop(busy.remove(&site)),
                    // Nobody knows whose it was: all are looked at again.
                    Err(_) => busy.clear(),
                }
            }
        }
    }

    /// Imports what one site's hospital has, if it is time; returns the site's key.
    async fn take(&self, site: &LiveSite) -> String {
        let key = site.definition.key.clone();
        if let Err(cause) = self.turn(site).await {
            tracing::warn!(site = key, %cause, "the hospital's slots stay as they were");
        }
        key
    }

    async fn turn(&self, site: &LiveSite) -> Result<(), HisError> {
        let Some(hospital) = Hospital::of(&self.store, &self.connector, site) else { return Ok(()) };
        let now = Timestamp::now();
        let until = now.as_millisecond() + i64::from(hospital.his.every) * MINUTE;
        let turn = TakeTurn { site: site.definition.key.clone(), now: now.as_millisecond(), until };
        if !self.store.run(turn).await? {
            return Ok(());
        }
        let summary = match hospital.import(now).await {
            Ok(summary) => summary,
            Err(cause) => {
                let due_at = until.min(Timestamp::now().as_millisecond() + AGAIN);
                self.store.run(GiveTurn { site: site.definition.key.clone(), until, due_at }).await?;
                return Err(cause);
            }
        };
        let (changed, removed) = (summary.imported.changed, summary.imported.removed);
        let (key, unread) = (&site.definition.key, summary.reading.lines());
        tracing::info!(site = key, slots = summary.reading.slots.len(), changed, removed, "imported");
        for line in unread {
            tracing::warn!(site = key, line, "not understood");
        }
        Ok(())
    }
}
