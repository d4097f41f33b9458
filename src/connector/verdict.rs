//! What an answer means.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use minijinja::Value;

use super::client::Answer;
use super::file::{self, Failure};
use super::template::{Condition, TemplateError, Tree};
use super::{Class, Outcome};

/// How long a connection waits when the day's allowance is used up and the CRM does not say for how long.
const QUOTA: Duration = Duration::from_secs(3600);

/// What follows from an answer.
#[derive(Debug)]
pub enum Verdict {
    /// The step's own outputs hold.
    Success,
    /// A success after all, with these outputs.
    Instead(BTreeMap<String, Tree>),
    /// The attempt ends.
    Failure {
        /// How.
        outcome: Outcome,
        /// Why, for staff.
        error: String,
    },
}

impl Verdict {
    /// Whether the credentials were refused.
    pub(super) fn is_auth(&self) -> bool {
        matches!(self, Self::Failure { outcome: Outcome::Retry { class: Class::Auth, .. }, .. })
    }
}

/// Judges by the criteria, then by what is said about failures, the step's and the file's, then by the status alone.
///
/// The file's errors count for a 2xx too: a CRM that says `{"error": …}` with 200 says so to every step. Where something
/// is read from the answer (`reads`), a page is none: it comes from what stands before a CRM that is away.
///
/// # Errors
/// A condition cannot be evaluated.
pub fn judge(
    answer: &Answer,
    context: &Value,
    criteria: &[Condition],
    failures: [&[Failure]; 2],
    reads: bool,
) -> Result<Verdict, TemplateError> {
    let [own, of_file] = failures;
    let refused = |why: String| format!("the CRM answered {}{why}", answer.status);
    let Some(shortfall) = shortfall(answer, context, criteria, reads)? else {
        return match told(of_file, answer, context, true)? {
            Some(failure) => {
                let condition = failure.when.as_ref().map_or("true", Condition::source);
                said(failure, answer, context, refused(format!(", and `{condition}` holds")))
            }
            None => Ok(Verdict::Success),
        };
    };
    let error = refused(shortfall.to_string());
    for failure in own {
        if failure.fits(context)? {
            return said(failure, answer, context, error);
        }
    }
    match told(of_file, answer, context, false)? {
        Some(failure) => said(failure, answer, context, error),
        None => {
            let outcome = usual(answer.status, retry_after(&answer.headers));
            Ok(Verdict::Failure { outcome, error })
        }
    }
}

/// The first of the file's `errors` that fits. A success is none only where an entry says when.
fn told<'f>(
    errors: &'f [Failure],
    answer: &Answer,
    context: &Value,
    succeeded: bool,
) -> Result<Option<&'f Failure>, TemplateError> {
    let counts =
        |error: &&Failure| !succeeded || (is_2xx(answer) && error.when.is_some() && error.class.is_some());
    for error in errors.iter().filter(counts) {
        if error.fits(context)? {
            return Ok(Some(error));
        }
    }
    Ok(None)
}

/// What the file's `errors` say of a login's answer. Nothing is given up for it, since it is about the connection and not
/// about what is delivered.
///
/// # Errors
/// A condition cannot be evaluated.
pub(super) fn of_login(
    errors: &[Failure],
    answer: &Answer,
    context: &Value,
    succeeded: bool,
) -> Result<Option<Outcome>, TemplateError> {
    let Some(error) = told(errors, answer, context, succeeded)? else { return Ok(None) };
    Ok(match said(error, answer, context, String::new())? {
        Verdict::Failure { outcome: outcome @ Outcome::Retry { .. }, .. } => Some(outcome),
        Verdict::Failure { .. } => Some(Outcome::Retry { class: Class::Auth, after: None }),
        Verdict::Success | Verdict::Instead(_) => None,
    })
}

fn is_2xx(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

fn is_page(answer: &Answer) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

/// Why an answer is no success. Its text follows the status.
#[derive(Debug)]
pub(super) enum Shortfall<'c> {
    Status,
    Page,
    Criterion(&'c Condition),
}

impl fmt::Display for Shortfall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => Ok(()),
            Self::Page => f.write_str(" with a page instead of data"),
            Self::Criterion(condition) => write!(f, ", and `{}` does not hold", condition.source()),
        }
    }
}

