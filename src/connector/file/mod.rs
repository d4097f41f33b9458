//! A connector as it is written: one YAML file that says which requests bring an event into a CRM.
//!
//! # Layout
//!
//! - [`ConnectorFile`] and its parts: the file's shape, read by serde
//! - [`request`] what is sent; [`step`] when, and what is made of the answer; [`auth`] who we are to the CRM
//! - [`yaml`] the file's syntax; [`faults`] what is wrong with a file
//!
//! The words are those of the OpenAPI Initiative's Arazzo specification where it has one: inputs, steps, success
//! criteria, outputs, on failure. Strings are templates ([`crate::connector::template`]).

pub mod auth;
pub mod faults;
pub mod request;
mod scalar;
pub mod step;
pub mod yaml;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub use self::auth::Auth;
use self::faults::names_in;
use self::request::Method;
pub use self::request::Request;
pub use self::step::{Class, Failure, Lookup, Repeat, Step};

use super::template::{Condition, Expression, Text};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectorFile {
    /// Name that connections use: 1–64 of `a–z`, `0–9`, `-`. The file's name without `.yaml`.
    pub connector: String,
    /// The CRM's name, for people.
    pub title: String,
    /// How the file was verified.
    pub verified: Verified,
    /// Where the CRM's API is documented.
    #[serde(default)]
    pub docs: Vec<String>,
    /// Types of the events that steps are for which name none; all where missing.
    #[serde(default)]
    pub on: Vec<String>,
    /// The URL that a connection has when it names none.
    #[serde(default)]
    pub url: Option<String>,
    /// What every request's path is appended to; the connection's URL where missing. A token's answer may say: `{{ token.instance_url }}`.
    #[serde(default = "server")]
    pub server: Text,
    /// Hosts that requests may go to besides the URL's own: `login.example.com`, or `*.example.com` for all below it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// What a connection may set.
    #[serde(default)]
    pub inputs: BTreeMap<String, Input>,
    /// Which secrets a connection must have.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretInput>,
    /// Who we are to the CRM; nobody where missing.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// Headers of every request of the steps.
    #[serde(default)]
    pub headers: BTreeMap<String, Text>,
    /// What the CRM allows; a connection may choose less.
    #[serde(default)]
    pub limits: Limits,
    /// What is remembered from one event to the next: a name and the key under which the CRM's id is kept, e.g.
    /// `person: "{{ contact.email or contact.phone }}"`. Events with the same key go one after the other.
    #[serde(default)]
    pub links: BTreeMap<String, Expression>,
    /// Values under a name of their own, `value.NAME`, evaluated whenever they are used:
    /// `person: "{{ link.person or steps.find.id or steps.create.id }}"`.
    #[serde(default)]
    pub values: BTreeMap<String, Expression>,
    /// What failed answers mean, before the usual meanings of their status; the first that fits wins.
    #[serde(default)]
    pub errors: Vec<Failure>,
    /// The requests, in order.
    pub steps: Vec<Step>,
}

/// What a file's claim to work rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verified {
    /// Requests were accepted by the real software.
    Live,
    /// Requests were held against the vendor's own machine-readable description.
    Description,
    /// Written from documentation, tried against our own imitation only.
    Documentation,
}

/// Something a connection may set, in its `inputs`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is, for whoever sets up a connection.
    pub description: String,
    /// Its value where a connection sets none. Without it, and if not `optional`, the connection must.
    #[serde(default)]
    pub default: Option<Value>,
    /// Whether it may be left out without a default.
    #[serde(default)]
    pub optional: bool,
}

impl Input {
    /// Whether a connection must set it.
    pub fn is_needed(&self) -> bool {
        self.default.is_none() && !self.optional
    }
}

/// A secret that a connection must have, in its `secrets`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretInput {
    /// What it is and where the CRM shows it.
    pub description: String,
    /// Whether it may be left out.
    #[serde(default)]
    pub optional: bool,
}

/// How much a CRM takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// This many requests …
    #[serde(default)]
    pub requests: Option<u32>,
    /// … in this many seconds.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// Deliveries at the same time.
    #[serde(default)]
    pub concurrency: Option<u32>,
}

impl ConnectorFile {
    /// Gives the steps what they take from the file.
    fn complete(mut self) -> Self {
        for step in self.steps.iter_mut().filter(|step| step.on.is_empty()) {
            step.on.clone_from(&self.on);
        }
        self
    }

    /// Whether a step is there for events of that type, e.g. `submission.created`.
    pub fn handles(&self, event: &str) -> bool {
        self.steps.iter().any(|step| step.handles(event))
    }

    /// The step of that id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.step_id == id)
    }
}

impl ConnectorFile {
    /// Whether what a step remembers of its answer must be there: its request makes something, and no step has a `when`
    /// by which that would be found or made otherwise.
    pub fn must_remember(&self, step: &Step, value: &Expression) -> bool {
        let makes = step.request.method != Method::Get;
        let of_answer = |path: &Vec<String>| {
            path.first().is_some_and(|root| ["outputs", "body", "headers"].contains(&root.as_str()))
        };
        makes && names_in(value.source()).iter().any(of_answer) && !self.asks_about(&step.step_id)
    }

    /// Whether a step's `when` looks at the outputs of the step `id`, itself or by one of the file's values.
    fn asks_about(&self, id: &str) -> bool {
        let of_step = |path: &[String]| path.starts_with(&["steps".to_owned(), id.to_owned()]);
        let looks = |path: &[String]| match path {
            [root, name, ..] if root == "value" => {
                let value = self.values.get(name);
                value.is_some_and(|value| names_in(value.source()).iter().any(|path| of_step(path)))
            }
            path => of_step(path),
        };
        let mut conditions = self.steps.iter().filter_map(|step| step.when.as_ref());
        conditions.any(|when| names_in(when.source()).iter().any(|path| looks(path)))
    }
}

impl Failure {
    /// Whether it fits an answer.
    ///
    /// # Errors
    /// The condition cannot be evaluated.
    pub fn fits(&self, context: &minijinja::Value) -> Result<bool, super::template::TemplateError> {
        self.when.as_ref().map_or(Ok(true), |condition: &Condition| condition.holds(context))
    }
}

fn server() -> Text {
    Text::endpoint()
}
