//! The lease under which a delivery is worked on.

use crm_protocol::id::DeliveryId;

use super::Recorded;
use crate::store::{Millis, Op, StoreError, Tx};

/// The lease of a claimed delivery, and how long it is to last from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The fence of its claim.
    pub fence: i64,
    /// The time now.
    pub now: Millis,
    /// How long it lasts from now.
    pub lease_ms: i64,
}

impl Lease {
    /// When it ends unless it is renewed again.
    pub(in crate::store) fn until(&self) -> Millis {
        self.now.saturating_add(self.lease_ms)
    }

    /// Prolongs it, together with the links that the delivery has reserved. False when it has ended or was taken over:
    /// then nothing more may be written in its name.
    pub(in crate::store) async fn renew(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let delivery = self.delivery.to_string();
        let sql = "update deliveries set due_at = $1 where id = $2 and fence = $3 and state = 'waiting' and due_at > $4";
        let args = [self.until().into(), (&delivery).into(), self.fence.into(), self.now.into()];
        if tx.execute(sql, &args).await? == 0 {
            return Ok(false);
        }
        let sql = "update reservations set until = $1 where delivery = $2";
        tx.execute(sql, &[self.until().into(), (&delivery).into()]).await?;
        Ok(true)
    }
}

/// Prolongs a lease.
#[derive(Clone, Copy, Debug)]
pub struct Renew(pub Lease);

impl Op for Renew {
    type Out = Recorded;

    async fn run(&self, tx: &mut Tx) -> Result<Recorded, StoreError> {
        Ok(if self.0.renew(tx).await? { Recorded::Ok } else { Recorded::LeaseLost })
    }
}

/// Lets others work on the links of a delivery.
pub(super) async fn free_links(tx: &mut Tx, delivery: DeliveryId) -> Result<(), StoreError> {
    tx.execute("delete from reservations where delivery = $1", &[delivery.to_string().into()]).await.map(drop)
}
