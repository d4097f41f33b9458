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

/// How [`AddException`] ended. Only `Stored` has changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is stored.
    Stored,
    /// The same was stored before.
    Already,
    /// Another exception has this id.
    Other,
}

impl Op for AddException {
    type Out = Added;

    async fn run(&self, tx: &mut Tx) -> Result<Added, StoreError> {
        sites::raise(tx).await?;
        let sql = "insert into exceptions (id, site, body, created_at) values ($1, $2, $3, $4) \
                   on conflict (id) do nothing";
        let args = [(&self.id).into(), (&self.site).into(), (&self.body).into(), self.now.into()];
        if tx.execute(sql, &args).await? > 0 {
            return Ok(Added::Stored);
        }
        let sql = "select body from exceptions where id = $1";
        let body = tx.query_one(sql, &[(&self.id).into()]).await?.map(|mut row| row.text(0)).transpose()?;
        tx.undo();
        Ok(if body.as_ref() == Some(&self.body) { Added::Already } else { Added::Other })
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

/// Reads the exceptions of all sites: key of the site and JSON document of each, the oldest first.
#[derive(Clone, Copy, Debug)]
pub struct AllExceptions;

impl Op for AllExceptions {
    type Out = Vec<(String, String)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let rows = tx.query("select site, body from exceptions order by created_at, id", &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}
