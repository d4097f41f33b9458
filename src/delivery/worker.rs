//! Sweeps the outbox and wakes the lane of every connection that has something due.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Schedule;
use super::attempt::Tools;
use super::lane::Lane;
use crate::bus::Bus;
use crate::connector::Connector;
use crate::keys::Keys;
use crate::sites::Sites;
use crate::store::Store;
use crate::store::deliveries::Due;

/// How long a lost wake-up, or an end of a pause, may go unnoticed.
const SWEEP: Duration = Duration::from_secs(1);

/// How long a wake-up waits for others to come along: many submissions a second need few sweeps.
const GATHER: Duration = Duration::from_millis(20);

/// Delivers what the outbox holds, for ever.
#[derive(Debug)]
pub struct Worker {
    tools: Arc<Tools>,
    bus: Bus,
    lanes: HashMap<(String, String), Arc<Notify>>,
    running: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Worker {
    /// A worker that has not started yet.
    pub fn new(
        store: Store,
        keys: Keys,
        sites: Arc<Sites>,
        bus: Bus,
        connector: Connector,
        schedule: Schedule,
    ) -> Self {
        Self {
            tools: Arc::new(Tools { store, keys, sites, connector, schedule }),
            bus,
            lanes: HashMap::new(),
            running: JoinSet::new(),
            stop: watch::Sender::new(false),
        }
    }

    /// Works until `stop` ends. Then claims nothing more and returns when the attempts under way are recorded, which
    /// takes as long as their steps; a caller in a hurry may drop it, and what was under
    /// way is tried again when its lease ends.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        loop {
            self.sweep().await;
            tokio::select! {
                () = &mut stop => break,
                () = self.bus.woken() => sleep(GATHER).await,
                () = sleep(SWEEP) => {}
            }
        }
        self.stop.send_replace(true);
        while self.running.join_next().await.is_some() {}
    }

    /// Wakes every connection that has something due. A connection hears it only when it has a free place.
    async fn sweep(&mut self) {
        match self.tools.store.run(Due { now: Timestamp::now().as_millisecond() }).await {
            Ok(connections) => connections.into_iter().for_each(|connection| self.wake(connection)),
            Err(error) => tracing::warn!(%error, "the outbox could not be read; trying again"),
        }
    }

    fn wake(&mut self, connection: (String, String)) {
        let due = match self.lanes.entry(connection) {
            Entry::Occupied(lane) => lane.into_mut(),
            Entry::Vacant(place) => {
                let due = Arc::new(Notify::new());
                let (site, name) = place.key().clone();
                let lane = Lane { tools: self.tools.clone(), site, name, due: due.clone() };
                self.running.spawn(lane.run(self.stop.subscribe()));
                place.insert(due)
            }
        };
        due.notify_one();
    }
}
