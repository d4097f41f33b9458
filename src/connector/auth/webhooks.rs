//! Standard Webhooks 1.0: who receives a request can tell that it is ours, and whether it has seen it.

use hyper::header::{HeaderName, HeaderValue};
use jiff::Timestamp;
use minijinja::Value;

use super::AuthError;
use crate::connector::exchange::Outgoing;
use crate::connector::signature;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Adds the headers. The id is the delivery's and the same at every attempt; the timestamp is the attempt's. Unsigned
/// where `secret` is empty.
///
/// # Errors
/// `secret` is no signing secret.
pub(super) fn sign(secret: &str, outgoing: &mut Outgoing, context: &Value) -> Result<(), AuthError> {
    let id = context.get_attr("delivery").and_then(|delivery| delivery.get_attr("id"));
    let id = id.unwrap_or_default().to_string();
    let now = Timestamp::now().as_second();
    let unsendable = |_| AuthError::settings("the delivery's id cannot be sent");
    let headers = &mut outgoing.headers;
    if !secret.is_empty() {
        let secrets = signature::Secrets::parse(secret).map_err(AuthError::settings)?;
        let signature = secrets.sign(&id, now, &outgoing.body);
        headers.insert(SIGNATURE, HeaderValue::try_from(signature).map_err(unsendable)?);
    }
    headers.insert(ID, HeaderValue::try_from(id).map_err(unsendable)?);
    headers.insert(TIMESTAMP, HeaderValue::from(now));
    Ok(())
}
