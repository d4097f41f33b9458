//! Deliveries: claimed under a lease, recorded under its fence, listed, counted and replayed.

use crm_protocol::id::{AttemptId, DeliveryId, SubmissionId};
use crm_protocol::submission::Consent;

use super::submissions::{self, Submission};
use super::{Millis, Op, StoreError, Tx};

/// Takes deliveries of one connection that are due, longest due first, each for one claimer.
///
/// A claim is a lease: until `now + lease_ms` no one else gets the delivery; after that it is due again, and whoever
/// claims it then gets a higher fence, so the first holder's [`Record`] is refused.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// How many at most.
    pub limit: u32,
    /// The time now.
    pub now: Millis,
    /// How long the holder has to record the outcome. Longer than an attempt can take.
    pub lease_ms: i64,
}

/// A delivery under its lease.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The delivery.
    pub delivery: DeliveryId,
    /// To be handed to [`Record`].
    pub fence: i64,
    /// Number of the attempt that is due now, from 1.
    pub attempt: u32,
    /// What to deliver.
    pub submission: Submission,
    /// What its sender agreed to.
    pub consents: Vec<Consent>,
}

impl Op for Claim {
    type Out = Vec<Claimed>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Claimed>, StoreError> {
        // Materialized, or PostgreSQL may run the inner select more than once and take more than the limit.
        let sql = format!(
            "with due as materialized (select id from deliveries where site = $1 and connection = $2 \
             and state = 'waiting' and due_at <= $3 order by due_at limit $4{}) \
             update deliveries set due_at = $5, fence = fence + 1 where id in (select id from due) \
             returning id, fence, attempts, submission",
            tx.lock_rows()
        );
        let (site, connection) = &self.connection;
        let leased_until = self.now.saturating_add(self.lease_ms);
        let args = [
            site.into(),
            connection.into(),
            self.now.into(),
            i64::from(self.limit).into(),
            leased_until.into(),
        ];
        let mut claimed = Vec::new();
        for mut row in tx.query(&sql, &args).await? {
            let (delivery, fence) = (row.parse(0)?, row.int(1)?);
            let attempt = row.int(2)?.saturating_add(1).try_into().unwrap_or(u32::MAX);
            // Erased just now: the delivery goes with its submission.
            let Some((submission, consents)) = submissions::load(tx, row.parse(3)?).await? else { continue };
            claimed.push(Claimed { delivery, fence, attempt, submission, consents });
        }
        claimed.sort_by_key(|claimed| claimed.delivery);
        Ok(claimed)
    }
}

/// One attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// When it started.
    pub started_at: Millis,
    /// How long it took.
    pub duration_ms: i64,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    /// In a word what came of it, e.g. `delivered`, `refused`, `timeout`.
    pub outcome: String,
    /// Beginning of the answer's body.
    pub body: Option<String>,
    /// What went wrong, for staff.
    pub error: Option<String>,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Delivered,
    /// It is due again at this time.
    RetryAt(Millis),
    /// It is given up, for this reason, until someone replays it.
    Exhausted(String),
}

/// Ends a lease: writes the attempt down and sets what comes next.
#[derive(Clone, Debug)]
pub struct Record {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The fence of the claim.
    pub fence: i64,
    /// What was tried.
    pub attempt: Attempt,
    /// What comes next.
    pub next: Next,
}

/// How [`Record`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Written down.
    Ok,
    /// The lease has been taken over, recorded already, or the delivery erased. The attempt is in the log if the
    /// delivery exists; nothing else changed.
    LeaseLost,
}

impl Op for Record {
    type Out = Recorded;

