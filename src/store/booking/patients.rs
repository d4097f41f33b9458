//! Who books: locked while they do, and blocked for a while when they stay away too often.

use crate::definitions::booking::Blocks;
use crate::store::{Millis, Op, StoreError, Tx};

const DAY_MS: i64 = 24 * 3_600_000;

/// A person at a site, known by the hash of what they are known by.
pub(super) struct Patient<'a> {
    pub site: &'a str,
    pub sha256: &'a [u8; 32],
}

impl Patient<'_> {
    /// Lets nobody else book, move or cancel for this person until the transaction ends. Comes before the lock of any
    /// resource. Returns until when they are blocked, if they were ever.
    pub async fn lock(&self, tx: &mut Tx) -> Result<Option<Millis>, StoreError> {
        let sql = "insert into patients (site, patient_sha256) values ($1, $2) on conflict (site, patient_sha256) \
                   do update set site = excluded.site returning blocked_until";
        let row = tx.query_one(sql, &[self.site.into(), self.sha256.into()]).await?;
        row.map_or(Ok(None), |mut row| row.optional_int(0))
    }

    /// Blocks this person, who is locked, where there are too many missed or late ones now.
    pub async fn block(&self, tx: &mut Tx, blocks: &Blocks, now: Millis) -> Result<(), StoreError> {
        if self.stays_away(tx, blocks, now).await? {
            let until = now + i64::from(blocks.days) * DAY_MS;
            let sql = "update patients set blocked_until = $1 where site = $2 and patient_sha256 = $3 \
                       and coalesce(blocked_until, 0) < $1";
            tx.execute(sql, &[until.into(), self.site.into(), self.sha256.into()]).await?;
        }
        Ok(())
    }

    /// Takes back a block for which there is no reason any more.
    pub async fn unblock(&self, tx: &mut Tx, blocks: &Blocks, now: Millis) -> Result<(), StoreError> {
        if !self.stays_away(tx, blocks, now).await? {
            let sql = "update patients set blocked_until = null where site = $1 and patient_sha256 = $2";
            tx.execute(sql, &[self.site.into(), self.sha256.into()]).await?;
        }
        Ok(())
    }

    /// Removes what is known of this person, who is locked, unless they have an appointment or are blocked.
    pub async fn forget(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sql = "delete from patients where site = $1 and patient_sha256 = $2 and blocked_until is null \
                   and not exists (select 1 from appointments a where a.site = $1 and a.patient_sha256 = $2)";
        tx.execute(sql, &[self.site.into(), self.sha256.into()]).await.map(drop)
    }

    async fn stays_away(&self, tx: &mut Tx, blocks: &Blocks, now: Millis) -> Result<bool, StoreError> {
        let since = now - i64::from(blocks.within_days) * DAY_MS;
        let sql = "select count(case when status = 'missed' then 1 end), count(case when late = 1 then 1 end) \
                   from appointments where site = $1 and patient_sha256 = $2 and start_at >= $3";
        let args = [self.site.into(), self.sha256.into(), since.into()];
        let Some(mut row) = tx.query_one(sql, &args).await? else { return Ok(false) };
        let reached = |count: i64, limit: u32| limit > 0 && count >= i64::from(limit);
        Ok(reached(row.int(0)?, blocks.missed) || reached(row.int(1)?, blocks.late))
    }
}

/// Until when a person may not book; missing when they may.
#[derive(Clone, Debug)]
pub struct FindBlock {
    /// Key of the site.
    pub site: String,
    /// SHA-256 of what the person is known by.
    pub patient_sha256: [u8; 32],
    /// The time now.
    pub now: Millis,
}

impl Op for FindBlock {
    type Out = Option<Millis>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Option<Millis>, StoreError> {
        let sql = "select blocked_until from patients where site = $1 and patient_sha256 = $2 and blocked_until > $3";
        let args = [(&self.site).into(), (&self.patient_sha256).into(), self.now.into()];
        tx.query_one(sql, &args).await?.map(|mut row| row.int(0)).transpose()
    }
}

/// Lets a person book again. False when they may already. What they missed is not forgotten: the next time blocks them
/// again.
#[derive(Clone, Debug)]
pub struct LiftBlock {
    /// Key of the site.
    pub site: String,
    /// SHA-256 of what the person is known by.
    pub patient_sha256: [u8; 32],
    /// The time now.
    pub now: Millis,
}

impl Op for LiftBlock {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let sql = "update patients set blocked_until = null \
                   where site = $1 and patient_sha256 = $2 and blocked_until > $3";
        let args = [(&self.site).into(), (&self.patient_sha256).into(), self.now.into()];
        Ok(tx.execute(sql, &args).await? > 0)
    }
}
