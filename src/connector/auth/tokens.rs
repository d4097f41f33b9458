//! Tokens in memory. A token is fetched by one delivery at a time: some servers give ten in ten minutes, and a refresh
//! token that two use at once may be good for neither.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use minijinja::Value;
use tokio::time::Instant;

use super::AuthError;

/// How long before its end a token is not used any more: the clocks of both sides differ, and requests take time.
const MARGIN: Duration = Duration::from_secs(60);

/// The tokens of all connections, one a connection.
#[derive(Default)]
pub struct Tokens(Mutex<HashMap<(String, String), Slot>>);

/// Locked while a token is fetched.
type Slot = Arc<tokio::sync::Mutex<Held>>;

/// What is known about the token of one connection.
#[derive(Default)]
pub(super) struct Held {
    token: Option<Arc<Token>>,
    failure: Option<Failure>,
    /// A refresh token that the server has given and the database has not taken yet.
    pub(super) unkept: Option<String>,
}

/// A token.
pub(super) struct Token {
    /// `token` in templates.
    pub(super) value: Value,
    /// What of it nobody may see.
    pub(super) secret: Vec<String>,
    until: Option<Instant>,
    basis: [u8; 32],
    refused: AtomicBool,
}

/// A token as a server has given it.
pub(super) struct Fresh {
    /// `token` in templates.
    pub(super) value: Value,
    /// What of it nobody may see.
    pub(super) secret: Vec<String>,
    /// How long it lasts; until it is refused where missing.
    pub(super) lasts: Option<Duration>,
}

struct Failure {
    at: Instant,
    basis: [u8; 32],
    error: AuthError,
}

impl Tokens {
    pub(super) fn slot(&self, site: &str, connection: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry((site.to_owned(), connection.to_owned())).or_default().clone()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

impl Held {
    /// The token that was got with the same `basis`, if it may be used still.
    ///
    /// # Errors
    /// The failure of a fetch that ended after `asked`: who waited for it does not try the same again.
    pub(super) fn usable(&self, basis: &[u8; 32], asked: Instant) -> Result<Option<Arc<Token>>, AuthError> {
        if let Some(token) = self.token.as_ref().filter(|token| token.basis == *basis && token.is_good()) {
            return Ok(Some(token.clone()));
        }
        let failure = self.failure.as_ref().filter(|failure| failure.basis == *basis && failure.at >= asked);
        failure.map_or(Ok(None), |failure| Err(failure.error.clone()))
    }

    /// Keeps what a fetch has come to.
    pub(super) fn hold(
        &mut self,
        basis: [u8; 32],
        fetched: Result<Fresh, AuthError>,
    ) -> Result<Arc<Token>, AuthError> {
        let now = Instant::now();
        self.token = None;
        self.failure = None;
        match fetched {
            Ok(Fresh { value, secret, lasts }) => {
                let until = lasts.and_then(|lasts| now.checked_add(lasts - MARGIN.min(lasts / 2)));
                let token = Token { value, secret, until, basis, refused: AtomicBool::new(false) };
                Ok(self.token.insert(Arc::new(token)).clone())
            }
            Err(error) => {
                self.failure = Some(Failure { at: now, basis, error: error.clone() });
                Err(error)
            }
        }
    }
}

impl Token {
    /// Nobody uses it again.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::SeqCst);
    }

    fn is_good(&self) -> bool {
        !self.refused.load(Ordering::SeqCst) && self.until.is_none_or(|until| Instant::now() < until)
    }
}