    async fn run(&self, tx: &mut Tx) -> Result<Recorded, StoreError> {
        self.log(tx).await?;
        // A fence is good for one record: it is raised here too.
        let (state, due_at, reason) = match &self.next {
            Next::Delivered => ("delivered", None, None),
            Next::RetryAt(due_at) => ("waiting", Some(*due_at), None),
            Next::Exhausted(reason) => ("exhausted", None, Some(reason)),
        };
        let ended_at = self.attempt.started_at.saturating_add(self.attempt.duration_ms);
        let finished_at = if state == "waiting" { None } else { Some(ended_at) };
        let sql = "update deliveries set state = $1, due_at = coalesce($2, due_at), reason = $3, finished_at = $4, \
                   attempts = attempts + 1, fence = fence + 1 \
                   where id = $5 and fence = $6 and state = 'waiting'";
        let args = [
            state.into(),
            due_at.into(),
            reason.into(),
            finished_at.into(),
            self.delivery.to_string().into(),
            self.fence.into(),
        ];
        Ok(if tx.execute(sql, &args).await? > 0 { Recorded::Ok } else { Recorded::LeaseLost })
    }
}

impl Record {
    /// Selected from the delivery, so that an attempt at an erased one leaves nothing behind.
    async fn log(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Attempt { id, started_at, duration_ms, status, outcome, body, error } = &self.attempt;
        let sql = "insert into attempts \
                   (id, delivery, fence, started_at, duration_ms, status, outcome, body, error) \
                   select cast($1 as text), id, cast($2 as bigint), cast($3 as bigint), cast($4 as bigint), \
                   cast($5 as bigint), cast($6 as text), cast($7 as text), cast($8 as text) \
                   from deliveries where id = $9";
        let args = [
            id.to_string().into(),
            self.fence.into(),
            (*started_at).into(),
            (*duration_ms).into(),
            status.map(i64::from).into(),
            outcome.into(),
            body.as_ref().into(),
            error.as_ref().into(),
            self.delivery.to_string().into(),
        ];
        tx.execute(sql, &args).await.map(drop)
    }
}

/// Lists the connections, as (site, connection), that have a delivery due.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// The time now.
    pub now: Millis,
}

impl Op for Due {
    type Out = Vec<(String, String)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = "select distinct site, connection from deliveries where state = 'waiting' and due_at <= $1";
        let rows = tx.query(sql, &[self.now.into()]).await?.into_iter();
        rows.map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be delivered, or being delivered.
    Waiting,
    /// It arrived.
    Delivered,
    /// Given up; may be replayed.
    Exhausted,
}

impl State {
    /// The word in the database and in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Waiting, Self::Delivered, Self::Exhausted]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(())
    }
}

/// Which deliveries [`Deliveries`] lists; what is `None` is not asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Key of the site.
    pub site: Option<String>,
    /// Name of the connection.
    pub connection: Option<String>,
    /// Where they stand.
    pub state: Option<State>,
    /// Of one submission.
    pub submission: Option<SubmissionId>,
    /// Only after this one: the last of the page before.
    pub after: Option<DeliveryId>,
}

/// Lists deliveries with their attempts, oldest first.
#[derive(Clone, Debug)]
pub struct Deliveries {
    /// Which.
    pub filter: Filter,
    /// How many at most.
    pub limit: u32,
}

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Key of the site.
    pub site: String,
    /// Name of the connection.
    pub connection: String,
    /// What is delivered.
    pub submission: SubmissionId,
    /// Where it stands.
    pub state: State,
    /// When it is due, or its lease ends; only while it waits.
    pub due_at: Option<Millis>,
    /// Why it was given up.
    pub reason: Option<String>,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Op for Deliveries {
    type Out = Vec<Delivery>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Delivery>, StoreError> {
        let sql = "select id, site, connection, submission, state, due_at, reason from deliveries \
                   where (cast($1 as text) is null or site = $1) \
                   and (cast($2 as text) is null or connection = $2) \
                   and (cast($3 as text) is null or state = $3) \
                   and (cast($4 as text) is null or submission = $4) \
                   and id > $5 order by id limit $6";
        let Filter { site, connection, state, submission, after } = &self.filter;
        let args = [
            site.as_ref().into(),
            connection.as_ref().into(),
            state.map(State::as_str).into(),
            submission.map(|id| id.to_string()).into(),
            after.map(|id| id.to_string()).unwrap_or_default().into(),
            i64::from(self.limit).into(),
        ];
        let mut found = Vec::new();
        for mut row in tx.query(sql, &args).await? {
            let id = row.parse(0)?;
            let state = row.parse(4)?;
            found.push(Delivery {
                id,
                site: row.text(1)?,
                connection: row.text(2)?,
                submission: row.parse(3)?,
                state,
                due_at: row.optional_int(5)?.filter(|_| state == State::Waiting),
                reason: row.optional_text(6)?,
                attempts: attempts(tx, id).await?,
            });
        }
        Ok(found)
    }
}

