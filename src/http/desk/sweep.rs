//! Holds that have ended: each slot goes to whoever waits for it, one person at a time, or is free again.

use std::sync::Arc;
use std::time::Duration;

use crm_protocol::id::HoldId;
use uuid::Uuid;

use super::Desk;
use crate::announce::kind;
use crate::http::App;
use crate::http::intake::now;
use crate::http::problem::Refusal;
use crate::store::booking::{Offer, Offered, StoredHold, SweepHolds};

/// How often ended holds are looked for. A slot that somebody waits for is nobody's until then.
const PERIOD: Duration = Duration::from_secs(1);
/// Ended holds that are read at once.
const BATCH: u32 = 200;

/// Ends holds until dropped. Several gateways of one database may do so at the same time.
pub async fn follow(app: Arc<App>) {
    loop {
        match sweep(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(refusal) => tracing::warn!(cause = refusal.cause, "ended holds have to wait"),
        }
        tokio::time::sleep(PERIOD).await;
    }
}

/// Whether there may be more.
async fn sweep(app: &Arc<App>) -> Result<bool, Refusal> {
    let ended = app.store.run(SweepHolds { now: now(), limit: BATCH }).await?;
    let mut left = 0;
    for hold in &ended {
        // A hold of a site or service that is gone waits for its definition to come back.
        match Desk::of(app, &hold.site) {
            Ok(desk) => desk.end(hold).await?,
            Err(_) => left += 1,
        }
    }
    Ok(ended.len() == BATCH as usize && left < ended.len())
}

impl Desk {
    async fn end(&self, ended: &StoredHold) -> Result<(), Refusal> {
        let Some(service) = self.booking()?.service(&ended.service) else { return Ok(()) };
        let now = now();
        let offer = Offer {
            site: self.key().to_owned(),
            ended: ended.id,
            id: HoldId::from_u128(Uuid::now_v7().as_u128()),
            expires_at: now + i64::from(self.booking()?.offer_minutes) * 60_000,
            event: self.event(service, kind::OFFERED, &self.site.definition.language(None))?,
            now,
        };
        if let Offered::Stored(offer) = self.app.store.run(offer).await? {
            tracing::info!(hold = %offer.id, "a freed slot is offered");
            self.app.bus.wake();
        }
        Ok(())
    }
}
