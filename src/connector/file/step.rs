//! One request of a connector, when it is made, and what is made of its answer.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Request;
use crate::connector::template::{Condition, Expression, Tree};
use crate::definitions::connection::ONLY_WHERE_NAMED;

/// A step.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// Name: its outputs are `steps.NAME`. 1–32 of `a–z`, `A–Z`, `0–9`, `_`, not starting with a digit.
    pub step_id: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// Types of the events it is for; where missing those of the file, and without any there all but
    /// [`ONLY_WHERE_NAMED`].
    #[serde(default)]
    pub on: Vec<String>,
    /// Only if this holds.
    #[serde(default)]
    pub when: Option<Condition>,
    /// What is sent.
    pub request: Request,
    /// All must hold for the answer to be a success; a 2xx status where missing.
    #[serde(default)]
    pub success_criteria: Vec<Condition>,
    /// What later steps may use, from `status`, `headers` (small letters) and `body`.
    #[serde(default)]
    pub outputs: BTreeMap<String, Tree>,
    /// What other answers mean, before the file's `errors`; the first that fits wins.
    #[serde(default)]
    pub on_failure: Vec<Failure>,
    /// What to keep under a link's key, once the step has succeeded: `person: "{{ outputs.id }}"`.
    #[serde(default)]
    pub remember: BTreeMap<String, Expression>,
    /// What happens if the request is sent twice, and whether it has to be. Must be said for a POST: a gateway that dies, or an answer that is
    /// lost, leaves open whether it took effect.
    #[serde(default)]
    pub repeat: Option<Repeat>,
}

/// What a repeated request does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Repeat {
    /// Nothing more than the first: the CRM knows it by a key, or it only reads.
    Safe,
    /// The same, and it is sent again at every attempt: its answer is of the moment.
    Fresh,
    /// It would take effect again, so look first whether it has.
    Lookup(Box<Lookup>),
}

/// How to find out whether an earlier try, whose answer is not known, took effect.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lookup {
    /// The question.
    pub request: Request,
    /// All must hold for the answer to be usable; a 2xx status where missing.
    #[serde(default)]
    pub success_criteria: Vec<Condition>,
    /// Whether the answer shows the effect.
    pub found: Condition,
    /// The step's outputs in that case.
    #[serde(default)]
    pub outputs: BTreeMap<String, Tree>,
    /// Seconds until the CRM shows what it has taken: no sooner after the earlier try is the question asked.
    #[serde(default)]
    pub settle: u32,
}

/// What an answer that is no success means.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Failure {
    /// Whether this is meant; always where missing.
    #[serde(default)]
    pub when: Option<Condition>,
    /// What follows. Without it there are `outputs`, and the step has succeeded after all.
    #[serde(default)]
    pub class: Option<Class>,
    /// Seconds to leave the CRM alone, where the answer has no `Retry-After`.
    #[serde(default)]
    pub retry_after: Option<Expression>,
    /// The outputs, if this is a success after all: the id of the record that was there already.
    #[serde(default)]
    pub outputs: Option<BTreeMap<String, Tree>>,
}

/// What follows from an answer that is no success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Try again later.
    Retry,
    /// Trying again makes no sense.
    Permanent,
    /// The credentials are refused: once with fresh ones, then later.
    Auth,
    /// The CRM has this delivery already: done.
    Duplicate,
    /// Somebody else has what this event wants of the CRM: done, and nothing was written there.
    Taken,
    /// Too many requests: the whole connection waits.
    Rate,
    /// The day's allowance is used up: the whole connection waits, an hour where the answer says nothing.
    Quota,
}

impl Step {
    /// Whether it is for events of that type.
    pub fn handles(&self, event: &str) -> bool {
        match self.on.as_slice() {
            [] => !ONLY_WHERE_NAMED.contains(&event),
            on => on.iter().any(|on| on == event),
        }
    }

    /// Whether it is sent again at every attempt.
    pub fn is_fresh(&self) -> bool {
        matches!(self.repeat, Some(Repeat::Fresh))
    }

    /// How to look whether an earlier try took effect.
    pub fn lookup(&self) -> Option<&Lookup> {
        match &self.repeat {
            Some(Repeat::Lookup(lookup)) => Some(lookup),
            _ => None,
        }
    }
}
