//! Exceptions: what staff changes in the schedules, one JSON document each.

use super::numbered;
use crate::definitions::booking::Exception;
use crate::store::value::Value;
use crate::store::{Millis, Op, Row, StoreError, Tx, sites};

/// Stores an exception. Gateways see that the site has changed.
#[derive(Clone, Debug)]
pub struct AddException {
    /// Key of the site.
    pub site: String,
    /// Its id, unique among all.
    pub id: String,
    /// JSON of an [`Exception`].
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

/// An exception as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredException {
    /// Its id.
    pub id: String,
    /// JSON of an [`Exception`].
    pub body: String,
    /// When it was made.
    pub created_at: Millis,
}

/// Reads exceptions of a site, the oldest first.
#[derive(Clone, Debug)]
pub struct Exceptions {
    /// Key of the site.
    pub site: String,
    /// Only after this one, by its time and id: the last of the page before.
    pub after: Option<(Millis, String)>,
    /// How many at most.
    pub limit: u32,
}

impl Op for Exceptions {
    type Out = Vec<StoredException>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = "select id, body, created_at from exceptions where site = $1 and (created_at, id) > ($2, $3) \
                   order by created_at, id limit $4";
        let (at, id) = self.after.clone().unwrap_or((Millis::MIN, String::new()));
        let args = [(&self.site).into(), at.into(), id.into(), i64::from(self.limit).into()];
        let rows = tx.query(sql, &args).await?.into_iter();
        let stored = |mut row: Row| {
            Ok(StoredException { id: row.text(0)?, body: row.text(1)?, created_at: row.int(2)? })
        };
        rows.map(stored).collect()
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

/// Deletes those whose last day is before `day`, ISO 8601, and that are older than `created_at`: at most so many. What
/// they changed is past, so no gateway has to read again.
pub(in crate::store) async fn purge(
    tx: &mut Tx,
    day: &str,
    created_at: Millis,
    limit: usize,
) -> Result<u64, StoreError> {
    let sql = "select id, body from exceptions where created_at < $1";
    let mut past = Vec::new();
    for mut row in tx.query(sql, &[created_at.into()]).await? {
        let (id, body) = (row.text(0)?, row.text(1)?);
        let is_past = |exception: &Exception| exception.last_day() < day;
        if past.len() < limit && serde_json::from_str(&body).is_ok_and(|exception| is_past(&exception)) {
            past.push(id);
        }
    }
    if past.is_empty() {
        return Ok(0);
    }
    let sql = format!("delete from exceptions where id in ({})", numbered(1, past.len()));
    tx.execute(&sql, &past.into_iter().map(Value::from).collect::<Vec<_>>()).await
}
