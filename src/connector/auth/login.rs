//! A token from a request of the CRM's own.

use std::collections::BTreeMap;
use std::time::Duration;

use minijinja::Value;
use serde_json::Map;

use super::tokens::Fresh;
use super::{AuthError, with};
use crate::connector::exchange::Exchange;
use crate::connector::file::auth::Login;
use crate::connector::render;
use crate::connector::scope::names_of;
use crate::connector::template::{self, Text};
use crate::connector::verdict::succeeded;

/// What the CRM is called in errors.
const WHO: &str = "the CRM's login";

/// A shorter output is a number or a name, and a hole in every text where it were concealed.
const SECRET: usize = 8;

/// Logs in.
///
/// # Errors
/// The request cannot be made, is not answered, or the answer is a refusal.
pub(super) async fn fetch(
    login: &Login,
    server: &Text,
    context: &Value,
    exchange: &Exchange<'_>,
) -> Result<Fresh, AuthError> {
    let outgoing = render::outgoing(&login.request, server, &BTreeMap::new(), context)?;
    let answer =
        exchange.send_for_token(outgoing).await.map_err(|error| AuthError::unanswered(WHO, &error))?;
    let context = with(context, names_of(&answer));
    if !succeeded(&answer, &context, &login.success_criteria)? {
        return Err(AuthError::refused(WHO, &answer, exchange.secrets));
    }
    let mut outputs = Map::new();
    for (name, tree) in &login.outputs {
        outputs.extend(tree.render(&context)?.map(|value| (name.clone(), value)));
    }
    if outputs.is_empty() {
        return Err(AuthError::refused(WHO, &answer, exchange.secrets));
    }
    let lasts = match &login.expires_in {
        Some(seconds) => seconds.text(&context)?.and_then(|text| text.parse().ok()),
        None => None,
    };
    let texts = outputs.values().filter_map(serde_json::Value::as_str);
    let secret = texts.filter(|text| text.len() >= SECRET).map(str::to_owned).collect();
    let lasts = lasts.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Ok(Fresh { value: template::value(&outputs.into()), secret, lasts })
}
