//! Why nobody would know us.

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::connector::client::{Answer, RequestError};
use crate::connector::ledger::Lost;
use crate::connector::render::RenderError;
use crate::connector::secret::Secrets;
use crate::connector::template::TemplateError;
use crate::connector::verdict::{Shortfall, retry_after};
use crate::connector::{Class, Outcome};

/// How much of a token server's own words is repeated, in bytes.
const WORDS: usize = 300;

/// When a delivery comes back that somebody else has taken over.
const SOON: Duration = Duration::from_secs(1);

/// The credentials for a request cannot be had. Nothing was sent to the CRM itself, so trying again is always safe.
#[derive(Clone, Debug)]
pub struct AuthError {
    outcome: Outcome,
    words: String,
}

impl AuthError {
    /// How the attempt ends. Always to be tried again: once the operator has put it right, nothing is lost.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The file or the connection is not as it must be.
    pub(super) fn settings(words: impl fmt::Display) -> Self {
        Self { outcome: Outcome::Retry { class: Class::Settings, after: None }, words: words.to_string() }
    }

    /// Whoever gives the tokens (`who`) gives none. Its own words are `error` and `error_description` (RFC 6749, 5.2).
    /// They may repeat a secret, which must not be cut in two before it is taken out.
    pub(super) fn refused(who: &str, answer: &Answer, secrets: &Secrets) -> Self {
        let members: Map<String, Value> = serde_json::from_slice(&answer.body).unwrap_or_default();
        let word = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let class = match (answer.status, word("error")) {
            (_, "temporarily_unavailable" | "server_error" | "slow_down") | (500.., _) => Class::Server,
            (429, _) => Class::Rate,
            // Zoho's way to say so, with 400 and "Access Denied".
            _ if word("error_description").to_lowercase().contains("too many requests") => Class::Rate,
            (408, _) => Class::Timeout,
            (300..=399, _) => Class::Redirect,
            (404 | 405 | 410, _) => Class::Settings,
            (200..=299, "") => Class::Settings,
            _ => Class::Auth,
        };
        let said = [word("error"), word("error_description")].join(" ");
        let said = secrets.excerpt(said.trim().as_bytes(), WORDS);
        let words = match said.as_str() {
            "" => format!("{who} answered {} without a token", answer.status),
            said => format!("{who} answered {}: {said}", answer.status),
        };
        Self { outcome: Outcome::Retry { class, after: retry_after(&answer.headers) }, words }
    }

    /// As the file has it: how the attempt ends then, and why the answer is no success.
    pub(super) fn told(self, said: Option<Outcome>, shortfall: Option<Shortfall<'_>>) -> Self {
        let why = shortfall.map(|shortfall| shortfall.to_string()).unwrap_or_default();
        Self { outcome: said.unwrap_or(self.outcome), words: self.words + &why }
    }

    /// The request for a token was not answered.
    pub(super) fn unanswered(who: &str, error: &RequestError) -> Self {
        Self {
            outcome: Outcome::Retry { class: Class::of(error), after: None },
            words: format!("{who}: {error}"),
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl std::error::Error for AuthError {}

impl From<TemplateError> for AuthError {
    fn from(cause: TemplateError) -> Self {
        Self::settings(format!("the template {cause}"))
    }
}

impl From<RenderError> for AuthError {
    fn from(cause: RenderError) -> Self {
        Self::settings(cause)
    }
}

impl From<Lost> for AuthError {
    fn from(lost: Lost) -> Self {
        Self { outcome: Outcome::Later { after: SOON }, words: lost.to_string() }
    }
}
