//! One attempt at a delivery, from the claim to the record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crm_protocol::id::{AttemptId, DeliveryId};
use jiff::Timestamp;
use tokio::time::sleep;
use uuid::Uuid;

use super::lane::Place;
use super::ledger::StoreLedger;
use super::message::message;
use super::pause::{Change, Streak, asked};
use super::{Schedule, in_future, millis};
use crate::connector::ledger::Lost;
use crate::connector::{Class, Connector, Outcome, Report};
use crate::his::Hospital;
use crate::keys::Keys;
use crate::sites::Sites;
use crate::store::deliveries::{Attempt, Claimed, Lease, Next, Record, Recorded, Release, Renew};
use crate::store::hasten::Hasten;
use crate::store::pauses::{Pause, Resume};
use crate::store::{Op, Store, StoreError};

/// How much longer a lease is than what is done under it: the time there is to record it.
pub(super) const MARGIN: Duration = Duration::from_secs(5);

/// How many deliveries that wait for their next attempt a success calls back. Each of them calls back others in its
/// turn, so a destination that has recovered is given its backlog ever faster, and one that has not is spared.
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

/// What the attempts of one lane tell each other.
#[derive(Debug)]
pub(super) struct Health {
    streak: Streak,
    /// Whether some may wait for their next attempt. Nobody knows at the start.
    behind: AtomicBool,
}

impl Default for Health {
    fn default() -> Self {
        Self { streak: Streak::default(), behind: true.into() }
    }
}

/// Makes the attempt that a claim is for.
pub(super) async fn attempt(tools: Arc<Tools>, place: Place, health: Arc<Health>, claimed: Claimed) {
    let started_at = Timestamp::now().as_millisecond();
    let clock = Instant::now();
    let report = tools.deliver(&place, &claimed).await;
    let Claimed { delivery, fence, attempt: number, probe, .. } = claimed;
    tracing::info!(%delivery, attempt = number, outcome = %report.outcome, status = report.status, "attempted");
    // Before the lease ends: whoever claims next must find the connection as it is now.
    if let Some(change) = health.streak.change(tools.schedule.failing(), &report, probe) {
        tools.change(&place, change).await;
    }
    let next = match report.outcome {
        Outcome::Later { after } => {
            return tools.end(delivery, Release { delivery, fence, due_at: in_future(after) }).await;
        }
        Outcome::Delivered { .. } | Outcome::Taken => Next::Delivered,
        Outcome::Permanent(class) => Next::Exhausted(class.as_str().to_owned()),
        Outcome::Retry { class, after } => tools.retry(number, class, after),
    };
    let delivered = next == Next::Delivered;
    let attempt = Attempt {
        id: AttemptId::from_u128(Uuid::now_v7().as_u128()),
        started_at,
        duration_ms: millis(clock.elapsed()),
        status: report.status,
        outcome: report.outcome.to_string(),
        body: Some(report.body).filter(|body| !body.is_empty()),
        error: report.error,
    };
    tools.end(delivery, Record { delivery, fence, attempt, next }).await;
    let more = !delivered || (health.behind.swap(false, Ordering::SeqCst) && tools.call_back(&place).await);
    if more {
        health.behind.store(true, Ordering::SeqCst);
    }
}

impl Tools {
    /// Delivers under a lease that lasts as long as it takes; each request has its own limit.
    async fn deliver(&self, place: &Place, claimed: &Claimed) -> Report {
        tokio::select! {
            report = self.work(place, claimed) => report,
            () = self.keep(place, claimed) => {
                let outcome = Outcome::Later { after: Duration::ZERO };
                Report { outcome, status: None, body: String::new(), error: Some(Lost.to_string()) }
            }
        }
    }

    /// Renews the lease again and again. Ends where it is lost: somebody else is at it.
    async fn keep(&self, place: &Place, claimed: &Claimed) {
        let lease = place.lease();
        loop {
            sleep(lease / 3).await;
            let now = Timestamp::now().as_millisecond();
            let renew = Renew(Lease {
                delivery: claimed.delivery,
                fence: claimed.fence,
                now,
                lease_ms: millis(lease),
            });
            match self.store.run(renew).await {
                Ok(Recorded::Ok) => {}
                Ok(Recorded::LeaseLost) => return,
                Err(error) => {
                    tracing::warn!(%error, delivery = %claimed.delivery, "the lease was not renewed")
                }
            }
        }
    }

