//! Requests and answers as a person reads them.

use std::fmt::Write;

use serde_json::Value;
use url::form_urlencoded;

use super::client::{Answer, RequestError};
use super::exchange::Outgoing;
use super::render::Rendered;
use super::verdict::Verdict;
use super::{Class, Outcome};

/// How much of a request or an answer is shown, in characters.
const SHOWN: usize = 4_000;

/// A request that was rendered but not made: nothing is encoded, so that names and values can be read.
pub fn rendered(request: &Rendered) -> String {
    let mut text = format!("{} {}", request.method, request.address);
    for (at, (name, value)) in request.query.iter().enumerate() {
        let _ = write!(text, "{}{name}={value}", if at == 0 { '?' } else { '&' });
    }
    text.push('\n');
    let headers = request.headers.iter().filter(|(_, value)| !value.is_empty());
    headers.for_each(|(name, value)| line(&mut text, name, value));
    text + &if request.is_form() { form(&request.body) } else { body(&request.body) }
}

/// A request as it was sent.
pub fn outgoing(request: &Outgoing) -> String {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        line(&mut text, name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    text + &body(&request.body)
}

/// What came back.
pub fn answer(answer: &Result<Answer, RequestError>) -> String {
    match answer {
        Ok(answer) => {
            let mut text = format!("\n→ {}\n", answer.status);
            for (name, value) in &answer.headers {
                line(&mut text, name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
            }
            text + &body(&answer.body)
        }
        Err(error) => format!("\n→ no answer: {error}\n"),
    }
}

/// What came back, without what it says: it may be a token.
pub fn status(answer: &Result<Answer, RequestError>) -> String {
    match answer {
        Ok(answer) => format!("\n→ {}, not shown\n", answer.status),
        Err(error) => format!("\n→ no answer: {error}\n"),
    }
}

/// The beginning of a text that is too long.
pub fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push_str("\n…\n");
    }
    text
}

/// What stands over a request.
pub fn heading(whose: &str) -> String {
    format!("\n── {whose} ──\n")
}

/// What an answer means for the step of that name.
pub(super) fn verdict(whose: &str, status: u16, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Success => format!("{whose}: {status}, done\n"),
        Verdict::Instead(_) => format!("{whose}: {status}, done after all\n"),
        Verdict::Failure { outcome, error } => format!("{whose}: {}, {error}\n", self::outcome(*outcome)),
    }
}

/// How an attempt ended, by the words of a connector's `class`, and what went wrong.
pub fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Retry { class: class @ (Class::Rate | Class::Quota | Class::Auth), .. } => {
            class.as_str().to_owned()
        }
        Outcome::Retry { class, .. } => format!("retry ({})", class.as_str()),
        Outcome::Permanent(class) => format!("permanent ({})", class.as_str()),
        Outcome::Delivered { .. } | Outcome::Taken | Outcome::Later { .. } => outcome.to_string(),
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "{name}: {value}");
}

/// A form-encoded body, a line each.
fn form(bytes: &[u8]) -> String {
    let mut text = "\n".to_owned();
    for (name, value) in form_urlencoded::parse(bytes) {
        let _ = writeln!(text, "{name}={value}");
    }
    text
}

/// JSON over several lines; anything else as it is.
fn body(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::new();
    }
    let json = serde_json::from_slice::<Value>(bytes).and_then(|json| serde_json::to_string_pretty(&json));
    let text = json.unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned());
    format!("\n{text}\n")
}
