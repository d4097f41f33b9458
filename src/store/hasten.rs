//! Ends pauses early: a destination that has just answered need not wait for the end of a pause of hours.

use super::{Millis, Op, StoreError, Tx};

/// Makes some of a connection's deliveries that pause between two attempts due now, longest paused first.
/// Returns how many.
#[derive(Clone, Debug)]
pub struct Hasten {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// How many at most.
    pub limit: u32,
    /// The time now.
    pub now: Millis,
    /// The lease with which deliveries of this connection are claimed. What is due within it may be under way, and is
    /// left alone.
    pub lease_ms: i64,
}

impl Op for Hasten {
    type Out = u64;

    async fn run(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let sql = format!(
            "with paused as materialized (select id from deliveries where site = $1 and connection = $2 \
             and state = 'waiting' and due_at > $3 order by due_at limit $4{}) \
             update deliveries set due_at = $5 where id in (select id from paused)",
            tx.lock_rows()
        );
        let (site, connection) = &self.connection;
        let leased_until = self.now.saturating_add(self.lease_ms);
        let args = [
            site.into(),
            connection.into(),
            leased_until.into(),
            i64::from(self.limit).into(),
            self.now.into(),
        ];
        tx.execute(&sql, &args).await
    }
}