    async fn work(&self, place: &Place, claimed: &Claimed) -> Report {
        let mut message = message(self, place, claimed);
        if message.event.expires().is_some_and(|end| end <= Timestamp::now()) {
            return Report::unsent(Report::TOO_LATE);
        }
        let hospital = Hospital::behind(&self.store, &self.connector, &place.site, &place.connection.name);
        if let Some(hospital) = &hospital {
            hospital.introduce(&mut message.event);
            if let Some(report) = hospital.objection(&message.event).await {
                return report;
            }
        }
        let (store, keys, lease_ms) = (self.store.clone(), self.keys.clone(), millis(place.lease()));
        let mut ledger = StoreLedger::new(store, keys, place.name(), claimed, lease_ms);
        let report = self.connector.deliver(&place.connection, &message, &mut ledger).await;
        // Before it is recorded: whoever goes on after a crash here asks the hospital again, and hears the same.
        match &hospital {
            Some(hospital) => hospital.settle(&message.event, report.outcome).await.err().unwrap_or(report),
            None => report,
        }
    }

    fn retry(&self, attempt: u32, class: Class, after: Option<Duration>) -> Next {
        // The whole connection waits then, and that is no fault of this delivery.
        if let Some(asked) = asked(class, after) {
            return Next::Later(in_future(asked));
        }
        // Without random numbers the pauses are merely not spread.
        let random = getrandom::u32().unwrap_or(u32::MAX / 2);
        match self.schedule.pause(attempt, after, random) {
            Some(pause) => Next::RetryAt(in_future(pause)),
            None => Next::Exhausted(class.as_str().to_owned()),
        }
    }

    /// Ends the lease, trying again while it lasts. If all fails the delivery is sent again under the same id.
    async fn end<O: Op<Out = Recorded> + Clone>(&self, delivery: DeliveryId, op: O) {
        let tries = MARGIN.as_millis() / RECORD_PAUSE.as_millis();
        for _ in 0..tries {
            match self.store.run(op.clone()).await {
                Ok(Recorded::Ok) => return,
                Ok(Recorded::LeaseLost) => {
                    tracing::warn!(%delivery, "recorded after its lease had ended");
                    return;
                }
                Err(error) if error.is_temporary() => sleep(RECORD_PAUSE).await,
                Err(error) => return unrecorded(delivery, &error),
            }
        }
        unrecorded(delivery, &StoreError::Busy);
    }

    /// Pauses or resumes the connection. Where that fails, the next attempt leads to the same.
    async fn change(&self, place: &Place, change: Change) {
        let connection = place.name();
        let (site, name) = &connection;
        let changed = match change {
            Change::Pause(cause, reason) => {
                tracing::warn!(site, connection = name, reason, "paused");
                let now = Timestamp::now().as_millisecond();
                self.store.run(Pause { connection: connection.clone(), cause, reason, now }).await
            }
            Change::Resume => {
                tracing::info!(site, connection = name, "resumed: it answers again");
                self.store.run(Resume { connection: connection.clone(), manual: false }).await
            }
        };
        if let Err(error) = changed {
            tracing::warn!(%error, site, connection = name, "it could not be paused or resumed");
        }
    }

    /// A destination that answers again gets some of what waits for it without the rest of the pause.
    /// Returns whether there may be more.
    async fn call_back(&self, place: &Place) -> bool {
        let now = Timestamp::now().as_millisecond();
        let hasten = Hasten { connection: place.name(), limit: CALLED_BACK, now };
        self.store.run(hasten).await.is_ok_and(|hastened| hastened > 0)
    }
}

fn unrecorded(delivery: DeliveryId, error: &StoreError) {
    tracing::error!(%error, %delivery, "an attempt could not be recorded; it will be made again");
}
