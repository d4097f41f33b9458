//! How much has not arrived.

use crate::store::{Op, StoreError, Tx};

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
