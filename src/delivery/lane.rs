//! One connection's deliveries. Lanes share nothing but the store, so a destination that hangs delays no other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crm_protocol::id::AttemptId;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use super::Schedule;
use super::ledger::StoreLedger;
use super::message::message;
use crate::connector::{Connector, Outcome};
use crate::definitions::Connection;
use crate::keys::Keys;
use crate::sites::{LiveSite, Sites};
use crate::store::deliveries::{Attempt, Claim, Claimed, Next, Record, Recorded};
use crate::store::hasten::Hasten;
use crate::store::{Store, StoreError};

/// How much longer a lease is than an attempt can take: the time there is to record it.
const MARGIN: Duration = Duration::from_secs(5);

/// How many paused deliveries a success calls back. Each of them calls back others in its turn, so a destination that
/// has recovered is given its backlog ever faster, and one that has not is spared.
const CALLED_BACK: u32 = 20;

/// Pause between two tries to record an attempt.
const RECORD_PAUSE: Duration = Duration::from_millis(500);

/// What all lanes work with.
#[derive(Debug)]
pub(super) struct Tools {
    pub store: Store,
    pub keys: Keys,
    pub sites: Arc<Sites>,
    pub connector: Connector,
    pub schedule: Schedule,
}

/// A connection that has, or once had, something due.
pub(super) struct Lane {
    pub tools: Arc<Tools>,
    pub site: String,
    pub name: String,
    pub due: Arc<Notify>,
    /// Whether some may pause between two attempts. Nobody knows at the start.
    pub paused: Arc<AtomicBool>,
}

impl Lane {
    /// Works until `stop` says so, and finishes the attempts under way.
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        loop {
            for (place, claimed) in self.claim(running.len()).await {
                running.spawn(attempt(self.tools.clone(), place, self.paused.clone(), claimed));
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
        let free = usize::try_from(place.connection.concurrency).unwrap_or(1).saturating_sub(running);
        if free == 0 {
            return Vec::new();
        }
        let claim = Claim {
            connection: (self.site.clone(), self.name.clone()),
            limit: u32::try_from(free).unwrap_or(u32::MAX),
            now: Timestamp::now().as_millisecond(),
            lease_ms: millis(lease(&place.connection)),
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
        Some(Place { site, connection })
    }
}

/// Where a lane leads, as it was set up when the delivery was claimed.
#[derive(Clone)]
struct Place {
    site: Arc<LiveSite>,
    connection: Arc<Connection>,
}

/// One attempt, from the claim to the record.
async fn attempt(tools: Arc<Tools>, place: Place, paused: Arc<AtomicBool>, claimed: Claimed) {
    let started_at = Timestamp::now().as_millisecond();
    let clock = Instant::now();
    let Claimed { delivery, fence, attempt: number, .. } = claimed;
    let Place { site, connection } = place;
    let message = message(&claimed, &site, tools.connector.public_url());
    let mut ledger = tools.ledger(&connection, &claimed);
    let report = tools.connector.deliver(&connection, &message, &mut ledger).await;
    tracing::info!(%delivery, attempt = number, outcome = %report.outcome, status = report.status, "attempted");
    let next = tools.next(number, report.outcome);
    let attempt = Attempt {
        id: AttemptId::from_u128(Uuid::now_v7().as_u128()),
        started_at,
        duration_ms: millis(clock.elapsed()),
        status: report.status,
        outcome: report.outcome.to_string(),
        body: Some(report.body).filter(|body| !body.is_empty()),
        error: report.error,
    };
    let delivered = next == Next::Delivered;
    tools.record(Record { delivery, fence, attempt, next }).await;
    let more = !delivered
        || (paused.swap(false, Ordering::SeqCst) && tools.call_back(message.site.key, &connection).await);
    if more {
        paused.store(true, Ordering::SeqCst);
    }
}

impl Tools {
    fn ledger(&self, connection: &Connection, claimed: &Claimed) -> StoreLedger {
        let name = (claimed.submission.site.clone(), connection.name.clone());
        StoreLedger::new(self.store.clone(), self.keys.clone(), name, claimed, millis(lease(connection)))
    }

    fn next(&self, attempt: u32, outcome: Outcome) -> Next {
        let (class, after) = match outcome {
            Outcome::Delivered { .. } => return Next::Delivered,
            Outcome::Permanent(class) => return Next::Exhausted(class.as_str().to_owned()),
            Outcome::Retry { class, after } => (class, after),
            Outcome::Later { after } => return Next::Later(in_future(after)),
        };
        // Without random numbers the pauses are merely not spread.
        let random = getrandom::u32().unwrap_or(u32::MAX / 2);
        match self.schedule.pause(attempt, after, random) {
            Some(pause) => Next::RetryAt(in_future(pause)),
            None => Next::Exhausted(class.as_str().to_owned()),
        }
    }

    /// Records, trying again while the lease lasts. If all fails the delivery is sent again under the same id.
    async fn record(&self, record: Record) {
        let tries = MARGIN.as_millis() / RECORD_PAUSE.as_millis();
        for _ in 0..tries {
            match self.store.run(record.clone()).await {
                Ok(Recorded::Ok) => return,
                Ok(Recorded::LeaseLost) => {
                    tracing::warn!(delivery = %record.delivery, "recorded after its lease had ended");
                    return;
                }
                Err(error) if error.is_temporary() => sleep(RECORD_PAUSE).await,
                Err(error) => return unrecorded(&record, &error),
            }
        }
        unrecorded(&record, &StoreError::Busy);
    }

    /// A destination that answers again gets some of what waits for it without the rest of the pause.
    /// Returns whether there may be more.
    async fn call_back(&self, site: String, connection: &Connection) -> bool {
        let hasten = Hasten {
            connection: (site, connection.name.clone()),
            limit: CALLED_BACK,
            now: Timestamp::now().as_millisecond(),
        };
        self.store.run(hasten).await.is_ok_and(|hastened| hastened > 0)
    }
}

fn unrecorded(record: &Record, error: &StoreError) {
    tracing::error!(%error, delivery = %record.delivery, "an attempt could not be recorded; it will be made again");
}

/// How long a claim lasts unless a step renews it: a step takes at most twice the connection's timeout.
fn lease(connection: &Connection) -> Duration {
    Duration::from_secs(connection.timeout_seconds.into()) * 2 + MARGIN
}

/// That much later than now, in Unix milliseconds.
fn in_future(pause: Duration) -> i64 {
    Timestamp::now().as_millisecond().saturating_add(millis(pause))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
