//! The ledger of a delivery under its lease, kept in the store.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::sleep;

use crate::connector::ledger::{Ledger, LinkKey, Lost, Reserved, StepState};
use crate::keys::Keys;
use crate::store::deliveries::{Claimed, Lease, Recorded};
use crate::store::steps::{FinishStep, StartStep, Step};
use crate::store::tokens::{KeepToken, LoadToken};
use crate::store::{Op, Store, links};

/// Pause between two tries to write something down.
const PAUSE: Duration = Duration::from_millis(500);

/// What one attempt writes down. Every entry renews the lease; a database that is away is asked again while it lasts.
#[derive(Debug)]
pub struct StoreLedger {
    store: Store,
    keys: Keys,
    /// Key of the site and name of the connection.
    connection: (String, String),
    /// As it was claimed or renewed last.
    lease: Lease,
    steps: BTreeMap<String, StepState>,
}

impl StoreLedger {
    /// The ledger of a delivery that was claimed just now, for `lease_ms`.
    pub fn new(
        store: Store,
        keys: Keys,
        connection: (String, String),
        claimed: &Claimed,
        lease_ms: i64,
    ) -> Self {
        let now = Timestamp::now().as_millisecond();
        let lease = Lease { delivery: claimed.delivery, fence: claimed.fence, now, lease_ms };
        let steps = claimed.steps.iter().map(|(step, state)| (step.clone(), known(state))).collect();
        Self { store, keys, connection, lease, steps }
    }

    /// What runs under the lease, as of now.
    async fn renew<O: Op>(&mut self, op: impl Fn(Lease) -> O) -> Result<O::Out, Lost> {
        let (mut now, lease) = (0, self.lease);
        let out = self
            .run(|| {
                now = Timestamp::now().as_millisecond();
                op(Lease { now, ..lease })
            })
            .await?;
        self.lease.now = now;
        Ok(out)
    }

    async fn run<O: Op>(&self, mut op: impl FnMut() -> O) -> Result<O::Out, Lost> {
        loop {
            match self.store.run(op()).await {
                Ok(out) => return Ok(out),
                Err(error) if error.is_temporary() && self.lasts() => sleep(PAUSE).await,
                Err(error) => {
                    tracing::error!(%error, delivery = %self.lease.delivery, "nothing could be written down");
                    return Err(Lost);
                }
            }
        }
    }

    fn lasts(&self) -> bool {
        Timestamp::now().as_millisecond() < self.lease.now.saturating_add(self.lease.lease_ms)
    }

    /// A token cannot be opened any more once the gateway's secret was changed: then it is as if there were none.
    async fn token(&self) -> Result<(Option<Vec<u8>>, Option<String>), Lost> {
        let sealed = self.run(|| LoadToken { connection: self.connection.clone() }).await?;
        let token = sealed.as_ref().and_then(|sealed| self.keys.open(&self.name(), sealed));
        if sealed.is_some() && token.is_none() {
            tracing::warn!(connection = self.name(), "its refresh token was sealed with another secret");
        }
        Ok((sealed, token))
    }

    /// What its tokens are sealed under. Neither name contains a slash.
    fn name(&self) -> String {
        format!("{}/{}", self.connection.0, self.connection.1)
    }
}

impl Ledger for StoreLedger {
    fn steps(&self) -> &BTreeMap<String, StepState> {
        &self.steps
    }

    async fn reserve(&mut self, links: &[LinkKey]) -> Result<Reserved, Lost> {
        let keys: Vec<_> = links.iter().map(stored).collect();
        match self.renew(|lease| links::Reserve { lease, keys: keys.clone() }).await? {
            links::Reserved::Free(remembered) => Ok(Reserved::Free(remembered)),
            links::Reserved::Busy => Ok(Reserved::Busy),
            links::Reserved::LeaseLost => Err(Lost),
        }
    }

    async fn started(&mut self, step: &str) -> Result<(), Lost> {
        kept(self.renew(|lease| StartStep { lease, step: step.to_owned() }).await?)?;
        self.steps.insert(step.to_owned(), StepState::Started(self.lease.now));
        Ok(())
    }

    async fn finished(
        &mut self,
        step: &str,
        outputs: &Value,
        remember: Vec<(LinkKey, String)>,
    ) -> Result<(), Lost> {
        let remember: Vec<_> = remember.iter().map(|(key, value)| (stored(key), value.clone())).collect();
        let finish = |lease| FinishStep {
            lease,
            step: step.to_owned(),
            outputs: outputs.to_string(),
            remember: remember.clone(),
        };
        kept(self.renew(finish).await?)?;
        self.steps.insert(step.to_owned(), StepState::Done(outputs.clone()));
        Ok(())
    }

    async fn refresh_token(&mut self) -> Result<Option<String>, Lost> {
        Ok(self.token().await?.1)
    }

    async fn keep_refresh_token(&mut self, previous: Option<&str>, token: &str) -> Result<String, Lost> {
        let (replaces, kept) = self.token().await?;
        if let Some(kept) = kept
            && Some(kept.as_str()) != previous
        {
            return Ok(kept);
        }
        let sealed = self.keys.seal(&self.name(), token).map_err(|_| Lost)?;
        let keep = || KeepToken {
            connection: self.connection.clone(),
            previous: replaces.clone(),
            sealed: sealed.clone(),
            now: Timestamp::now().as_millisecond(),
        };
        let kept = self.run(keep).await?;
        self.keys.open(&self.name(), &kept).ok_or(Lost)
    }
}

fn kept(recorded: Recorded) -> Result<(), Lost> {
    match recorded {
        Recorded::Ok => Ok(()),
        Recorded::LeaseLost => Err(Lost),
    }
}

fn stored(key: &LinkKey) -> links::LinkKey {
    links::LinkKey { link: key.link.clone(), key_sha256: key.key_sha256 }
}

/// Outputs that are no JSON were damaged: then nobody knows what the step did.
fn known(step: &Step) -> StepState {
    match step {
        Step::Started(at) => StepState::Started(*at),
        Step::Done(outputs) => serde_json::from_str(outputs).map_or(StepState::Started(0), StepState::Done),
    }
}
