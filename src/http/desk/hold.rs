//! A slot that is kept for one visitor while they fill in the form.

use crm_protocol::booking::{Held, HoldRequest};
use crm_protocol::id::HoldId;
use uuid::Uuid;

use super::staff::By;
use super::{Desk, Wanted, instant, written};
use crate::http::intake::now;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::store::booking::{FindHold, Held as Outcome, Hold, Release, StoredHold};

impl Desk {
    /// Keeps a slot for the caller, once for its key.
    ///
    /// # Errors
    /// As documented for `POST …/holds`.
    pub async fn hold(&self, keyed: Keyed<'_, HoldRequest>) -> Result<Held, Refusal> {
        let earlier = keyed.earlier(self.key());
        match self.take(keyed).await {
            Ok(stored) => Ok(self.held(stored)),
            Err(refusal) => {
                let id = earlier.or(&self.app, refusal).await?;
                let id = id.parse().map_err(Refusal::internal)?;
                self.find_hold(id).await?.map(|stored| self.held(stored)).ok_or(Code::HoldOver.into())
            }
        }
    }

    /// Gives a slot back before its time is over.
    ///
    /// # Errors
    /// 404 where the token is not the hold's, or there is no such hold any more.
    pub async fn release(&self, id: &str, token: Option<&str>) -> Result<(), Refusal> {
        self.owns(id, token)?;
        let id = id.parse().map_err(|_| Code::NotFound)?;
        let release = Release { site: self.key().to_owned(), id, now: now() };
        match self.app.store.run(release).await? {
            true => {
                self.app.bus.wake();
                Ok(())
            }
            false => Err(Code::NotFound.into()),
        }
    }

    /// The hold of that id, if its time is not over.
    pub(super) async fn find_hold(&self, id: HoldId) -> Result<Option<StoredHold>, Refusal> {
        let found = self.app.store.run(FindHold { site: self.key().to_owned(), id }).await?;
        Ok(found.filter(|hold| hold.expires_at > now()))
    }

    /// The hold as its owner sees it.
    pub(super) fn held(&self, hold: StoredHold) -> Held {
        let offset = self.offset(&hold.slot);
        let seconds = hold.expires_at.saturating_sub(now()).max(0) / 1_000;
        Held {
            id: hold.id,
            token: self.token(&hold.id.to_string()),
            service: hold.service,
            practitioner: hold.slot.practitioner,
            place: hold.slot.place,
            start: written(hold.slot.start),
            end: written(hold.slot.end),
            offset,
            expires: written(hold.expires_at),
            seconds: u32::try_from(seconds).unwrap_or_default(),
        }
    }

    async fn take(&self, keyed: Keyed<'_, HoldRequest>) -> Result<StoredHold, Refusal> {
        let practitioner = keyed.request.practitioner.as_deref();
        let service = self.service(&keyed.request.service, practitioner)?;
        let start = instant(&keyed.request.start)?;
        let spent = keyed.proof(&self.site, &self.app.keys, &service.form)?;
        let wanted = Wanted { service, practitioner, start };
        let candidates = self.candidates(&wanted, &*self.occupied().await?, By::Visitor)?;
        let now = now();
        let seconds = i64::from(self.booking()?.hold_seconds);
        let hold = Hold {
            id: HoldId::from_u128(Uuid::now_v7().as_u128()),
            site: self.key().to_owned(),
            service: service.key.clone(),
            candidates,
            key: keyed.key.to_owned(),
            body_sha256: keyed.body_sha256,
            spent,
            day: self.day(start),
            per_day: self.per_day(service)?,
            now,
            expires_at: now + seconds * 1_000,
        };
        match self.app.store.run(hold).await? {
            Outcome::Stored(hold) | Outcome::Repeated(hold) => Ok(hold),
            Outcome::Over => Err(self.taken(Code::HoldOver, &wanted).await),
            Outcome::KeyReused => Err(Code::KeyReused.into()),
            Outcome::ChallengeSpent => Err(Code::ChallengeSpent.into()),
            Outcome::Taken => Err(self.taken(Code::SlotTaken, &wanted).await),
        }
    }
}
