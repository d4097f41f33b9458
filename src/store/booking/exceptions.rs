//! Exceptions: what staff changes in the schedules, one JSON document each.

use crate::store::{Millis, Op, StoreError, Tx, sites};

/// Stores an exception. Gateways see that the site has changed.
#[derive(Clone, Debug)]
pub struct AddException {
    /// Key of the site.
    pub site: String,
    /// Its id, unique among all.
    pub id: String,
    /// JSON of an [`Exception`](crate::definitions::booking::Exception).
    pub body: String,
    /// The time now.
    pub now: Millis,
}

impl Op for AddException {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        sites::raise(tx).await?;
        let sql = "insert into exceptions (id, site, body, created_at) values ($1, $2, $3, $4)";
        let args = [(&self.id).into(), (&self.site).into(), (&self.body).into(), self.now.into()];
        tx.execute(sql, &args).await.map(drop)
    }
}

/// Removes an exception. False when there is none of that id.
#[derive(Clone, Debug)]
pub struct RemoveException {
    /// Key of the site.
    pub site: String,
    /// Its id.
    pub id: String,
}

impl Op for RemoveException {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        sites::raise(tx).await?;
        let sql = "delete from exceptions where site = $1 and id = $2";
        let removed = tx.execute(sql, &[(&self.site).into(), (&self.id).into()]).await? > 0;
        if !removed {
            tx.undo();
        }
        Ok(removed)
    }
}

/// Reads the exceptions of a site: id and JSON document of each, the oldest first.
#[derive(Clone, Debug)]
pub struct Exceptions {
    /// Key of the site.
    pub site: String,
}

impl Op for Exceptions {
    type Out = Vec<(String, String)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = "select id, body from exceptions where site = $1 order by created_at, id";
        let rows = tx.query(sql, &[(&self.site).into()]).await?.into_iter();
        rows.map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}
