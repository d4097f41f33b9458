//! Importing: what was read of a hospital takes the place of what was read before.

use std::collections::BTreeMap;

use super::slots::{COLUMNS, HisSlot};
use crate::store::{Millis, Op, StoreError, Tx, sites};

/// Stores what was read. The same again changes nothing.
#[derive(Clone, Debug)]
pub struct Import {
    /// Key of the site.
    pub site: String,
    /// JSON of the definitions that go with the slots.
    pub body: String,
    /// Every slot, by the hospital's id.
    pub slots: BTreeMap<String, HisSlot>,
}

/// How many slots [`Import`] changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// New or different ones.
    pub changed: usize,
    /// Those that are not there any more.
    pub removed: usize,
    /// Whether departments, services, practitioners or places are different.
    pub words: bool,
}

impl Op for Import {
    type Out = Imported;

    async fn run(&self, tx: &mut Tx) -> Result<Imported, StoreError> {
        // First of all, as everywhere: gateways see changes in their order.
        sites::raise(tx).await?;
        let upsert = "insert into his (site, body, due_at) values ($1, $2, 0) on conflict (site) do update \
                      set body = excluded.body where his.body <> excluded.body";
        let words = tx.execute(upsert, &[(&self.site).into(), (&self.body).into()]).await? > 0;
        let mut imported = Imported { words, ..Imported::default() };
        let known: BTreeMap<String, HisSlot> =
            all(tx, &self.site).await?.into_iter().map(|slot| (slot.id.clone(), slot)).collect();
        for slot in self.slots.values().filter(|slot| known.get(&slot.id) != Some(slot)) {
            slot.put(tx, &self.site).await?;
            imported.changed += 1;
        }
        for gone in known.keys().filter(|id| !self.slots.contains_key(*id)) {
            let sql = "delete from his_slots where site = $1 and id = $2";
            tx.execute(sql, &[(&self.site).into(), gone.into()]).await?;
            imported.removed += 1;
        }
        if imported == Imported::default() {
            tx.undo();
        }
        Ok(imported)
    }
}

/// Reads what was imported of a site: the JSON of its definitions, and its slots in the order of time.
#[derive(Clone, Debug)]
pub struct LoadHis {
    /// Key of the site.
    pub site: String,
}

impl Op for LoadHis {
    type Out = Option<(String, Vec<HisSlot>)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = "select body from his where site = $1";
        let Some(mut row) = tx.query_one(sql, &[(&self.site).into()]).await? else { return Ok(None) };
        let mut slots = all(tx, &self.site).await?;
        slots.sort_by_key(|slot| slot.start);
        Ok(Some((row.text(0)?, slots)))
    }
}

/// Lets one gateway import: true for whoever comes first once it is time, and the next time is `until`.
#[derive(Clone, Debug)]
pub struct TakeTurn {
    /// Key of the site.
    pub site: String,
    /// The time now.
    pub now: Millis,
    /// When it is time again.
    pub until: Millis,
}

impl Op for TakeTurn {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let sql = "insert into his (site, body, due_at) values ($1, '{}', $2) on conflict (site) do update \
                   set due_at = excluded.due_at where his.due_at <= $3";
        let args = [(&self.site).into(), self.until.into(), self.now.into()];
        Ok(tx.execute(sql, &args).await? > 0)
    }
}

/// Gives a turn back that came to nothing, so that it is time again at `due_at`.
#[derive(Clone, Debug)]
pub struct GiveTurn {
    /// Key of the site.
    pub site: String,
    /// As it was taken: nobody else's is touched.
    pub until: Millis,
    /// When it is time again.
    pub due_at: Millis,
}

impl Op for GiveTurn {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sql = "update his set due_at = $1 where site = $2 and due_at = $3";
        let args = [self.due_at.into(), (&self.site).into(), self.until.into()];
        tx.execute(sql, &args).await.map(drop)
    }
}

async fn all(tx: &mut Tx, site: &str) -> Result<Vec<HisSlot>, StoreError> {
    let sql = format!("select {COLUMNS} from his_slots where site = $1 order by id");
    tx.query(&sql, &[site.into()]).await?.into_iter().map(HisSlot::from_row).collect()
}