/// Why an answer is no success. None where all criteria hold; without any, where the status is 2xx and, if something is
/// read from the answer (`reads`), it is no page.
///
/// # Errors
/// A condition cannot be evaluated.
pub(super) fn shortfall<'c>(
    answer: &Answer,
    context: &Value,
    criteria: &'c [Condition],
    reads: bool,
) -> Result<Option<Shortfall<'c>>, TemplateError> {
    if criteria.is_empty() {
        return Ok(match (is_2xx(answer), reads && is_page(answer)) {
            (false, _) => Some(Shortfall::Status),
            (true, true) => Some(Shortfall::Page),
            (true, false) => None,
        });
    }
    for condition in criteria {
        if !condition.holds(context)? {
            return Ok(Some(Shortfall::Criterion(condition)));
        }
    }
    Ok(None)
}

/// What the file says about this failure.
fn said(
    failure: &Failure,
    answer: &Answer,
    context: &Value,
    error: String,
) -> Result<Verdict, TemplateError> {
    let Some(class) = failure.class else {
        return Ok(Verdict::Instead(failure.outputs.clone().unwrap_or_default()));
    };
    let seconds = match &failure.retry_after {
        Some(seconds) => seconds.text(context)?.and_then(|text| text.parse::<f64>().ok()),
        None => None,
    };
    let said = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let after = retry_after(&answer.headers).or(said);
    let by_status = class_of(answer.status);
    let outcome = match class {
        file::Class::Retry => Outcome::Retry { class: by_status, after },
        file::Class::Permanent => Outcome::Permanent(by_status),
        file::Class::Auth => Outcome::Retry { class: Class::Auth, after },
        file::Class::Taken => Outcome::Taken,
        file::Class::Duplicate => Outcome::Delivered { duplicate: true },
        file::Class::Rate => Outcome::Retry { class: Class::Rate, after },
        file::Class::Quota => Outcome::Retry { class: Class::Quota, after: after.or(Some(QUOTA)) },
    };
    Ok(Verdict::Failure { outcome, error })
}

/// What a status means by itself. A refusal of the request will be the same tomorrow; a person must look, and may
/// replay. A success that is none by the file's criteria is tried again.
fn usual(status: u16, after: Option<Duration>) -> Outcome {
    let class = class_of(status);
    match status {
        401 | 403 | 407 | 408 | 425 | 429 => Outcome::Retry { class, after },
        400..=499 => Outcome::Permanent(class),
        _ => Outcome::Retry { class, after },
    }
}

fn class_of(status: u16) -> Class {
    match status {
        300..=399 => Class::Redirect,
        401 | 403 | 407 => Class::Auth,
        408 => Class::Timeout,
        410 => Class::Gone,
        429 => Class::Rate,
        200..=299 | 400..=499 => Class::Rejected,
        _ => Class::Server,
    }
}

/// `Retry-After` in either of its forms (RFC 9110, 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
    Duration::try_from(date.duration_since(Timestamp::now())).ok()
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn after(text: &str) -> Option<Duration> {
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).unwrap())]))
    }

    fn verdict(kind: &'static str, body: &'static str, errors: &[Failure], reads: bool) -> Verdict {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        let answer = Answer { status: 200, headers, body: body.into() };
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let names = [("status", Value::from(200)), ("body", super::super::template::value(&body))];
        let context = Value::from(BTreeMap::from(names));
        judge(&answer, &context, &[], [&[], errors], reads).unwrap()
    }

    #[test]
    fn an_error_with_200_is_a_failure_of_every_step() {
        let errors = serde_json::json!([{"when": "body.error", "class": "permanent"}]);
        let errors: Vec<Failure> = serde_json::from_value(errors).unwrap();
        let json = "application/json";
        assert!(matches!(verdict(json, r#"{"error": ["boom"]}"#, &errors, true), Verdict::Failure { .. }));
        assert!(matches!(verdict(json, r#"{"result": [1]}"#, &errors, true), Verdict::Success));
    }

    #[test]
    fn a_page_where_data_is_read_is_tried_again_later() {
        let page = verdict("text/html; charset=utf-8", "<html>", &[], true);
        assert!(matches!(page, Verdict::Failure { outcome: Outcome::Retry { .. }, .. }));
        assert!(matches!(verdict("text/html", "<html>", &[], false), Verdict::Success));
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after("Sun, 06 Nov 1994 08:49:37 GMT"), None);
        assert!(
            after("Fri, 31 Dec 2100 23:59:59 GMT").is_some_and(|wait| wait > Duration::from_secs(86_400))
        );
        assert_eq!(after("soon"), None);
    }

    #[test]
    fn a_refusal_of_the_request_is_permanent_and_nothing_else_is() {
        for status in 100..=599 {
            let permanent = matches!(usual(status, None), Outcome::Permanent(_));
            let refusal = (400..500).contains(&status) && ![401, 403, 407, 408, 425, 429].contains(&status);
            assert_eq!(permanent, refusal, "{status}");
        }
    }
}
