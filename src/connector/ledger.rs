//! What a connector writes down while it works, so that whoever goes on after a crash knows what was done.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// What is known of one step of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum StepState {
    /// Its request was about to be sent, at this time in Unix milliseconds; nobody knows whether it took effect.
    Started(i64),
    /// It succeeded, with these outputs: a JSON object.
    Done(Value),
}

/// The lease is gone, or the database: whatever is done next would not be known to the one who goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the delivery was taken over, or the database is away")
    }
}

/// A name from the file's `links` and the hash of its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkKey {
    /// Name in the file, e.g. `person`.
    pub link: String,
    /// SHA-256 of the key's text.
    pub key_sha256: [u8; 32],
}

/// What [`Ledger::reserve`] found.
#[derive(Clone, Debug, PartialEq)]
pub enum Reserved {
    /// No other delivery works on these links now; what is remembered under them, by name.
    Free(BTreeMap<String, String>),
    /// Another delivery of this connection does. Come back soon.
    Busy,
}

/// The book of one delivery. Every entry is on disk when its future ends.
pub trait Ledger: Send {
    /// What earlier attempts at this delivery have written, by step.
    fn steps(&self) -> &BTreeMap<String, StepState>;

    /// Keeps other deliveries of this connection away from these links until this one's attempt is recorded.
    fn reserve(&mut self, links: &[LinkKey]) -> impl Future<Output = Result<Reserved, Lost>> + Send;

    /// A request that must not be repeated blindly is about to be sent. Also renews the lease.
    fn started(&mut self, step: &str) -> impl Future<Output = Result<(), Lost>> + Send;

    /// A step has succeeded; `remember` is kept for later events. Also renews the lease.
    fn finished(
        &mut self,
        step: &str,
        outputs: &Value,
        remember: Vec<(LinkKey, String)>,
    ) -> impl Future<Output = Result<(), Lost>> + Send;

    /// The refresh token this connection was given last, in clear.
    fn refresh_token(&mut self) -> impl Future<Output = Result<Option<String>, Lost>> + Send;

    /// Keeps a refresh token, encrypted, in place of `previous`; if another gateway has replaced that one meanwhile,
    /// its token stays and is returned.
    fn keep_refresh_token(
        &mut self,
        previous: Option<&str>,
        token: &str,
    ) -> impl Future<Output = Result<String, Lost>> + Send;
}
