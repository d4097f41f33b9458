//! Claiming: a lease for one holder, told apart from later ones by its fence.

use crm_protocol::id::DeliveryId;
use crm_protocol::submission::Consent;

use crate::store::submissions::{self, Submission};
use crate::store::{Millis, Op, StoreError, Tx};

/// Takes deliveries of one connection that are due, longest due first, each for one claimer.
///
/// A claim is a lease: until `now + lease_ms` no one else gets the delivery; after that it is due again, and whoever
/// claims it then gets a higher fence, so the first holder's [`super::Record`] is refused.
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
    /// To be handed to [`super::Record`].
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