async fn attempts(tx: &mut Tx, delivery: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
    let sql = "select id, started_at, duration_ms, status, outcome, body, error from attempts \
               where delivery = $1 order by started_at, id";
    let rows = tx.query(sql, &[delivery.to_string().into()]).await?.into_iter();
    rows.map(|mut row| {
        Ok(Attempt {
            id: row.parse(0)?,
            started_at: row.int(1)?,
            duration_ms: row.int(2)?,
            status: row.optional_int(3)?.and_then(|status| status.try_into().ok()),
            outcome: row.text(4)?,
            body: row.optional_text(5)?,
            error: row.optional_text(6)?,
        })
    })
    .collect()
}

/// What [`Replay`] replays.
#[derive(Clone, Debug)]
pub enum Which {
    /// This one, whether it was given up or has arrived.
    One(DeliveryId),
    /// All that were given up, of a site and of a connection where these are named.
    Exhausted {
        /// Key of the site.
        site: Option<String>,
        /// Name of the connection.
        connection: Option<String>,
    },
}

/// Makes finished deliveries due now, with a fresh retry schedule, under the same id. Returns how many.
/// One that still waits is left alone: someone may hold its lease.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Which.
    pub which: Which,
    /// The time now.
    pub now: Millis,
}

impl Op for Replay {
    type Out = u64;

    async fn run(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let restart = "update deliveries set state = 'waiting', due_at = $1, attempts = 0, fence = fence + 1, \
                       reason = null, finished_at = null";
        let now = self.now.into();
        match &self.which {
            Which::One(id) => {
                let sql = format!("{restart} where id = $2 and state <> 'waiting'");
                tx.execute(&sql, &[now, id.to_string().into()]).await
            }
            Which::Exhausted { site, connection } => {
                let sql = format!(
                    "{restart} where state = 'exhausted' and (cast($2 as text) is null or site = $2) \
                     and (cast($3 as text) is null or connection = $3)"
                );
                tx.execute(&sql, &[now, site.as_ref().into(), connection.as_ref().into()]).await
            }
        }
    }
}

/// Counts the deliveries that have not arrived, by connection, for `/metrics`.
#[derive(Clone, Copy, Debug)]
pub struct CountDeliveries;

/// How many deliveries of a connection have not arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryCount {
    /// Key of the site.
    pub site: String,
    /// Name of the connection.
    pub connection: String,
    /// To be delivered, or being delivered.
    pub waiting: u64,
    /// Given up.
    pub exhausted: u64,
}

impl Op for CountDeliveries {
    type Out = Vec<DeliveryCount>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<DeliveryCount>, StoreError> {
        let sql = "select site, connection, count(*), cast(0 as bigint) from deliveries \
                   where state = 'waiting' group by site, connection \
                   union all select site, connection, cast(0 as bigint), count(*) from deliveries \
                   where state = 'exhausted' group by site, connection order by 1, 2";
        let mut counts: Vec<DeliveryCount> = Vec::new();
        for mut row in tx.query(sql, &[]).await? {
            let (site, connection) = (row.text(0)?, row.text(1)?);
            let [waiting, exhausted] = [row.int(2)?.unsigned_abs(), row.int(3)?.unsigned_abs()];
            match counts.last_mut() {
                Some(last) if last.site == site && last.connection == connection => {
                    last.waiting += waiting;
                    last.exhausted += exhausted;
                }
                _ => counts.push(DeliveryCount { site, connection, waiting, exhausted }),
            }
        }
        Ok(counts)
    }
}
