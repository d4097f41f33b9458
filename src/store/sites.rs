//! Sites: what staff may edit, one JSON document each.

use super::{Op, StoreError, Tx};

/// Stores sites as they are in a definitions file. Sites that are not in it stay as they are. The same again changes
/// nothing.
#[derive(Clone, Debug)]
pub struct Apply {
    /// Key and JSON document of each site.
    pub sites: Vec<(String, String)>,
}

/// What [`Apply`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Keys of the sites that are new or different now.
    pub changed: Vec<String>,
    /// The revision now; raised only when something changed.
    pub revision: i64,
}

impl Op for Apply {
    type Out = Applied;

    async fn run(&self, tx: &mut Tx) -> Result<Applied, StoreError> {
        let revision = raise(tx).await?;
        let upsert = "insert into sites (key, revision, body) values ($1, $2, $3) on conflict (key) do update \
                      set revision = excluded.revision, body = excluded.body where sites.body <> excluded.body";
        let mut changed = Vec::new();
        for (key, body) in &self.sites {
            if tx.execute(upsert, &[key.into(), revision.into(), body.into()]).await? > 0 {
                changed.push(key.clone());
            }
        }
        if changed.is_empty() {
            tx.undo();
            return Ok(Applied { changed, revision: revision - 1 });
        }
        Ok(Applied { changed, revision })
    }
}

/// Raises the number of changes to sites. Comes first in an operation: the row's lock lets one in at a time, so revisions
/// become visible in order.
pub(super) async fn raise(tx: &mut Tx) -> Result<i64, StoreError> {
    let sql = "update counters set value = value + 1 where name = 'sites' returning value";
    tx.query_one(sql, &[]).await?.map_or(Ok(1), |mut row| row.int(0))
}

/// The number that is raised with every change to any site.
#[derive(Clone, Copy, Debug)]
pub struct Revision;

impl Op for Revision {
    type Out = i64;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<i64, StoreError> {
        let sql = "select value from counters where name = 'sites'";
        tx.query_one(sql, &[]).await?.map_or(Ok(0), |mut row| row.int(0))
    }
}

/// Reads all sites: the revision, and each site's key and JSON document, by key.
#[derive(Clone, Copy, Debug)]
pub struct LoadSites;

impl Op for LoadSites {
    type Out = (i64, Vec<(String, String)>);
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        // The revision first: a change in between is then read again, never missed.
        let revision = Revision.run(tx).await?;
        let rows = tx.query("select key, body from sites order by key", &[]).await?;
        let sites = rows.into_iter().map(|mut row| Ok((row.text(0)?, row.text(1)?)));
        Ok((revision, sites.collect::<Result<_, StoreError>>()?))
    }
}
