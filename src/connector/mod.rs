//! The only place that knows a CRM exists: takes a delivery to a destination and says how it went.
//!
//! # Layout
//!
//! - [`Connector::deliver`] one attempt: a [`Delivery`] and a connection go in, a [`Report`] comes out
//! - [`webhook`] signed JSON by Standard Webhooks 1.0
//! - [`payload`] the JSON itself
//! - [`signature`] the signing
//! - [`secret`] the secrets of a connection, and how they stay out of sight
//! - [`hosts`] which hosts a connection's requests may go to
//! - [`client`] the HTTP client; [`address`] which addresses it may connect to
//!
//! A connector never touches the store and never waits for a second try: what follows from an [`Outcome`] is decided
//! by [`crate::delivery`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::definitions::Connection;

pub mod address;
pub mod client;
pub mod file;
pub mod hosts;
pub mod ledger;
pub mod library;
pub mod payload;
pub mod rate;
mod redact;
pub mod secret;
pub mod signature;
pub mod template;
pub mod webhook;

pub use payload::Delivery;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has it. `duplicate`: it said so itself (409), having received an earlier attempt.
    Delivered {
        /// Whether it was there before.
        duplicate: bool,
    },
    /// Not now; worth trying again.
    Retry {
        /// What went wrong.
        class: Class,
        /// How long the destination asks to be left alone (`Retry-After`).
        after: Option<Duration>,
    },
    /// Trying again by itself makes no sense; a person may replay it.
    Permanent(Class),
}

/// What went wrong, as a word for people and for `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 429: too many requests.
    Rate,
    /// 401, 403 or 407: the destination does not accept the secret.
    Auth,
    /// Another 4xx: the destination, or what stands before it, is set up wrongly.
    Rejected,
    /// 410: the destination asks not to be sent anything any more.
    Gone,
    /// 5xx, or a status that HTTP does not know.
    Server,
    /// 3xx: refused, since a redirect could lead anywhere.
    Redirect,
    /// The destination's address is private and not allowed by name in the settings.
    Address,
    /// The connection's URL or secret is missing or malformed.
    Settings,
    /// No answer in time.
    Timeout,
    /// No connection, or a broken one.
    Network,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delivered { duplicate: false } => "delivered",
            Self::Delivered { duplicate: true } => "duplicate",
            Self::Retry { class, .. } | Self::Permanent(class) => class.as_str(),
        })
    }
}

impl Class {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Auth => "auth",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
            Self::Server => "server",
            Self::Redirect => "redirect",
            Self::Address => "address",
            Self::Settings => "settings",
            Self::Timeout => "timeout",
            Self::Network => "network",
        }
    }
}

/// One attempt, as it is recorded.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The start of the answer's body, when there was one.
    pub body: String,
    /// Why there was no answer.
    pub error: Option<String>,
}

impl Report {
    /// Nothing was sent, or nothing came back.
    fn without_answer(outcome: Outcome, error: impl fmt::Display) -> Self {
        Self { outcome, status: None, body: String::new(), error: Some(error.to_string()) }
    }
}

/// Everything connectors share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connector {
    client: client::Client,
    settings: Arc<Settings>,
}

/// What the operator, and not a site's staff, decides about destinations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The gateway's own address, without a slash at the end: where uploads are fetched.
    pub public_url: String,
    /// Connections (`site/connection`) and hosts (`crm.local`, `10.0.0.7`) that may be at a private address.
    pub allow_private: Vec<String>,
    /// Finds a secret by the name its connection gives: the process's environment, except in tests.
    pub secret: fn(&str) -> Option<String>,
}

impl Connector {
    /// Sets up the client once for all connections.
    pub fn new(settings: Settings) -> Self {
        Self { client: client::Client::new(), settings: Arc::new(settings) }
    }

    /// Makes one attempt. Never fails: what goes wrong is a [`Report`] too. Returns within the connection's timeout.
    pub async fn deliver(&self, connection: &Connection, delivery: &Delivery) -> Report {
        match connection.connector.as_str() {
            "webhook" => webhook::deliver(self, connection, delivery).await,
            other => Report::without_answer(
                Outcome::Retry { class: Class::Settings, after: None },
                format!("there is no connector \"{other}\""),
            ),
        }
    }

    /// Whether a destination may be private and without TLS: its definition asks for it and the operator named it.
    fn trusts(&self, connection: &Connection, site: &str) -> bool {
        let url = connection.url.as_deref().and_then(|url| url::Url::parse(url).ok());
        let host = url.as_ref().and_then(url::Url::host_str);
        connection.allow_private
            && self.settings.allow_private.iter().any(|allowed| {
                allowed.split_once('/') == Some((site, &connection.name)) || host == Some(allowed)
            })
    }
}
