//! What claiming and hastening have in common: some of a connection's waiting deliveries become due at another time.

use super::IN_ORDER;
use crate::store::value::Value;
use crate::store::{Millis, Tx};

/// Which of a connection's deliveries, and when they are due then.
#[derive(Debug)]
pub struct Shift<'a> {
    /// Key of the site and name of the connection.
    pub connection: &'a (String, String),
    /// Which of them, where `$3` is the time now.
    pub which: &'static str,
    /// The time now.
    pub now: Millis,
    /// How many at most, the first due first.
    pub limit: u32,
    /// When they are due then.
    pub to: Millis,
}

impl Shift<'_> {
    /// The statement; `set` is what it sets beside, `end` what follows its condition.
    pub fn sql(&self, tx: &Tx, set: &str, end: &str) -> String {
        // Materialized, or PostgreSQL may run the inner select more than once and take more than the limit.
        format!(
            "with due as materialized (select id from deliveries where site = $1 and connection = $2 \
             and state = 'waiting' and {} and {IN_ORDER} order by due_at limit $4{}) \
             update deliveries set due_at = $5{set} where id in (select id from due){end}",
            self.which,
            tx.lock_rows()
        )
    }

    /// Its arguments.
    pub fn args(&self) -> [Value<'_>; 5] {
        let (site, connection) = self.connection;
        [site.into(), connection.into(), self.now.into(), i64::from(self.limit).into(), self.to.into()]
    }
}
