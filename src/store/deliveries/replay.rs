//! Replaying: what was given up goes on, what has arrived starts anew, under the same id.

use crm_protocol::id::DeliveryId;

use crate::store::{Millis, Op, StoreError, Tx};

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
/// One that still waits is left alone: someone may hold its lease. One that was given up goes on after the steps it had
/// done; one that has arrived does all of them again.
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
        let restart = "update deliveries set state = 'waiting', due_at = $1, attempts = 0, leased = 0, fence = fence + 1, \
                       reason = null, finished_at = null";
        let now = self.now.into();
        match &self.which {
            Which::One(id) => {
                let id = id.to_string();
                let arrived = "delete from steps where delivery in (select id from deliveries where id = $1 and state = 'delivered')";
                tx.execute(arrived, &[(&id).into()]).await?;
                let sql = format!("{restart} where id = $2 and state <> 'waiting'");
                tx.execute(&sql, &[now, (&id).into()]).await
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
