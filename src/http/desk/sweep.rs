//! Holds that have ended: each slot goes to whoever waits for it, one person at a time, or is free again.

use std::sync::Arc;
use std::time::Duration;

use crm_protocol::id::HoldId;
use uuid::Uuid;

use super::Desk;
use crate::announce::kind;
use crate::definitions::booking::Service;
use crate::http::App;
use crate::http::intake::now;
use crate::http::problem::Refusal;
use crate::store::StoreError;
use crate::store::booking::{NewOffer, Offer, Offered, StoredHold, SweepHolds};

/// How often ended holds are looked for. A slot that somebody waits for is nobody's until then.
const PERIOD: Duration = Duration::from_secs(1);
/// Ended holds that are read at once.
const BATCH: u32 = 200;

/// Ends holds until dropped. Several gateways of one database may do so at the same time.
pub async fn follow(app: Arc<App>) {
    loop {
        if let Err(cause) = sweep(&app).await {
            tracing::warn!(%cause, "ended holds have to wait");
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Ends all that have ended by now. One that cannot be ended holds up no other: it is tried again by the next sweep.
async fn sweep(app: &Arc<App>) -> Result<(), StoreError> {
    let mut list = SweepHolds { now: now(), after: None, limit: BATCH };
    loop {
        let ended = app.store.run(list).await?;
        for hold in &ended {
            // A hold of a site that is gone waits for its definition to come back.
            let Ok(desk) = Desk::of(app, &hold.site) else { continue };
            if let Err(refusal) = desk.end(hold).await {
                tracing::warn!(hold = %hold.id, cause = refusal.cause, "an ended hold has to wait");
            }
        }
        if ended.len() < BATCH as usize {
            return Ok(());
        }
        list.after = ended.last().map(|last| (last.expires_at, last.id));
    }
}

impl Desk {
    /// Where its service is gone, its slot is free and offered to nobody.
    async fn end(&self, ended: &StoredHold) -> Result<(), Refusal> {
        let booking = self.booking()?;
        let now = now();
        // Its time may have been closed meanwhile.
        let service = booking.service(&ended.service).filter(|service| self.stands(service, &ended.slot));
        let next = |service: &Service| {
            Ok::<_, Refusal>(NewOffer {
                id: HoldId::from_u128(Uuid::now_v7().as_u128()),
                expires_at: now + i64::from(booking.offer_minutes) * 60_000,
                per_day: self.per_day(service)?,
                event: self.event(service, kind::OFFERED, &self.site.definition.language(None))?,
            })
        };
        let offer =
            Offer { site: self.key().to_owned(), ended: ended.id, next: service.map(next).transpose()?, now };
        if let Offered::Stored(offer) = self.app.store.run(offer).await? {
            tracing::info!(hold = %offer.id, "a freed slot is offered");
            self.app.bus.wake();
        }
        Ok(())
    }
}
