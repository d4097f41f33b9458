//! What one delivery sends through: every request goes to a host the connection was set up for, and at its pace. A mail
//! goes to the gateway's own server.

use std::fmt;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::body::Bytes;
use url::Url;

use super::client::{Answer, Client, Destination, RequestError};
use super::hosts::Hosts;
use super::rate::Rate;
use super::secret::Secrets;
use super::show;
use super::smtp::{self, Mailer};

/// A request ready to be sent.
#[derive(Clone)]
pub struct Outgoing {
    /// The method.
    pub method: hyper::Method,
    /// The whole URL.
    pub url: Url,
    /// All headers.
    pub headers: HeaderMap,
    /// The body's bytes; empty where there is none.
    pub body: Bytes,
}

impl fmt::Debug for Outgoing {
    /// Query, headers and body may hold secrets and personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} to {})", self.method, self.url.host_str().unwrap_or_default())
    }
}

/// Who looks on, for `connector try --send`: gets each request, each answer and what it means as text, without secrets.
pub type Watch<'a> = &'a (dyn Fn(&str) + Sync);

/// One delivery's way out.
pub struct Exchange<'a> {
    /// Sends.
    pub client: &'a Client,
    /// Sends mails, where the gateway has a server for them.
    pub mailer: Option<&'a Mailer>,
    /// Where requests may go.
    pub hosts: Hosts,
    /// How long one request may take; a mail's content besides, as long as [`smtp::CONTENT`].
    pub limit: Duration,
    /// How long one step may take.
    pub step_limit: Duration,
    /// The connection's pace.
    pub rate: &'a Rate,
    /// What nobody who looks on may see.
    pub secrets: &'a Secrets,
    /// Looks on.
    pub watch: Option<Watch<'a>>,
}

impl Exchange<'_> {
    /// Sends one request and reads the answer.
    ///
    /// # Errors
    /// See [`RequestError`]; an answer with any status is not an error.
    pub async fn send(&self, outgoing: Outgoing) -> Result<Answer, RequestError> {
        self.send_shown(outgoing, show::answer).await
    }

    /// Sends a request whose answer holds a secret that nobody knows yet: who looks on sees no more than its status.
    ///
    /// # Errors
    /// As [`Exchange::send`].
    pub async fn send_for_token(&self, outgoing: Outgoing) -> Result<Answer, RequestError> {
        self.send_shown(outgoing, show::status).await
    }

    async fn send_shown(
        &self,
        outgoing: Outgoing,
        show_answer: fn(&Result<Answer, RequestError>) -> String,
    ) -> Result<Answer, RequestError> {
        let answer = match outgoing.url.scheme() {
            smtp::SCHEME => self.mail(&outgoing).await,
            _ => self.request(&outgoing).await,
        };
        self.tell(|| show::outgoing(&outgoing));
        self.tell(|| show_answer(&answer));
        answer
    }

    async fn request(&self, outgoing: &Outgoing) -> Result<Answer, RequestError> {
        let trusted = self.hosts.check(&outgoing.url)?;
        self.rate.take().await;
        let destination = Destination { url: outgoing.url.as_str(), limit: self.limit, trusted };
        let Outgoing { method, headers, body, .. } = outgoing.clone();
        self.client.send(&destination, method, headers, body).await
    }

    async fn mail(&self, outgoing: &Outgoing) -> Result<Answer, RequestError> {
        let missing = || RequestError::Mail("the gateway has no SMTP server; set it with --smtp".to_owned());
        let mailer = self.mailer.ok_or_else(missing)?;
        self.rate.take().await;
        mailer.send(&outgoing.body, self.limit).await
    }

    /// Tells who looks on. What is secret is taken out before the text is cut, so that nothing of it is left at the end.
    pub fn tell(&self, words: impl FnOnce() -> String) {
        if let Some(watch) = self.watch {
            watch(&show::cut(self.secrets.redact(&words())));
        }
    }
}
