//! The slots of a hospital's information system.

use crate::booking::Candidate;
use crate::store::{Millis, Row, StoreError, Tx, sites};

/// A slot. Practitioner, service and place are keys of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HisSlot {
    /// The hospital's id of it.
    pub id: String,
    /// Whose time it is.
    pub practitioner: String,
    /// What is done in it.
    pub service: String,
    /// Where.
    pub place: String,
    /// Its start.
    pub start: Millis,
    /// Its end.
    pub end: Millis,
    /// Whether it could be booked when the hospital said so last.
    pub free: bool,
}

pub(super) const COLUMNS: &str = "id, practitioner, service, place, start_at, end_at, free";

impl HisSlot {
    pub(super) fn from_row(mut row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text(0)?,
            practitioner: row.text(1)?,
            service: row.text(2)?,
            place: row.text(3)?,
            start: row.int(4)?,
            end: row.int(5)?,
            free: row.int(6)? != 0,
        })
    }

    pub(super) async fn put(&self, tx: &mut Tx, site: &str) -> Result<(), StoreError> {
        let sql = "insert into his_slots (site, id, practitioner, service, place, start_at, end_at, free) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (site, id) do update set \
                   practitioner = excluded.practitioner, service = excluded.service, place = excluded.place, \
                   start_at = excluded.start_at, end_at = excluded.end_at, free = excluded.free";
        let args = [
            site.into(),
            (&self.id).into(),
            (&self.practitioner).into(),
            (&self.service).into(),
            (&self.place).into(),
            self.start.into(),
            self.end.into(),
            i64::from(self.free).into(),
        ];
        tx.execute(sql, &args).await.map(drop)
    }
}

/// The hospital's id of the slot that is done that way, if it is one of the hospital's.
pub(in crate::store) async fn id_of(
    tx: &mut Tx,
    site: &str,
    slot: &Candidate,
) -> Result<Option<String>, StoreError> {
    let sql = "select id from his_slots where site = $1 and practitioner = $2 and start_at = $3";
    let args = [site.into(), (&slot.practitioner).into(), slot.start.into()];
    tx.query_one(sql, &args).await?.map(|mut row| row.text(0)).transpose()
}

/// The slot of that id.
pub(super) async fn find(tx: &mut Tx, site: &str, id: &str) -> Result<Option<HisSlot>, StoreError> {
    let sql = format!("select {COLUMNS} from his_slots where site = $1 and id = $2");
    tx.query_one(&sql, &[site.into(), id.into()]).await?.map(HisSlot::from_row).transpose()
}

/// Notes whether the slot is free at the hospital now; gateways learn of what is news.
pub(super) async fn note(tx: &mut Tx, site: &str, id: &str, free: bool) -> Result<(), StoreError> {
    let (free, key) = (i64::from(free), [site.into(), id.into()]);
    let known = tx.query_one("select free from his_slots where site = $1 and id = $2", &key).await?;
    if known.map(|mut row| row.int(0)).transpose()?.is_none_or(|known| known == free) {
        return Ok(());
    }
    // Before the row: whoever changes a site comes through here first.
    sites::raise(tx).await?;
    let sql = "update his_slots set free = $1 where site = $2 and id = $3";
    tx.execute(sql, &[free.into(), site.into(), id.into()]).await.map(drop)
}
