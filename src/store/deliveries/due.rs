//! Where something is due.

use super::IN_ORDER;
use crate::store::{Millis, Op, StoreError, Tx};

/// Lists the connections, as (site, connection), that have a delivery due and do not pause.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// The time now.
    pub now: Millis,
}

impl Op for Due {
    type Out = Vec<(String, String)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = format!(
            "select distinct site, connection from deliveries where state = 'waiting' and due_at <= $1 and {IN_ORDER} \
             and not exists (select 1 from pauses p where p.site = deliveries.site \
             and p.connection = deliveries.connection and (p.until is null or p.until > $1))"
        );
        let rows = tx.query(&sql, &[self.now.into()]).await?.into_iter();
        rows.map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
    }
}
