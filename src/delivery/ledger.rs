use crate::{
    connector::ledger::*,
    store::{Store, deliveries::Claimed},
};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};
pub(super) struct StoreLedger(BTreeMap<String, StepState>);
impl StoreLedger {
    pub(super) fn new(_: Store, _: &Claimed, _: Duration) -> Self {
        Self(BTreeMap::new())
    }
}
impl Ledger for StoreLedger {
    fn steps(&self) -> &BTreeMap<String, StepState> {
        &self.0
    }
    async fn reserve(&mut self, _: &[LinkKey]) -> Result<Reserved, Lost> {
        Ok(Reserved::Free(BTreeMap::new()))
    }
    async fn started(&mut self, _: &str) -> Result<(), Lost> {
        Ok(())
    }
    async fn finished(&mut self, _: &str, _: &Value, _: Vec<(LinkKey, String)>) -> Result<(), Lost> {
        Ok(())
    }
    async fn refresh_token(&mut self) -> Result<Option<String>, Lost> {
        Ok(None)
    }
    async fn keep_refresh_token(&mut self, _: Option<&str>, t: &str) -> Result<String, Lost> {
        Ok(t.to_owned())
    }
}
