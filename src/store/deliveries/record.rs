//! Recording: what an attempt came to, and what comes next.

use crm_protocol::id::DeliveryId;

use super::Attempt;
use super::lease::free_links;
use crate::store::{Millis, Op, StoreError, Tx};

/// What becomes of a delivery after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Delivered,
    /// It is due again at this time.
    RetryAt(Millis),
    /// It is due again at this time, and may be tried as often as if this attempt had not been: it failed for a
    /// reason that has to do with others, such as a limit.
    Later(Millis),
    /// It is given up, for this reason, until someone replays it.
    Exhausted(String),
}

/// Ends a lease: writes the attempt down, sets what comes next, and lets others work on the delivery's links.
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

/// How [`Record`] and other operations that need a lease ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Written down.
    Ok,
    /// The lease has been taken over, recorded already, or the delivery erased. [`Record`]'s attempt is in the log if
    /// the delivery exists; nothing else changed.
    LeaseLost,
}

impl Op for Record {
    type Out = Recorded;

    async fn run(&self, tx: &mut Tx) -> Result<Recorded, StoreError> {
        self.log(tx).await?;
        // A fence is good for one record: it is raised here too.
        let (state, due_at, reason) = match &self.next {
            Next::Delivered => ("delivered", None, None),
            Next::RetryAt(due_at) | Next::Later(due_at) => ("waiting", Some(*due_at), None),
            Next::Exhausted(reason) => ("exhausted", None, Some(reason)),
        };
        let counted = i64::from(!matches!(self.next, Next::Later(_)));
        let ended_at = self.attempt.started_at.saturating_add(self.attempt.duration_ms);
        let finished_at = if state == "waiting" { None } else { Some(ended_at) };
        let sql = "update deliveries set state = $1, due_at = coalesce($2, due_at), reason = $3, finished_at = $4, \
                   attempts = attempts + $5, leased = 0, fence = fence + 1 \
                   where id = $6 and fence = $7 and state = 'waiting'";
        let args = [
            state.into(),
            due_at.into(),
            reason.into(),
            finished_at.into(),
            counted.into(),
            self.delivery.to_string().into(),
            self.fence.into(),
        ];
        if tx.execute(sql, &args).await? == 0 {
            return Ok(Recorded::LeaseLost);
        }
        free_links(tx, self.delivery).await?;
        Ok(Recorded::Ok)
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
