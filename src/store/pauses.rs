//! Pauses: connections that are left alone for a while, with all that waits for them.

use super::{Millis, Op, StoreError, Tx};

/// Why a connection pauses, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A person wants it, until a person resumes it. Goes before all other causes.
    Manual,
    /// The destination asked to be left alone until then; over by itself.
    Asked {
        /// When it is over.
        until: Millis,
    },
    /// It keeps failing. One delivery is tried at that time; everything waits for what comes of it.
    Failing {
        /// When that is.
        until: Millis,
        /// Number of the probe that has just failed, as in [`super::deliveries::Claimed`]; 0 before the first.
        probe: u32,
    },
}

/// Pauses a connection, or prolongs its pause. Returns whether that changed anything: a pause by hand stays as it is,
/// and only the probe that was made last may prolong a pause for failing, unless someone has ended it meanwhile.
#[derive(Clone, Debug)]
pub struct Pause {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// Why, and until when.
    pub cause: Cause,
    /// Why, in words for staff.
    pub reason: String,
    /// The time now.
    pub now: Millis,
}

impl Op for Pause {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let (site, connection) = &self.connection;
        let over =
            "delete from pauses where site = $1 and connection = $2 and kind = 'asked' and until <= $3";
        tx.execute(over, &[site.into(), connection.into(), self.now.into()]).await?;
        let (kind, until, probe, change) = match self.cause {
            Cause::Manual => ("manual", None, 0, MANUAL),
            Cause::Asked { until } => ("asked", Some(until), 0, ASKED),
            Cause::Failing { until, probe } => ("failing", Some(until), probe, FAILING),
        };
        let sql = format!(
            "insert into pauses (site, connection, kind, reason, since, until, probes) \
             select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), \
             cast($6 as bigint), cast($7 as bigint) \
             where $7 = 0 or exists (select 1 from pauses where site = $1 and connection = $2) \
             on conflict (site, connection) do update set {change}"
        );
        let args = [
            site.into(),
            connection.into(),
            kind.into(),
            (&self.reason).into(),
            self.now.into(),
            until.into(),
            i64::from(probe).into(),
        ];
        Ok(tx.execute(&sql, &args).await? > 0)
    }
}

/// What becomes of a pause that is there already, by the cause of the new one.
const MANUAL: &str =
    "kind = excluded.kind, reason = excluded.reason, since = excluded.since, until = null, probes = 0";
const ASKED: &str = "until = excluded.until where pauses.until < excluded.until";
const FAILING: &str = "kind = excluded.kind, reason = excluded.reason, until = excluded.until, \
                       since = case when pauses.kind = 'failing' then pauses.since else excluded.since end \
                       where pauses.kind = 'asked' or (pauses.kind = 'failing' and pauses.probes = excluded.probes)";

/// Ends a connection's pause; what waited is due. Returns whether there was one.
#[derive(Clone, Debug)]
pub struct Resume {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// Also one that a person wanted.
    pub manual: bool,
}

impl Op for Resume {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let (site, connection) = &self.connection;
        let manual = if self.manual { "" } else { " and kind <> 'manual'" };
        let sql = format!("delete from pauses where site = $1 and connection = $2{manual}");
        Ok(tx.execute(&sql, &[site.into(), connection.into()]).await? > 0)
    }
}

/// A pause as staff see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Key of the site.
    pub site: String,
    /// Name of the connection.
    pub connection: String,
    /// Why, in words.
    pub reason: String,
    /// Since when.
    pub since: Millis,
    /// When it is over, or is probed next; `None` until a person resumes it.
    pub until: Option<Millis>,
}

/// Lists the connections that pause now, by site and name.
#[derive(Clone, Copy, Debug)]
pub struct LoadPauses {
    /// The time now.
    pub now: Millis,
}

impl Op for LoadPauses {
    type Out = Vec<Paused>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Paused>, StoreError> {
        let sql = "select site, connection, reason, since, until from pauses \
                   where kind <> 'asked' or until > $1 order by site, connection";
        let rows = tx.query(sql, &[self.now.into()]).await?.into_iter();
        rows.map(|mut row| {
            Ok(Paused {
                site: row.text(0)?,
                connection: row.text(1)?,
                reason: row.text(2)?,
                since: row.int(3)?,
                until: row.optional_int(4)?,
            })
        })
        .collect()
    }
}

/// Whether deliveries of a connection may be claimed.
pub(super) enum Gate {
    /// Yes.
    Open,
    /// This one only, the probe of that number. Nobody else may before `until`.
    Probe(u32),
    /// No.
    Closed,
}

/// Asks before a claim. A probe that is due goes to one caller: whoever moves its time first.
pub(super) async fn gate(
    tx: &mut Tx,
    (site, connection): &(String, String),
    now: Millis,
    until: Millis,
) -> Result<Gate, StoreError> {
    let sql = "select kind, until from pauses where site = $1 and connection = $2";
    let Some(mut pause) = tx.query_one(sql, &[site.into(), connection.into()]).await? else {
        return Ok(Gate::Open);
    };
    let over = pause.optional_int(1)?.is_some_and(|until| until <= now);
    match (over, pause.text(0)?.as_str()) {
        (false, _) => return Ok(Gate::Closed),
        (true, "failing") => {}
        (true, _) => return Ok(Gate::Open),
    }
    let sql = "update pauses set until = $1, probes = probes + 1 \
               where site = $2 and connection = $3 and kind = 'failing' and until <= $4 returning probes";
    let args = [until.into(), site.into(), connection.into(), now.into()];
    match tx.query_one(sql, &args).await? {
        Some(mut row) => Ok(Gate::Probe(row.int(0)?.try_into().unwrap_or(u32::MAX))),
        None => Ok(Gate::Closed),
    }
}
