//! Offering: a slot that has become free goes to whoever waits for it, one person after the other.

use std::collections::BTreeMap;

use crm_protocol::id::{HoldId, SubmissionId, WaitingId};
use serde_json::json;

use super::buckets::{self, WAITED_FOR};
use super::events::instant;
use super::hold::{COLUMNS, StoredHold};
use super::limits::Day;
use super::release::is_waited_for;
use super::{NewEvent, resources, waiting};
use crate::store::{Millis, Op, Row, StoreError, Tx};

/// Lists holds that have ended: of visitors who went away, of people who let an offer pass, and of slots that were given
/// back while somebody waits. To be ended with [`Offer`], each. In the order of their ends and ids.
#[derive(Clone, Copy, Debug)]
pub struct SweepHolds {
    /// The time now.
    pub now: Millis,
    /// Only those after this one: end and id of the last one of the page before.
    pub after: Option<(Millis, HoldId)>,
    /// How many at most.
    pub limit: u32,
}

impl Op for SweepHolds {
    type Out = Vec<StoredHold>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<StoredHold>, StoreError> {
        let (end, id) = self.after.map_or((Millis::MIN, String::new()), |(end, id)| (end, id.to_string()));
        let sql = format!(
            "select {COLUMNS} from holds where expires_at <= $1 and (expires_at, id) > ($2, $3) \
             order by expires_at, id limit $4"
        );
        let args = [self.now.into(), end.into(), id.into(), i64::from(self.limit).into()];
        let rows = tx.query(&sql, &args).await?;
        rows.into_iter().map(StoredHold::from_row).collect()
    }
}

/// Ends a hold whose time is over, and offers its slot to the first person who waits for it: by a hold of their own, so
/// that a slot is offered to one person at a time.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Key of the site.
    pub site: String,
    /// The hold that has ended.
    pub ended: HoldId,
    /// What whoever is next gets; missing where the slot is in nobody's schedule any more.
    pub next: Option<NewOffer>,
    /// The time now.
    pub now: Millis,
}

/// What somebody who waits is offered, if there is somebody.
#[derive(Clone, Debug)]
pub struct NewOffer {
    /// Id of the hold for them.
    pub id: HoldId,
    /// When that ends; at the slot's start at the latest.
    pub expires_at: Millis,
    /// Most appointments a day, of every practitioner for whom there is such a limit.
    pub per_day: BTreeMap<String, u32>,
    /// What connections hear of it.
    pub event: NewEvent,
}

/// How [`Offer`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Offered {
    /// It is kept for the person that the hold names.
    Stored(StoredHold),
    /// Nobody waits for it: it is free.
    Nobody,
    /// There is no such hold any more, or it has not ended.
    Gone,
}

impl Op for Offer {
    type Out = Offered;

    async fn run(&self, tx: &mut Tx) -> Result<Offered, StoreError> {
        let Some(ended) = StoredHold::take(tx, &self.site, self.ended).await? else {
            return Ok(Offered::Gone);
        };
        if ended.expires_at > self.now {
            tx.undo();
            return Ok(Offered::Gone);
        }
        resources::lock(tx, &self.site, [&ended.slot]).await?;
        if let Some(waiting) = ended.waiting {
            waiting::end(tx, waiting).await?;
        }
        buckets::free(tx, &self.site, &ended.id.to_string(), &ended.slot).await?;
        match &self.next {
            Some(next) => next.offer(tx, ended, self.now).await,
            None => Ok(Offered::Nobody),
        }
    }
}

impl NewOffer {
    /// Keeps the slot, which is nobody's now, for the first who waits for it.
    async fn offer(&self, tx: &mut Tx, ended: StoredHold, now: Millis) -> Result<Offered, StoreError> {
        let expires_at = self.expires_at.min(ended.slot.start);
        let mut offer = StoredHold { id: self.id, expires_at, waiting: None, ..ended };
        if expires_at <= now || !is_waited_for(tx, &offer).await? || !self.keep(tx, &offer, now).await? {
            return Ok(Offered::Nobody);
        }
        let Some(next) = self.next(tx, &offer).await? else {
            buckets::free(tx, &offer.site, &self.id.to_string(), &offer.slot).await?;
            return Ok(Offered::Nobody);
        };
        offer.waiting = Some(next.waiting);
        offer.insert(tx).await?;
        let own = json!({
            "id": next.waiting,
            "code": next.code,
            "site": offer.site,
            "status": "offered",
            "expires": instant(expires_at),
        });
        let slot = (offer.service.as_str(), &offer.slot);
        self.event.write(tx, (&offer.site, next.submission), slot, own, now).await?;
        Ok(Offered::Stored(offer))
    }

    /// Takes the slot, if it is free, and its practitioner does not have enough to do that day.
    async fn keep(&self, tx: &mut Tx, offer: &StoredHold, now: Millis) -> Result<bool, StoreError> {
        let day = Day { site: &offer.site, day: &offer.day, except: "", now };
        let open = day.with_room(tx, &self.per_day, vec![&offer.slot]).await?;
        Ok(!open.is_empty() && offer.occupy(tx, now).await?)
    }

    /// Marks the first who waits for it. Somebody who is being offered something else right now is passed over.
    async fn next(&self, tx: &mut Tx, slot: &StoredHold) -> Result<Option<Next>, StoreError> {
        let lock = tx.lock_rows();
        let sql = format!(
            "with h as (select cast($1 as text) as site, cast($2 as text) as service, \
             cast($3 as text) as practitioner, cast($4 as text) as day), \
             first as materialized (select w.id from waiting w, h where {WAITED_FOR} order by w.id limit 1{lock}) \
             update waiting set state = 'offered', hold = $5 where id in (select id from first) \
             returning id, submission, (select receipt from submissions s where s.id = submission)"
        );
        let args = [
            (&slot.site).into(),
            (&slot.service).into(),
            (&slot.slot.practitioner).into(),
            (&slot.day).into(),
            self.id.to_string().into(),
        ];
        let row = tx.query_one(&sql, &args).await?;
        let next =
            |mut row: Row| Ok(Next { waiting: row.parse(0)?, submission: row.parse(1)?, code: row.text(2)? });
        row.map(next).transpose()
    }
}

/// Whose turn it is.
struct Next {
    waiting: WaitingId,
    submission: SubmissionId,
    /// The submission's receipt.
    code: String,
}
