//! The requests that a connector would send, without sending any: what only an answer or a secret can tell is shown by
//! its name, as `‹steps.find.id›`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};

use super::Delivery;
use super::file::{Auth, ConnectorFile, Step};
use super::render::{Rendered, rendered};
use super::scope::{Parts, Scope};
use super::secret::Secrets;
use super::template::TemplateError;
use crate::definitions::Connection;

/// One step as it would be made.
#[derive(Debug)]
pub struct Rehearsed<'a> {
    /// The step.
    pub step: &'a Step,
    /// Its request, or the template that needs an answer to be rendered.
    pub request: Result<Rendered, TemplateError>,
}

/// Renders the request of every step that is for the event, also of those whose `when` may turn out false.
///
/// # Errors
/// A template of the connection's `fields`, or of the file's `values`, cannot be evaluated.
pub fn rehearse<'a>(
    file: &'a ConnectorFile,
    connection: &Connection,
    delivery: &Delivery,
    public_url: &str,
) -> Result<Vec<Rehearsed<'a>>, TemplateError> {
    let secrets = Secrets::new(BTreeMap::new());
    let mut scope = Scope::new(&Parts { file, connection, secrets: &secrets, delivery, public_url })?;
    scope.set("secret", Unknown::named("secret"));
    scope.set("token", Unknown::named("token"));
    scope.set("link", Value::from(BTreeMap::<String, Value>::new()));
    let mut rehearsed = Vec::new();
    for step in file.steps.iter().filter(|step| step.handles(&delivery.event.r#type)) {
        let context = scope.context()?;
        let request = rendered(&step.request, &file.server, &file.headers, &context)
            .and_then(|request| authenticated(request, file.auth.as_ref(), &context));
        rehearsed.push(Rehearsed { step, request });
        scope.know_step(&step.step_id, Unknown::named(&format!("steps.{}", step.step_id)));
    }
    Ok(rehearsed)
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
        Some(Auth::Basic { user, .. }) => {
            header("authorization", format!("Basic ‹{}:password›", user.render(context)?));
        }
        Some(Auth::OAuth2(oauth)) if oauth.token_url.render(context)?.is_empty() => {}
        Some(Auth::OAuth2(oauth)) => header(&oauth.apply.header, oauth.apply.value.render(context)?),
        Some(Auth::Login(login)) => header(&login.apply.header, login.apply.value.render(context)?),
        Some(Auth::Hmac(hmac)) => hmac.headers.keys().for_each(|name| header(name, "‹signature›".to_owned())),
        Some(Auth::StandardWebhooks { .. }) => {
            for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
                header(name, format!("‹{name}›"));
            }
        }
    }
    Ok(request)
}

/// A value that is not known yet; so are all its members.
#[derive(Debug)]
struct Unknown(String);

impl Unknown {
    fn named(name: &str) -> Value {
        Value::from_object(Self(name.to_owned()))
    }
}

impl Object for Unknown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Self::named(&format!("{}.{key}", self.0)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "‹{}›", self.0)
    }
}
