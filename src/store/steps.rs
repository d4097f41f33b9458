//! The steps of a delivery: written down before and after each, so that whoever goes on knows what was done.

use std::collections::BTreeMap;

use crm_protocol::id::DeliveryId;

use super::deliveries::{Lease, Recorded};
use super::links::LinkKey;
use super::{Millis, Op, StoreError, Tx};

/// What is known of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its request was about to be sent, at this time; nobody knows whether it took effect.
    Started(Millis),
    /// It succeeded, with these outputs: a JSON object.
    Done(String),
}

/// Writes down that a step's request is about to be sent, and renews the lease.
#[derive(Clone, Debug)]
pub struct StartStep {
    /// Who sends it.
    pub lease: Lease,
    /// Id of the step.
    pub step: String,
}

impl Op for StartStep {
    type Out = Recorded;

    async fn run(&self, tx: &mut Tx) -> Result<Recorded, StoreError> {
        if !self.lease.renew(tx).await? {
            return Ok(Recorded::LeaseLost);
        }
        let sql = "insert into steps (delivery, step, state, at) values ($1, $2, 'started', $3) \
                   on conflict (delivery, step) do update set at = excluded.at where steps.state = 'started'";
        let args = [self.lease.delivery.to_string().into(), (&self.step).into(), self.lease.now.into()];
        tx.execute(sql, &args).await?;
        Ok(Recorded::Ok)
    }
}

/// Writes down that a step succeeded, keeps what is to be remembered, and renews the lease.
#[derive(Clone, Debug)]
pub struct FinishStep {
    /// Who did it.
    pub lease: Lease,
    /// Id of the step.
    pub step: String,
    /// A JSON object.
    pub outputs: String,
    /// What later deliveries of this connection shall know: the CRM's ids.
    pub remember: Vec<(LinkKey, String)>,
}

impl Op for FinishStep {
    type Out = Recorded;

    async fn run(&self, tx: &mut Tx) -> Result<Recorded, StoreError> {
        if !self.lease.renew(tx).await? {
            return Ok(Recorded::LeaseLost);
        }
        let delivery = self.lease.delivery.to_string();
        let sql = "insert into steps (delivery, step, state, outputs, at) values ($1, $2, 'done', $3, $4) \
                   on conflict (delivery, step) do update \
                   set state = excluded.state, outputs = excluded.outputs, at = excluded.at";
        let args = [(&delivery).into(), (&self.step).into(), (&self.outputs).into(), self.lease.now.into()];
        tx.execute(sql, &args).await?;
        for (key, value) in &self.remember {
            let sql = "insert into links (site, connection, link, key_sha256, value, submission, updated_at) \
                       select site, connection, cast($1 as text), $2, cast($3 as text), submission, \
                       cast($4 as bigint) from deliveries where id = $5 \
                       on conflict (site, connection, link, key_sha256) do update \
                       set value = excluded.value, submission = excluded.submission, updated_at = excluded.updated_at";
            let args = [
                (&key.link).into(),
                (&key.key_sha256).into(),
                value.into(),
                self.lease.now.into(),
                (&delivery).into(),
            ];
            tx.execute(sql, &args).await?;
        }
        Ok(Recorded::Ok)
    }
}

/// The steps of one delivery, inside another operation.
pub(super) async fn load(tx: &mut Tx, delivery: DeliveryId) -> Result<BTreeMap<String, Step>, StoreError> {
    let sql = "select step, outputs, at from steps where delivery = $1";
    let rows = tx.query(sql, &[delivery.to_string().into()]).await?.into_iter();
    rows.map(|mut row| {
        let at = row.int(2)?;
        Ok((row.text(0)?, row.optional_text(1)?.map_or(Step::Started(at), Step::Done)))
    })
    .collect()
}
