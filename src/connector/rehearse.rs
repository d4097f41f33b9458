//! The requests that a connector would send, without sending any: what only an answer or a secret can tell is shown by
//! its name, as `‹steps.find.id›`.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::merge_maps;

use super::Delivery;
use super::file::auth::{ClientIn, Grant, OAuth2};
use super::file::faults::names_in;
use super::file::{Auth, ConnectorFile, Request, Step};
use super::render::{Rendered, rendered};
use super::scope::{Parts, Scope};
use super::secret::Secrets;
use super::template::unknown::{REHEARSAL, Unknown};
use super::template::{Expression, TemplateError, Text, Tree};
use crate::definitions::Connection;

/// One request as it would be made.
#[derive(Debug)]
pub struct Rehearsed<'a> {
    /// Whose it is.
    pub part: Part<'a>,
    /// The request.
    pub request: Result<Rendered, Unmade>,
}

/// Whose request it is.
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// That of `auth`, sent once while its token lasts.
    Login,
    /// A step's own.
    Step(&'a Step),
    /// That of a step's `lookup`, sent where the step may have been done already.
    Lookup(&'a Step),
}

/// Why a request cannot be shown.
#[derive(Debug)]
pub enum Unmade {
    /// An answer decides.
    Later(TemplateError),
    /// It never could be made.
    Wrong(TemplateError),
}

/// What only an answer or a secret can tell. A value may be made of them, and an input may be missing.
const LATER: [&str; 6] = ["steps", "link", "value", "token", "secret", "input"];

/// Renders the requests of every step that is for the event, also of those whose `when` may turn out false.
///
/// # Errors
/// A template of the connection's `fields` cannot be evaluated.
pub fn rehearse<'a>(
    file: &'a ConnectorFile,
    connection: &Connection,
    delivery: &Delivery,
    public_url: &str,
) -> Result<Vec<Rehearsed<'a>>, TemplateError> {
    let secrets = Secrets::new(BTreeMap::new());
    let mut scope = Scope::new(&Parts { file, connection, secrets: &secrets, delivery, public_url })?;
    for name in ["secret", "token", "link"] {
        scope.set(name, Unknown::named(name));
    }
    scope.set(REHEARSAL, true.into());
    scope.add_inputs(missing(file, connection));
    let mut rehearsed = Vec::new();
    if let Some(request) = login(file, &scope) {
        rehearsed.push(Rehearsed { part: Part::Login, request });
    }
    for step in file.steps.iter().filter(|step| step.handles(&delivery.event.r#type)) {
        let of = |request| made(request, &file.server, &file.headers, file.auth.as_ref(), &scope);
        rehearsed.push(Rehearsed { part: Part::Step(step), request: of(&step.request) });
        let lookup = step.lookup().map(|lookup| of(&lookup.request));
        rehearsed.extend(lookup.map(|request| Rehearsed { part: Part::Lookup(step), request }));
        scope.know_step(&step.step_id, Unknown::named(&format!("steps.{}", step.step_id)));
    }
    Ok(rehearsed)
}

/// The request that gets a token, where one is wanted.
fn login(file: &ConnectorFile, scope: &Scope) -> Option<Result<Rendered, Unmade>> {
    let none = BTreeMap::new();
    match file.auth.as_ref()? {
        Auth::Login(login) => Some(made(&login.request, &file.server, &none, None, scope)),
        Auth::OAuth2(oauth) => {
            let (request, auth) = token_request(oauth);
            let made = made(&request, &file.server, &none, auth.as_ref(), scope);
            // An installation that wants no token.
            Some(made).filter(|made| !made.as_ref().is_ok_and(|request| request.address.is_empty()))
        }
        _ => None,
    }
}

/// The request of RFC 6749 as it would be written in a file.
fn token_request(oauth: &OAuth2) -> (Request, Option<Auth>) {
    let text = |text: &Text| Tree::Leaf(Expression::Text(text.clone()));
    let grant = match oauth.grant {
        Grant::ClientCredentials => "client_credentials",
        Grant::RefreshToken => "refresh_token",
    };
    let mut form = BTreeMap::from([("grant_type".to_owned(), Tree::Fixed(grant.into()))]);
    let mut add = |name: &str, value: Tree| drop(form.insert(name.to_owned(), value));
    oauth.scope.iter().for_each(|scope| add("scope", text(scope)));
    oauth.refresh_token.iter().for_each(|token| add("refresh_token", text(token)));
    oauth.parameters.iter().for_each(|(name, value)| add(name, text(value)));
    if oauth.assertion.is_some() {
        add("client_assertion", Tree::Fixed("‹signed by its key›".into()));
    }
    let password = oauth.client_secret.clone().unwrap_or_default();
    let auth = match oauth.client_in {
        ClientIn::Basic => Some(Auth::Basic { user: oauth.client_id.clone(), password }),
        ClientIn::Body | ClientIn::Json => {
            add("client_id", text(&oauth.client_id));
            oauth.client_secret.iter().for_each(|secret| add("client_secret", text(secret)));
            None
        }
    };
    let url = Some(oauth.token_url.clone());
    (Request { url, form: Some(form), ..Request::default() }, auth)
}

/// The inputs that the connection must set and does not.
fn missing(file: &ConnectorFile, connection: &Connection) -> BTreeMap<String, Value> {
    let missing = file
        .inputs
        .iter()
        .filter(|(name, input)| input.is_needed() && !connection.inputs.contains_key(*name));
    missing.map(|(name, _)| (name.clone(), Unknown::named(&format!("input.{name}")))).collect()
}

fn made(
    request: &Request,
    server: &Text,
    headers: &BTreeMap<String, Text>,
    auth: Option<&Auth>,
    scope: &Scope,
) -> Result<Rendered, Unmade> {
    let made = scope.context().and_then(|context| {
        let request = rendered(request, server, headers, &context)?;
        authenticated(request, auth, &context)
    });
    made.map_err(|error| {
        let later = names_in(error.template())
            .iter()
            .flat_map(|path| path.first())
            .any(|root| LATER.contains(&root.as_str()));
        if later { Unmade::Later(error) } else { Unmade::Wrong(error) }
    })
}

/// Shows where the credentials would stand.
fn authenticated(
    mut request: Rendered,
    auth: Option<&Auth>,
    context: &Value,
) -> Result<Rendered, TemplateError> {
    let mut header = |name: &str, value: String| request.headers.push((name.to_owned(), value));
    match auth {
        None => {}
        Some(Auth::Header { name, value }) => header(name, value.render(context)?),
        Some(Auth::Query { name, value }) => request.query.push((name.clone(), value.render(context)?)),
        Some(Auth::Basic { user, password }) => {
            let both = format!("{}:{}", user.render(context)?, password.render(context)?);
            header("authorization", format!("Basic ‹base64 of {both}›"));
        }
        Some(Auth::OAuth2(oauth)) if oauth.token_url.render(context)?.is_empty() => {}
        Some(Auth::OAuth2(oauth)) => header(&oauth.apply.header, oauth.apply.value.render(context)?),
        Some(Auth::Login(login)) => header(&login.apply.header, login.apply.value.render(context)?),
        Some(Auth::Hmac(hmac)) => {
            let signed = ["signature", "timestamp"].map(|name| (name, Unknown::named(name)));
            let context = merge_maps([context.clone(), Value::from_iter(signed)]);
            for (name, value) in &hmac.headers {
                header(name, value.render(&context)?);
            }
        }
        Some(Auth::StandardWebhooks { .. }) => {
            for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
                header(name, format!("‹{name}›"));
            }
        }
    }
    Ok(request)
}
