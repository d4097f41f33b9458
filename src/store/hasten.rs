//! Ends pauses early: a destination that has just answered need not wait for the end of a pause of hours.

use super::deliveries::shift::Shift;
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
        let shift = Shift {
            connection: &self.connection,
            which: "leased = 0 and due_at > $3",
            now: self.now,
            limit: self.limit,
            to: self.now,
        };
        tx.execute(&shift.sql(tx, "", ""), &shift.args()).await
    }
}
