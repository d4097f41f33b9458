//! Ends pauses early: a destination that has just answered need not wait for the end of a pause of hours.

use super::{Millis, Op, StoreError, Tx};

/// Makes some of a connection's deliveries that pause between two attempts due now, the next due first. What is under
/// way is left alone.
/// Returns how many.
#[derive(Clone, Debug)]
pub struct Hasten {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// How many at most.
    pub limit: u32,
    /// The time now.
    pub now: Millis,
}

impl Op for Hasten {
    type Out = u64;

    async fn run(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let sql = format!(
            "with paused as materialized (select id from deliveries where site = $1 and connection = $2 \
             and state = 'waiting' and leased = 0 and due_at > $3 order by due_at limit $4{}) \
             update deliveries set due_at = $3 where id in (select id from paused)",
            tx.lock_rows()
        );
        let (site, connection) = &self.connection;
        let args = [site.into(), connection.into(), self.now.into(), i64::from(self.limit).into()];
        tx.execute(&sql, &args).await
    }
}
