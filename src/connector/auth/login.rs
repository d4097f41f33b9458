//! A token from a request of the CRM's own.

use std::collections::BTreeMap;
use std::time::Duration;

use minijinja::Value;
use serde_json::Map;

use super::tokens::Fresh;
use super::{AuthError, with};
use crate::connector::exchange::Exchange;
use crate::connector::file::ConnectorFile;
use crate::connector::file::auth::Login;
use crate::connector::scope::names_of;
use crate::connector::template;
use crate::connector::{render, show, verdict};

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
    file: &ConnectorFile,
    context: &Value,
    exchange: &Exchange<'_>,
) -> Result<Fresh, AuthError> {
    let outgoing = render::outgoing(&login.request, &file.server, &BTreeMap::new(), context)?;
    exchange.tell(|| show::heading("login"));
    let answer =
        exchange.send_for_token(outgoing).await.map_err(|error| AuthError::unanswered(WHO, &error))?;
    let context = with(context, names_of(&answer));
    let shortfall = verdict::shortfall(&answer, &context, &login.success_criteria, true)?;
    let said = verdict::of_login(&file.errors, &answer, &context, shortfall.is_none())?;
    if shortfall.is_some() || said.is_some() {
        return Err(AuthError::refused(WHO, &answer, exchange.secrets).told(said, shortfall));
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
