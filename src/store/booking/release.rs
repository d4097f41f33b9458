//! Releasing: what is no longer kept or booked becomes free, or goes to whoever waits for it.

use crm_protocol::id::HoldId;
use uuid::Uuid;

use super::buckets::{self, WAITED_FOR};
use super::hold::StoredHold;
use super::{resources, waiting};
use crate::store::{Millis, Op, StoreError, Tx};

/// Gives a held slot back. False when there is no such hold any more.
#[derive(Clone, Debug)]
pub struct Release {
    /// Key of the site.
    pub site: String,
    /// The hold.
    pub id: HoldId,
    /// The time now.
    pub now: Millis,
}

impl Op for Release {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let Some(hold) = StoredHold::take(tx, &self.site, self.id).await? else { return Ok(false) };
        resources::lock(tx, &self.site, [&hold.slot]).await?;
        let owner = hold.id.to_string();
        if let Some(waiting) = hold.waiting {
            waiting::end(tx, waiting).await?;
        }
        give_back(tx, &owner, hold, self.now).await?;
        Ok(true)
    }
}

/// Frees a slot, whose resources are locked, of its owner. What somebody waits for is taken at once by a hold that has
/// ended already: the next sweep offers it to them, and nobody else gets it before.
pub(super) async fn give_back(
    tx: &mut Tx,
    owner: &str,
    slot: StoredHold,
    now: Millis,
) -> Result<(), StoreError> {
    buckets::free(tx, &slot.site, owner, &slot.slot).await?;
    if !is_waited_for(tx, &slot).await? {
        return Ok(());
    }
    let id = HoldId::from_u128(Uuid::now_v7().as_u128());
    let kept = StoredHold { id, expires_at: 0, waiting: None, ..slot };
    if kept.occupy(tx, now).await? {
        kept.insert(tx).await?;
    }
    Ok(())
}

/// Whether anybody waits for the hold's slot.
pub(super) async fn is_waited_for(tx: &mut Tx, hold: &StoredHold) -> Result<bool, StoreError> {
    let sql = format!(
        "select cast(1 as bigint) from (select cast($1 as text) as site, cast($2 as text) as service, \
         cast($3 as text) as practitioner, cast($4 as text) as day) h join waiting w on {WAITED_FOR} limit 1"
    );
    let StoredHold { site, service, slot, day, .. } = hold;
    let args = [site.into(), service.into(), (&slot.practitioner).into(), day.into()];
    Ok(tx.query_one(&sql, &args).await?.is_some())
}
