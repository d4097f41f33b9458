//! Who we are to the CRM: credentials for every request, got where they are given, kept while they last.
//!
//! # Layout
//!
//! - [`Identity`] one connection as the CRM knows it; [`Credentials`] what one request carries
//! - `tokens` tokens in memory, one fetch at a time
//! - `oauth2` tokens of an OAuth 2.0 server, with `assertion` instead of a client's secret; `login` of the CRM's own
//! - `basic`, `hmac`, `webhooks` what is made of secrets alone
//!
//! Everything here that is put into a request is concealed in the delivery's [`Secrets`], and nothing is sent but through
//! the [`Exchange`], which knows where it may go.

mod assertion;
mod basic;
mod error;
mod hmac;
mod login;
mod oauth2;
mod tokens;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::merge_maps;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

pub use self::error::AuthError;
use self::tokens::Token;
pub use self::tokens::Tokens;
use super::exchange::{Exchange, Outgoing};
use super::file::ConnectorFile;
use super::file::auth::{Auth, Login, OAuth2};
use super::ledger::Ledger;
use super::render;
use super::secret::Secrets;
use super::template::Text;
use crate::definitions::Connection;

/// A connection as its CRM knows it, for one delivery.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    tokens: &'a Tokens,
    site: &'a str,
    connection: &'a Connection,
    file: &'a ConnectorFile,
    secrets: &'a Secrets,
}

/// What one request carries.
pub struct Credentials<'a> {
    identity: Identity<'a>,
    token: Option<Arc<Token>>,
}

/// Where tokens come from.
enum Source<'a> {
    OAuth2(&'a OAuth2),
    Login(&'a Login),
}

impl Tokens {
    /// Who a connection of `site` is to its CRM.
    pub fn identity<'a>(
        &'a self,
        site: &'a str,
        connection: &'a Connection,
        file: &'a ConnectorFile,
        secrets: &'a Secrets,
    ) -> Identity<'a> {
        Identity { tokens: self, site, connection, file, secrets }
    }
}

impl<'a> Identity<'a> {
    /// Credentials for the next request: a kept token, or a new one. While one delivery fetches a token the others of the
    /// connection wait for it, and for its failure too. `context` has the names that templates see.
    ///
    /// # Errors
    /// No token is to be had; the outcome says why.
    pub async fn prepare<L: Ledger>(
        self,
        context: &Value,
        exchange: &Exchange<'_>,
        ledger: &mut L,
    ) -> Result<Credentials<'a>, AuthError> {
        let source = match &self.file.auth {
            Some(Auth::OAuth2(oauth)) if !oauth.token_url.render(context)?.is_empty() => {
                Source::OAuth2(oauth)
            }
            Some(Auth::Login(login)) => Source::Login(login),
            _ => return Ok(Credentials { identity: self, token: None }),
        };
        let asked = Instant::now();
        let basis = self.basis();
        let slot = self.tokens.slot(self.site, &self.connection.name);
        let mut held = slot.lock().await;
        let token = match held.usable(&basis, asked)? {
            Some(token) => token,
            None => {
                let fetched = match source {
                    Source::OAuth2(oauth) => {
                        let client = oauth2::Client { oauth, secrets: self.secrets, context, exchange };
                        client.fetch(ledger, &mut held.unkept).await
                    }
                    Source::Login(login) => login::fetch(login, self.file, context, exchange).await,
                };
                held.hold(basis, fetched)?
            }
        };
        token.secret.iter().for_each(|secret| self.secrets.conceal(secret));
        Ok(Credentials { identity: self, token: Some(token) })
    }

    /// What a token was got with. Where this has changed, it may be somebody else's.
    fn basis(&self) -> [u8; 32] {
        let connection = serde_json::to_vec(self.connection).unwrap_or_default();
        Sha256::new_with_prefix(connection)
            .chain_update(format!("{:?} {:?}", self.file.auth, self.file.server))
            .chain_update(self.secrets.fingerprint())
            .finalize()
            .into()
    }
}

impl Credentials<'_> {
    /// `token` in templates; nothing where the CRM wants none.
    pub fn token(&self) -> Value {
        self.token.as_ref().map_or(Value::UNDEFINED, |token| token.value.clone())
    }

    /// Whether fresh ones can be got.
    pub fn is_token(&self) -> bool {
        self.token.is_some()
    }

    /// The CRM does not accept them: nobody uses this token again.
    pub fn refuse(&self) {
        if let Some(token) = &self.token {
            token.refuse();
        }
    }

    /// Puts them into a request that is complete otherwise.
    ///
    /// # Errors
    /// A template refuses, or comes to something that cannot be sent.
    pub fn apply(&self, outgoing: &mut Outgoing, context: &Value) -> Result<(), AuthError> {
        let Some(auth) = &self.identity.file.auth else { return Ok(()) };
        let context = &with(context, [("token", self.token())]);
        match auth {
            Auth::Header { name, value } => self.put_text(outgoing, name, value, context),
            Auth::Query { name, value } => {
                let value = value.render(context)?;
                if !value.is_empty() {
                    self.identity.secrets.conceal(&value);
                    outgoing.url.query_pairs_mut().append_pair(name, &value);
                }
                Ok(())
            }
            Auth::Basic { user, password } => {
                let value = basic::value(&user.render(context)?, &password.render(context)?)?;
                self.put(outgoing, "authorization", &value)
            }
            Auth::OAuth2(_) if self.token.is_none() => Ok(()),
            Auth::OAuth2(oauth) => self.put_text(outgoing, &oauth.apply.header, &oauth.apply.value, context),
            Auth::Login(login) => self.put_text(outgoing, &login.apply.header, &login.apply.value, context),
            Auth::Hmac(hmac) => {
                for (name, value) in hmac::headers(hmac, outgoing, context)? {
                    self.put(outgoing, name, &value)?;
                }
                Ok(())
            }
            Auth::StandardWebhooks { secret } => webhooks::sign(&secret.render(context)?, outgoing, context),
        }
    }

    fn put_text(
        &self,
        outgoing: &mut Outgoing,
        name: &str,
        value: &Text,
        context: &Value,
    ) -> Result<(), AuthError> {
        self.put(outgoing, name, &value.render(context)?)
    }

    fn put(&self, outgoing: &mut Outgoing, name: &str, value: &str) -> Result<(), AuthError> {
        self.identity.secrets.conceal(value);
        render::set_header(&mut outgoing.headers, name, value)?;
        if let Some(value) = outgoing.headers.get_mut(name) {
            value.set_sensitive(true);
        }
        Ok(())
    }
}

/// The context with more names, which win.
fn with<const N: usize>(context: &Value, names: [(&'static str, Value); N]) -> Value {
    merge_maps([context.clone(), BTreeMap::from(names).into()])
}
