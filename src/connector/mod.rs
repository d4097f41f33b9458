//! The only place that knows a CRM exists: takes a delivery to a destination and says how it went.
//!
//! # Layout
//!
//! - [`Connector::deliver`] one attempt: a [`Delivery`] and a connection go in, a [`Report`] comes out
//! - [`mod@file`] a connector as it is written, [`library`] all there are; [`template`] its strings
//! - [`event`] what happened; [`contact`], [`text`], [`route`] what templates are told of it, [`message`] what the person
//!   is told; [`scope`] their names
//! - `run` the steps; [`render`] a request, `verdict` what its answer means; [`ledger`] what is written down meanwhile
//! - [`auth`] who we are to the CRM; [`secret`] with what; [`hosts`] where that may be sent
//! - [`exchange`] sends, at the connection's [`rate`]; [`client`] the HTTP client; [`address`] which addresses it may
//!   connect to; [`signature`] Standard Webhooks; [`smtp`] sends a [`mail`]
//! - [`ask`] a request of our own, through all of that
//! - [`rehearse`] the requests that would be sent, [`show`] what a person sees of them; [`memory`] a ledger for that
//!
//! A connector never touches the store and never waits for a second try: what follows from an [`Outcome`] is decided
//! by [`crate::delivery`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crm_protocol::id::DeliveryId;
use crm_protocol::text::Lang;
use serde::Serialize;

use crate::config::Config;
use crate::definitions::{self, Connection};

pub mod address;
pub mod ask;
pub mod auth;
pub mod client;
pub mod contact;
pub mod event;
pub mod exchange;
pub mod file;
pub mod hosts;
pub mod ledger;
pub mod library;
pub mod mail;
pub mod memory;
pub mod message;
pub mod rate;
mod redact;
pub mod rehearse;
pub mod render;
pub mod route;
mod run;
pub mod scope;
pub mod secret;
pub mod setup;
pub mod show;
pub mod signature;
pub mod smtp;
pub mod template;
pub mod text;
pub mod verdict;

use self::ask::Inquiry;
use self::auth::Tokens;
use self::client::{Answer, Client};
use self::event::Event;
use self::exchange::{Exchange, Watch};
use self::hosts::Hosts;
use self::ledger::Ledger;
use self::library::Library;
use self::message::Message;
use self::rate::Rates;
use self::run::Run;
use self::scope::{Parts, Scope};
use self::secret::Secrets;
use self::smtp::{Mailer, Server};

/// How much of an answer's body is recorded, in bytes.
const RECORDED: usize = 16 * 1024;

/// An event on its way to one connection.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Names the delivery at the receiver, the same at every attempt.
    pub id: DeliveryId,
    /// Where it happened.
    pub site: Site,
    /// What happened.
    pub event: Event,
    /// What the person is told about it; nothing where they are not.
    pub message: Option<Message>,
}

/// A site, as templates see it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// Its key.
    pub key: String,
    /// The name visitors know, in the event's language.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
}

impl Site {
    /// That site, for a reader of `lang`.
    pub fn of(definition: &definitions::Site, lang: &Lang) -> Self {
        Self {
            key: definition.key.clone(),
            name: definition.name.get(lang).to_owned(),
            time_zone: definition.time_zone.clone(),
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has it. `duplicate`: it said so itself (409), having received an earlier attempt.
    Delivered {
        /// Whether it was there before.
        duplicate: bool,
    },
    /// Somebody else has what the event wants of the destination, which has written nothing: the connector's file says so.
    Taken,
    /// Not now; worth trying again.
    Retry {
        /// What went wrong.
        class: Class,
        /// How long the destination asks to be left alone (`Retry-After`).
        after: Option<Duration>,
    },
    /// Trying again by itself makes no sense; a person may replay it.
    Permanent(Class),
    /// No attempt: it has to come back when another delivery is done, or when the CRM shows what it has taken.
    Later {
        /// How soon.
        after: Duration,
    },
}

/// What went wrong, as a word for people and for `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 429: too many requests.
    Rate,
    /// The day's allowance is used up.
    Quota,
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
            Self::Taken => "taken",
            Self::Retry { class, .. } | Self::Permanent(class) => class.as_str(),
            Self::Later { .. } => "later",
        })
    }
}

impl Class {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Quota => "quota",
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
    /// Why what only makes sense before a certain time is not sent after it.
    pub const TOO_LATE: &str = "it is too late";

    /// There was no need to send anything, for that reason.
    pub fn unsent(why: &str) -> Self {
        let outcome = Outcome::Delivered { duplicate: false };
        Self { outcome, status: None, body: String::new(), error: Some(format!("nothing was sent: {why}")) }
    }

    /// Nothing was sent.
    fn settings(error: impl fmt::Display) -> Self {
        let outcome = Outcome::Retry { class: Class::Settings, after: None };
        Self { outcome, status: None, body: String::new(), error: Some(error.to_string()) }
    }

    /// What the steps came to. Nothing secret is recorded, also where an answer repeats it.
    fn new(outcome: Outcome, error: Option<String>, last: Option<&Answer>, secrets: &Secrets) -> Self {
        Self {
            outcome,
            status: last.map(|answer| answer.status),
            body: last.map(|answer| secrets.excerpt(&answer.body, RECORDED)).unwrap_or_default(),
            error: error.map(|error| secrets.redact(&error)),
        }
    }
}

