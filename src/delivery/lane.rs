//! One connection's deliveries. Lanes share nothing but the store, so a destination that hangs delays no other.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::attempt::{Health, MARGIN, Tools, attempt};
use super::millis;
use crate::connector::rate::Rate;
use crate::definitions::Connection;
use crate::sites::LiveSite;
use crate::store::deliveries::{Claim, Claimed};

/// Requests of one step that may each have to wait for their turn: log in, send, log in anew, send again.
const REQUESTS: u32 = 4;

/// A connection whose next request is further away takes no more deliveries.
const OWED: Duration = Duration::from_secs(1);

/// A connection that has, or once had, something due.
pub(super) struct Lane {
    pub tools: Arc<Tools>,
    pub site: String,
    pub name: String,
    pub due: Arc<Notify>,
}

impl Lane {
    /// Works until `stop` says so, and finishes the attempts under way.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let health = Arc::new(Health::default());
        let mut running = JoinSet::new();
        loop {
            for (place, claimed) in self.claim(running.len()).await {
                running.spawn(attempt(self.tools.clone(), place, health.clone(), claimed));
            }
            tokio::select! {
                _ = stop.changed() => break,
                () = self.due.notified() => {}
                Some(_) = running.join_next() => while running.try_join_next().is_some() {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Claims as many as there are free places. Nothing for a connection that its site no longer has: its deliveries
    /// wait, in sight, until it is back or someone erases them.
    async fn claim(&self, running: usize) -> Vec<(Place, Claimed)> {
        let Some(place) = self.place() else { return Vec::new() };
        let free = place.places.saturating_sub(running);
        if free == 0 || place.rate.owed() > OWED {
            return Vec::new();
        }
        let claim = Claim {
            connection: place.name(),
            limit: u32::try_from(free).unwrap_or(u32::MAX),
            now: Timestamp::now().as_millisecond(),
            lease_ms: millis(place.lease()),
        };
        match self.tools.store.run(claim).await {
            Ok(claimed) => claimed.into_iter().map(|claimed| (place.clone(), claimed)).collect(),
            Err(error) => {
                tracing::warn!(%error, site = self.site, connection = self.name, "nothing could be claimed");
                Vec::new()
            }
        }
    }

    fn place(&self) -> Option<Place> {
        let site = self.tools.sites.get(&self.site)?;
        let connection = Arc::new(site.definition.connection(&self.name)?.clone());
        let (rate, places) = self.tools.connector.limits(&self.site, &connection);
        Some(Place { site, connection, rate, places })
    }
}

/// Where a lane leads, as it was set up when the delivery was claimed.
#[derive(Clone)]
pub(super) struct Place {
    pub site: Arc<LiveSite>,
    pub connection: Arc<Connection>,
    /// The connection's pace.
    rate: Arc<Rate>,
    /// Deliveries at the same time.
    places: usize,
}

impl Place {
    /// Key of the site and name of the connection.
    pub(super) fn name(&self) -> (String, String) {
        (self.site.definition.key.clone(), self.connection.name.clone())
    }

    /// How long a claim lasts unless it is renewed, as it is while somebody works on it: for a request's timeout twice over,
    /// and what its requests wait for their turn.
    pub(super) fn lease(&self) -> Duration {
        let timeout = Duration::from_secs(self.connection.timeout_seconds.into());
        timeout * 2 + self.rate.longest_wait() * REQUESTS + MARGIN
    }
}
