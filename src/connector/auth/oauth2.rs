//! Tokens from an OAuth 2.0 authorisation server (RFC 6749).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};
use minijinja::Value as Context;
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::tokens::Fresh;
use super::{AuthError, assertion};
use crate::connector::client::Answer;
use crate::connector::exchange::{Exchange, Outgoing};
use crate::connector::file::auth::{ClientIn, Grant, OAuth2};
use crate::connector::ledger::Ledger;
use crate::connector::secret::Secrets;
use crate::connector::show;
use crate::connector::template::{self, Text};

/// What the authorisation server is called in errors.
const WHO: &str = "the token server";

/// How many refresh tokens are tried: the kept one, one that another gateway has put in its place, and the first.
const TRIES: usize = 3;

/// We, as one authorisation server knows us.
pub(super) struct Client<'a> {
    pub(super) oauth: &'a OAuth2,
    pub(super) secrets: &'a Secrets,
    pub(super) context: &'a Context,
    pub(super) exchange: &'a Exchange<'a>,
}

/// An answer without a token.
struct Refusal {
    /// It is the refresh token that is not accepted (RFC 6749, 5.2).
    grant: bool,
    error: AuthError,
}

impl Client<'_> {
    /// Gets a token. `unkept` is a refresh token that is newer than the ledger's.
    ///
    /// # Errors
    /// The request cannot be made, is not answered, or refused; or the ledger is lost.
    pub(super) async fn fetch<L: Ledger>(
        &self,
        ledger: &mut L,
        unkept: &mut Option<String>,
    ) -> Result<Fresh, AuthError> {
        let members = match self.oauth.grant {
            Grant::ClientCredentials => self.ask(None).await.map_err(|refusal| refusal.error)?,
            Grant::RefreshToken => self.refresh(ledger, unkept).await?,
        };
        Ok(self.fresh(members))
    }

    /// Gets a token for the newest refresh token, and keeps the next one if there is one: the old one may be worth
    /// nothing from now on. The first one, which the operator has written, is tried again when the kept one is refused.
    async fn refresh<L: Ledger>(
        &self,
        ledger: &mut L,
        unkept: &mut Option<String>,
    ) -> Result<Map<String, Value>, AuthError> {
        let first = self.text(self.oauth.refresh_token.as_ref())?;
        let mut failure =
            AuthError::settings("there is no refresh token; set the secret that holds the first one");
        let mut tried: Vec<String> = Vec::new();
        for _ in 0..TRIES {
            let kept = ledger.refresh_token().await?;
            let newest = [unkept.clone(), kept.clone(), first.clone()].into_iter().flatten();
            let Some(token) = newest.into_iter().find(|token| !tried.contains(token)) else { break };
            self.secrets.conceal(&token);
            let members = match self.ask(Some(&token)).await {
                Ok(members) => members,
                Err(refusal) if refusal.grant => {
                    failure = refusal.error;
                    unkept.take_if(|unkept| *unkept == token);
                    tried.push(token);
                    continue;
                }
                Err(refusal) => return Err(refusal.error),
            };
            let next = members.get("refresh_token").and_then(Value::as_str).unwrap_or(&token).to_owned();
            if kept.as_ref() != Some(&next) && (kept.is_some() || first.as_ref() != Some(&next)) {
                *unkept = Some(next.clone());
                ledger.keep_refresh_token(kept.as_deref(), &next).await?;
                *unkept = None;
            }
            return Ok(members);
        }
        Err(failure)
    }

    async fn ask(&self, refresh_token: Option<&str>) -> Result<Map<String, Value>, Refusal> {
        let outgoing = self.request(refresh_token)?;
        self.exchange.tell(|| show::heading("login"));
        let answer = self
            .exchange
            .send_for_token(outgoing)
            .await
            .map_err(|error| AuthError::unanswered(WHO, &error))?;
        read(&answer, self.secrets)
    }

    fn request(&self, refresh_token: Option<&str>) -> Result<Outgoing, AuthError> {
        let url = self.oauth.token_url.render(self.context)?;
        let id = self.oauth.client_id.render(self.context)?;
        let grant = if refresh_token.is_some() { "refresh_token" } else { "client_credentials" };
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        let mut parameters = vec![("grant_type", grant.to_owned())];
        parameters.extend(refresh_token.map(|token| ("refresh_token", token.to_owned())));
        parameters.extend(self.text(self.oauth.scope.as_ref())?.map(|scope| ("scope", scope)));
        let secret = self.text(self.oauth.client_secret.as_ref())?;
        match (&self.oauth.assertion, self.oauth.client_in) {
            (Some(assertion), _) => {
                let signed = assertion::sign(assertion, &id, &url, self.context)?;
                self.secrets.conceal(&signed);
                parameters.push(("client_id", id));
                parameters.push(("client_assertion_type", assertion::TYPE.to_owned()));
                parameters.push(("client_assertion", signed));
            }
            (None, ClientIn::Basic) => drop(headers.insert(AUTHORIZATION, self.basic(&id, secret)?)),
            (None, ClientIn::Body | ClientIn::Json) => {
                parameters.push(("client_id", id));
                parameters.extend(secret.map(|secret| ("client_secret", secret)));
            }
        }
        for (name, value) in &self.oauth.parameters {
            parameters.push((name, value.render(self.context)?));
        }
        let (kind, body) = body(self.oauth.client_in, parameters);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let url = Url::parse(&url).map_err(|_| {
            AuthError::settings(format!(
                "\"{}\" comes to no URL; begin with https://",
                self.oauth.token_url.source()
            ))
        })?;
        Ok(Outgoing { method: Method::POST, url, headers, body: body.into() })
    }

    /// Both parts are form-encoded first (RFC 6749, 2.3.1).
    fn basic(&self, id: &str, secret: Option<String>) -> Result<HeaderValue, AuthError> {
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let both = format!("{}:{}", encode(id), encode(&secret.unwrap_or_default()));
        let value = format!("Basic {}", STANDARD.encode(both));
        self.secrets.conceal(&value);
        let mut value = HeaderValue::try_from(value).map_err(AuthError::settings)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What is made of an answer: its members but the refresh token, which is for us alone.
    fn fresh(&self, mut members: Map<String, Value>) -> Fresh {
        let secret = ["access_token", "id_token", "refresh_token"];
        let secret =
            secret.iter().filter_map(|name| members.get(*name)?.as_str().map(str::to_owned)).collect();
        members.remove("refresh_token");
        let said = members.get("expires_in").and_then(seconds);
        let lasts = said.or(self.oauth.expires_in.map(|seconds| Duration::from_secs(seconds.into())));
        Fresh { value: template::value(&members.into()), secret, lasts }
    }

    fn text(&self, text: Option<&Text>) -> Result<Option<String>, AuthError> {
        let text = text.map(|text| text.render(self.context)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self { grant: false, error }
    }
}

fn body(client_in: ClientIn, parameters: Vec<(&str, String)>) -> (&'static str, String) {
    if client_in == ClientIn::Json {
        let members: Map<_, _> =
            parameters.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
        return ("application/json", Value::Object(members).to_string());
    }
    let form = Serializer::new(String::new()).extend_pairs(parameters).finish();
    ("application/x-www-form-urlencoded", form)
}

fn read(answer: &Answer, secrets: &Secrets) -> Result<Map<String, Value>, Refusal> {
    let members: Map<String, Value> = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    if (200..300).contains(&answer.status) && !text("access_token").is_empty() {
        return Ok(members);
    }
    let grant = text("error") == "invalid_grant";
    Err(Refusal { grant, error: AuthError::refused(WHO, answer, secrets) })
}

/// A number of seconds, which some servers write as a text.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok()
}
