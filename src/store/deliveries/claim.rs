//! Claiming: a lease for one holder, told apart from later ones by its fence.

use std::collections::BTreeMap;

use crm_protocol::id::DeliveryId;
use crm_protocol::submission::Consent;

use super::shift::Shift;
use crate::store::booking::events::{self, Happened};
use crate::store::pauses::{self, Gate};
use crate::store::steps::{self, Step};
use crate::store::submissions::{self, Submission};
use crate::store::{Millis, Op, StoreError, Tx};

/// Takes deliveries of one connection that are due, longest due first, each for one claimer.
///
/// A claim is a lease: until `now + lease_ms` no one else gets the delivery; after that it is due again, and whoever
/// claims it then gets a higher fence, so the first holder's [`super::Record`] is refused.
///
/// Of several events of one submission the earliest is given, and the next once that has ended.
///
/// A connection that pauses gives nothing, or its probe when that is due.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// How many at most.
    pub limit: u32,
    /// The time now.
    pub now: Millis,
    /// How long the holder has to record the outcome or to renew the lease. Longer than any step can take.
    pub lease_ms: i64,
}

/// A delivery under its lease.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The delivery.
    pub delivery: DeliveryId,
    /// To be handed to [`super::Record`].
    pub fence: i64,
    /// Number of the attempt that is due now, from 1.
    pub attempt: u32,
    /// What to deliver, or whose event.
    pub submission: Submission,
    /// What its sender agreed to.
    pub consents: Vec<Consent>,
    /// What happened since, if it is that which is to be delivered.
    pub event: Option<Happened>,
    /// What earlier attempts have written down, by step.
    pub steps: BTreeMap<String, Step>,
    /// Its number, from 1, if this is the one delivery by which a failing connection is probed.
    pub probe: Option<u32>,
}

impl Op for Claim {
    type Out = Vec<Claimed>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Claimed>, StoreError> {
        let until = self.now.saturating_add(self.lease_ms);
        match pauses::gate(tx, &self.connection, self.now, until).await? {
            Gate::Open => self.take(tx, self.limit, None).await,
            Gate::Closed => Ok(Vec::new()),
            Gate::Probe(number) => {
                let claimed = self.take(tx, self.limit.min(1), Some(number)).await?;
                if claimed.is_empty() {
                    tx.undo();
                }
                Ok(claimed)
            }
        }
    }
}

impl Claim {
    async fn take(&self, tx: &mut Tx, limit: u32, probe: Option<u32>) -> Result<Vec<Claimed>, StoreError> {
        let shift = Shift {
            connection: &self.connection,
            which: "due_at <= $3",
            now: self.now,
            limit,
            to: self.now.saturating_add(self.lease_ms),
        };
        let set = ", leased = 1, fence = fence + 1";
        let sql = shift.sql(tx, set, " returning id, fence, attempts, submission, event");
        let mut claimed = Vec::new();
        for mut row in tx.query(&sql, &shift.args()).await? {
            let (delivery, fence) = (row.parse(0)?, row.int(1)?);
            let attempt = row.int(2)?.saturating_add(1).try_into().unwrap_or(u32::MAX);
            // Erased just now: the delivery goes with its submission.
            let Some((submission, consents)) = submissions::load(tx, row.parse(3)?).await? else { continue };
            let event = match row.optional_text(4)? {
                Some(event) => events::load(tx, &event).await?,
                None => None,
            };
            let steps = if fence > 1 { steps::load(tx, delivery).await? } else { BTreeMap::new() };
            claimed.push(Claimed { delivery, fence, attempt, submission, consents, event, steps, probe });
        }
        claimed.sort_by_key(|claimed| claimed.delivery);
        Ok(claimed)
    }
}
