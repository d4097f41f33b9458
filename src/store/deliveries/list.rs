//! Deliveries as staff see them.

use crm_protocol::id::{DeliveryId, SubmissionId};

use super::{Attempt, State};
use crate::store::{Millis, Op, StoreError, Tx};

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