/// Everything deliveries share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Connector(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: Client,
    mailer: Option<Mailer>,
    library: Library,
    tokens: Tokens,
    rates: Rates,
    settings: Settings,
}

/// What the operator, and not a site's staff, decides about destinations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The gateway's own address, without a slash at the end: where uploads are fetched.
    pub public_url: String,
    /// Connections (`site/connection`) and hosts (`crm.local`, `10.0.0.7`) that may be at a private address.
    pub allow_private: Vec<String>,
    /// The server by which mails leave.
    pub smtp: Option<Server>,
    /// Finds a secret by the name its connection gives: the process's environment, except in tests.
    pub secret: fn(&str) -> Option<String>,
}

impl Settings {
    /// As the operator has set it up, for a gateway with that address.
    pub fn of(config: &Config, public_url: String) -> Self {
        let (allow_private, smtp) = (config.allow_private.clone(), config.smtp.clone());
        Self { public_url, allow_private, smtp, secret: |name| std::env::var(name).ok() }
    }
}

impl Connector {
    /// Sets up the client once for all connections.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: Settings, library: Library) -> Result<Self, rustls::Error> {
        let (client, tokens, rates) = (Client::new()?, Tokens::default(), Rates::default());
        let Settings { public_url, allow_private, smtp, .. } = &settings;
        let mailer = |server: &Server| Mailer::new(server.clone(), allow_private, public_url);
        let mailer = smtp.as_ref().map(mailer).transpose();
        let mailer = mailer.map_err(|cause| rustls::Error::General(cause.to_string()))?;
        Ok(Self(Arc::new(Shared { client, mailer, library, tokens, rates, settings })))
    }

    /// The gateway's own address, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.0.settings.public_url
    }

    /// Makes one attempt. Never fails: what goes wrong is a [`Report`] too. What `ledger` knows to be done is not done
    /// again. Each step takes at most twice the connection's timeout; a mail's content has ten minutes besides.
    pub async fn deliver<L: Ledger>(
        &self,
        connection: &Connection,
        delivery: &Delivery,
        ledger: &mut L,
    ) -> Report {
        self.deliver_watched(connection, delivery, ledger, None).await
    }

    /// As [`Connector::deliver`]; `watch` sees every request and answer.
    pub async fn deliver_watched<L: Ledger>(
        &self,
        connection: &Connection,
        delivery: &Delivery,
        ledger: &mut L,
        watch: Option<Watch<'_>>,
    ) -> Report {
        self.attempt(connection, delivery, ledger, watch, None).await.0
    }

    /// Runs the connector's steps, or instead sends a request of our own, whose answer comes with the report.
    async fn attempt<L: Ledger>(
        &self,
        connection: &Connection,
        delivery: &Delivery,
        ledger: &mut L,
        watch: Option<Watch<'_>>,
        inquiry: Option<&Inquiry>,
    ) -> (Report, Option<Answer>) {
        let Shared { client, mailer, library, tokens, rates, settings } = &*self.0;
        let Some(file) = library.get(&connection.connector) else {
            let fault = format!("there is no connector \"{}\"", connection.connector);
            return (Report::settings(fault), None);
        };
        let secrets = match Secrets::load(&file, connection, settings.secret).await {
            Ok(secrets) => secrets,
            Err(fault) => return (Report::settings(fault), None),
        };
        let parts =
            Parts { file: &file, connection, secrets: &secrets, delivery, public_url: &settings.public_url };
        let scope = match Scope::new(&parts) {
            Ok(scope) => scope,
            Err(fault) => return (Report::settings(secrets.redact(&fault.to_string())), None),
        };
        let limit = Duration::from_secs(connection.timeout_seconds.into());
        let is_mail = smtp::is_url(&connection.url_or(file.url.as_deref()));
        let exchange = Exchange {
            client,
            mailer: mailer.as_ref(),
            hosts: Hosts::new(connection, &file, &delivery.site.key, &settings.allow_private),
            limit,
            step_limit: limit * 2 + if is_mail { smtp::CONTENT } else { Duration::ZERO },
            rate: &rates.of(&delivery.site.key, connection, &file.limits),
            secrets: &secrets,
            watch,
        };
        let event = &delivery.event.r#type;
        let identity = tokens.identity(&delivery.site.key, connection, &file, &secrets);
        let mut run = Run { file: &file, event, scope, exchange, identity, ledger, last: None };
        let ended = match inquiry {
            Some(inquiry) => run.inquire(inquiry).await.map(|()| None),
            None => run.run().await.map(|()| run.idle()),
        };
        let (outcome, error) = match ended {
            Ok(idle) => (Outcome::Delivered { duplicate: false }, idle),
            Err(stop) => (stop.outcome, Some(stop.error)),
        };
        // Who has the link may act on the appointment: an answer that repeats it is recorded without.
        if let Some(message) = &delivery.message {
            secrets.conceal(message.token());
        }
        (Report::new(outcome, error, run.last.as_ref(), &secrets), run.last)
    }
}
