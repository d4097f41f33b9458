//! A ledger that lives as long as the process: for `connector try`, and for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crm_protocol::id::DeliveryId;
use jiff::Timestamp;
use serde_json::Value;

use super::ledger::{Ledger, LinkKey, Lost, Reserved, StepState};

/// What one connection remembers. Cheap to clone; all clones are one book.
#[derive(Clone, Debug, Default)]
pub struct Book(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    steps: BTreeMap<DeliveryId, BTreeMap<String, StepState>>,
    links: BTreeMap<LinkKey, String>,
    reserved: BTreeSet<LinkKey>,
    refresh_token: Option<String>,
}

/// The ledger of one delivery. Dropping it ends its reservations, as the record of an attempt does.
#[derive(Debug)]
pub struct MemoryLedger {
    book: Book,
    delivery: DeliveryId,
    steps: BTreeMap<String, StepState>,
    reserved: Vec<LinkKey>,
}

impl Book {
    /// The ledger of a delivery, as earlier attempts have left it.
    pub fn open(&self, delivery: DeliveryId) -> MemoryLedger {
        let steps = self.pages().steps.get(&delivery).cloned().unwrap_or_default();
        MemoryLedger { book: self.clone(), delivery, steps, reserved: Vec::new() }
    }

    /// Makes every try look so old that any CRM shows what it has taken: for tests, which cannot wait.
    pub fn age(&self) {
        let mut pages = self.pages();
        for state in pages.steps.values_mut().flat_map(BTreeMap::values_mut) {
            if let StepState::Started(at) = state {
                *at = 0;
            }
        }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryLedger {
    fn write(&mut self, step: &str, state: StepState) {
        self.steps.insert(step.to_owned(), state);
        self.book.pages().steps.insert(self.delivery, self.steps.clone());
    }
}

impl Ledger for MemoryLedger {
    fn steps(&self) -> &BTreeMap<String, StepState> {
        &self.steps
    }

    async fn reserve(&mut self, links: &[LinkKey]) -> Result<Reserved, Lost> {
        let mut pages = self.book.pages();
        if links.iter().any(|key| pages.reserved.contains(key)) {
            return Ok(Reserved::Busy);
        }
        pages.reserved.extend(links.iter().cloned());
        self.reserved = links.to_vec();
        let known = links.iter().filter_map(|key| Some((key.link.clone(), pages.links.get(key)?.clone())));
        Ok(Reserved::Free(known.collect()))
    }

    async fn started(&mut self, step: &str) -> Result<(), Lost> {
        self.write(step, StepState::Started(Timestamp::now().as_millisecond()));
        Ok(())
    }

    async fn finished(
        &mut self,
        step: &str,
        outputs: &Value,
        remember: Vec<(LinkKey, String)>,
    ) -> Result<(), Lost> {
        self.write(step, StepState::Done(outputs.clone()));
        self.book.pages().links.extend(remember);
        Ok(())
    }

    async fn refresh_token(&mut self) -> Result<Option<String>, Lost> {
        Ok(self.book.pages().refresh_token.clone())
    }

    async fn keep_refresh_token(&mut self, previous: Option<&str>, token: &str) -> Result<String, Lost> {
        let mut pages = self.book.pages();
        if pages.refresh_token.as_deref() == previous || pages.refresh_token.is_none() {
            pages.refresh_token = Some(token.to_owned());
        }
        Ok(pages.refresh_token.clone().unwrap_or_default())
    }
}

impl Drop for MemoryLedger {
    fn drop(&mut self) {
        let mut pages = self.book.pages();
        pages.reserved.retain(|key| !self.reserved.contains(key));
    }
}
