//! Holding: a slot is kept for one visitor for some minutes.

use std::collections::BTreeMap;

use crm_protocol::id::{HoldId, WaitingId};

use super::buckets::Take;
use super::{find, limits, resources, slot};
use crate::booking::Candidate;
use crate::store::submissions::Spent;
use crate::store::submissions::answer::{Claim, NewAnswer};
use crate::store::{Millis, Op, Row, StoreError, Tx};

/// Keeps the first candidate that is free.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Key of the site.
    pub site: String,
    /// Key of the service.
    pub service: String,
    /// The ways to do the slot, the best first; not empty.
    pub candidates: Vec<Candidate>,
    /// The site's date at its start, ISO 8601.
    pub day: String,
    /// Most appointments a day, of every practitioner for whom there is such a limit.
    pub per_day: BTreeMap<String, u32>,
    /// The time now.
    pub now: Millis,
    /// When it ends by itself.
    pub expires_at: Millis,
    /// `Idempotency-Key`: the same key at the same site holds once.
    pub key: String,
    /// SHA-256 of the request's body.
    pub body_sha256: [u8; 32],
    /// The challenge it used up.
    pub spent: Option<Spent>,
}

/// A hold as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHold {
    /// Its id.
    pub id: HoldId,
    /// Key of the site.
    pub site: String,
    /// Key of the service.
    pub service: String,
    /// What is kept.
    pub slot: Candidate,
    /// The site's date at its start, ISO 8601.
    pub day: String,
    /// When it ends by itself. 0 for a slot that is kept for whoever waits and was offered to nobody yet.
    pub expires_at: Millis,
    /// Who waited and was offered it.
    pub waiting: Option<WaitingId>,
}

/// How [`Hold`] ended. Only `Stored` has stored anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is kept.
    Stored(StoredHold),
    /// The same was held earlier, and still is.
    Repeated(StoredHold),
    /// The same was held earlier, and is not any more.
    Over,
    /// Another body was sent under this key.
    KeyReused,
    /// Another request has used this challenge.
    ChallengeSpent,
    /// No candidate is free.
    Taken,
}

impl Op for Hold {
    type Out = Held;

    async fn run(&self, tx: &mut Tx) -> Result<Held, StoreError> {
        let held = self.hold(tx).await?;
        if !matches!(held, Held::Stored(_)) {
            tx.undo();
        }
        Ok(held)
    }
}

impl Hold {
    async fn hold(&self, tx: &mut Tx) -> Result<Held, StoreError> {
        let id = self.id.to_string();
        let answer = NewAnswer {
            site: &self.site,
            key: &self.key,
            body_sha256: &self.body_sha256,
            answer: &id,
            about: id.clone(),
            now: self.now,
        };
        match answer.claim(tx).await? {
            Claim::First => {}
            Claim::Repeated(id) => return self.earlier(tx, &id).await,
            Claim::Reused => return Ok(Held::KeyReused),
        }
        if let Some(spent) = &self.spent
            && !spent.use_up(tx).await?
        {
            return Ok(Held::ChallengeSpent);
        }
        let take = Take {
            site: &self.site,
            owner: &id,
            until: Some(self.expires_at),
            squeeze: false,
            now: self.now,
        };
        let candidates: Vec<&Candidate> = self.candidates.iter().collect();
        if !take.sees(tx, &candidates).await? {
            return Ok(Held::Taken);
        }
        resources::lock(tx, &self.site, &self.candidates).await?;
        let day = limits::Day { site: &self.site, day: &self.day, except: "", now: self.now };
        let open = day.with_room(tx, &self.per_day, candidates).await?;
        let Some(slot) = take.first(tx, &open).await? else { return Ok(Held::Taken) };
        let hold = StoredHold {
            id: self.id,
            site: self.site.clone(),
            service: self.service.clone(),
            slot: slot.clone(),
            day: self.day.clone(),
            expires_at: self.expires_at,
            waiting: None,
        };
        hold.insert(tx).await?;
        Ok(Held::Stored(hold))
    }

    async fn earlier(&self, tx: &mut Tx, id: &str) -> Result<Held, StoreError> {
        let Ok(id) = id.parse() else { return Ok(Held::KeyReused) };
        let find = FindHold { site: self.site.clone(), id };
        let standing = find.run(tx).await?.filter(|hold| hold.expires_at > self.now);
        Ok(standing.map_or(Held::Over, Held::Repeated))
    }
}

/// Reads a hold. One that has ended is there until it is swept.
#[derive(Clone, Debug)]
pub struct FindHold {
    /// Key of the site.
    pub site: String,
    /// Its id.
    pub id: HoldId,
}

impl Op for FindHold {
    type Out = Option<StoredHold>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Option<StoredHold>, StoreError> {
        let row = find(tx, ("holds", COLUMNS), &self.site, self.id).await?;
        row.map(StoredHold::from_row).transpose()
    }
}

/// In the order in which [`StoredHold::from_row`] reads them.
pub(super) const COLUMNS: &str =
    "id, site, service, practitioner, place, start_at, end_at, takings, day, expires_at, waiting";

impl StoredHold {
    pub(super) fn from_row(mut row: Row) -> Result<Self, StoreError> {
        debug_assert!(COLUMNS.contains(slot::COLUMNS));
        Ok(Self {
            id: row.parse(0)?,
            site: row.text(1)?,
            service: row.text(2)?,
            slot: slot::from_row(&mut row, 3)?,
            day: row.text(8)?,
            expires_at: row.int(9)?,
            waiting: row.optional_text(10)?.and_then(|id| id.parse().ok()),
        })
    }

    pub(super) async fn insert(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sql =
            format!("insert into holds ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
        let args = [
            self.id.to_string().into(),
            (&self.site).into(),
            (&self.service).into(),
            (&self.slot.practitioner).into(),
            (&self.slot.place).into(),
            self.slot.start.into(),
            self.slot.end.into(),
            slot::takings(&self.slot).into(),
            (&self.day).into(),
            self.expires_at.into(),
            self.waiting.map(|id| id.to_string()).into(),
        ];
        tx.execute(&sql, &args).await.map(drop)
    }

    /// Takes its slot, if that is free: there may be people whom staff has squeezed in.
    pub(super) async fn occupy(&self, tx: &mut Tx, now: Millis) -> Result<bool, StoreError> {
        let owner = self.id.to_string();
        let take =
            Take { site: &self.site, owner: &owner, until: Some(self.expires_at), squeeze: false, now };
        take.keep(tx, &self.slot).await
    }

    /// Takes the hold away, and its row's lock; what it keeps stays taken until it is passed on or let go.
    pub(super) async fn take(tx: &mut Tx, site: &str, id: HoldId) -> Result<Option<Self>, StoreError> {
        let sql = format!("delete from holds where site = $1 and id = $2 returning {COLUMNS}");
        let row = tx.query_one(&sql, &[site.into(), id.to_string().into()]).await?;
        row.map(Self::from_row).transpose()
    }
}
