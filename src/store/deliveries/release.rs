//! Releasing: a delivery that could not even be tried comes back soon.

use crm_protocol::id::DeliveryId;

use super::Recorded;
use super::lease::free_links;
use crate::store::{Millis, Op, StoreError, Tx};

/// Ends a lease without an attempt: none is written down, and none is used up. Steps that were done stay done.
#[derive(Clone, Debug)]
pub struct Release {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The fence of the claim.
    pub fence: i64,
    /// When it is due again.
    pub due_at: Millis,
}

impl Op for Release {
    type Out = Recorded;

    async fn run(&self, tx: &mut Tx) -> Result<Recorded, StoreError> {
        let sql = "update deliveries set due_at = $1, leased = 0, fence = fence + 1 \
                   where id = $2 and fence = $3 and state = 'waiting'";
        let args = [self.due_at.into(), self.delivery.to_string().into(), self.fence.into()];
        if tx.execute(sql, &args).await? == 0 {
            return Ok(Recorded::LeaseLost);
        }
        free_links(tx, self.delivery).await?;
        Ok(Recorded::Ok)
    }
}
