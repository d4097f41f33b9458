//! The names that a connector's templates see.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use minijinja::Value;
use minijinja::value::merge_maps;
use serde_json::{Map, json};

use super::client::Answer;
use super::contact::Contact;
use super::file::ConnectorFile;
use super::secret::Secrets;
use super::template::tree::json as to_json;
use super::template::{self, Expression, TemplateError};
use super::{Delivery, route, text};
use crate::definitions::Connection;

/// What is known so far of one delivery. Cheap to clone.
#[derive(Clone)]
pub struct Scope {
    names: BTreeMap<String, Value>,
    steps: BTreeMap<String, Value>,
    values: BTreeMap<String, Expression>,
}

/// From whom and for whom a scope is made.
pub struct Parts<'a> {
    /// The connector.
    pub file: &'a ConnectorFile,
    /// The connection.
    pub connection: &'a Connection,
    /// Its secrets.
    pub secrets: &'a Secrets,
    /// What is delivered.
    pub delivery: &'a Delivery,
    /// The gateway's own address.
    pub public_url: &'a str,
}

impl Scope {
    /// The names that do not depend on any answer.
    ///
    /// # Errors
    /// A template of the connection's `fields` cannot be evaluated.
    pub fn new(parts: &Parts<'_>) -> Result<Self, TemplateError> {
        let Parts { file, connection, secrets, delivery, public_url } = parts;
        let event = &delivery.event;
        let text = text::text(event);
        let endpoint = connection.url_or(file.url.as_deref());
        let contact = Contact::of(event, &connection.contact);
        let route = route::choose(&connection.routes, &route::names(event, &contact));
        let route = route.map(|(_, route)| route.set.clone()).unwrap_or_default();
        let mut names: BTreeMap<String, Value> = [
            (
                "event",
                template::value(&json!({"type": event.r#type, "id": event.id(), "at": event.timestamp})),
            ),
            ("data", template::value(&json!(event.data))),
            ("site", template::value(&json!(delivery.site))),
            ("contact", template::value(&json!(contact))),
            ("route", template::value(&route.into())),
            ("payload", template::value(&json!(event))),
            (
                "message",
                delivery.message.as_ref().map(|told| template::value(&json!(told))).unwrap_or_default(),
            ),
            ("delivery", template::value(&json!({"id": delivery.id}))),
            ("html", Value::from(template::filters::text::html(&text))),
            ("text", Value::from(text)),
            ("title", Value::from(text::title(event))),
            ("marker", Value::from(event.id())),
            ("input", template::value(&inputs(file, connection))),
            ("secret", secrets.names()),
            ("url", Value::from(endpoint.trim_end_matches('/'))),
            ("endpoint", Value::from(endpoint.as_str())),
            ("public_url", Value::from(*public_url)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        for name in ["answers", "fields", "lang", "form"] {
            names.insert(name.to_owned(), event.data.get(name).map(template::value).unwrap_or_default());
        }
        let mut scope = Self { names, steps: BTreeMap::new(), values: file.values.clone() };
        let custom = scope.custom(connection)?;
        scope.set("custom", custom);
        Ok(scope)
    }

    /// Adds or replaces a name at the root.
    pub fn set(&mut self, name: &str, value: Value) {
        self.names.insert(name.to_owned(), value);
    }

    /// Adds inputs that the connection does not set.
    pub fn add_inputs(&mut self, more: BTreeMap<String, Value>) {
        let inputs = self.names.get("input").cloned().unwrap_or_default();
        self.set("input", merge_maps([inputs, Value::from(more)]));
    }

    /// Adds a step's outputs.
    pub fn set_step(&mut self, step: &str, outputs: &serde_json::Value) {
        self.know_step(step, template::value(outputs));
    }

    /// Adds a step's outputs as templates see them.
    pub fn know_step(&mut self, step: &str, outputs: Value) {
        self.steps.insert(step.to_owned(), outputs);
    }

    /// All names, for a template.
    ///
    /// # Errors
    /// One of the file's `values` cannot be evaluated.
    pub fn context(&self) -> Result<Value, TemplateError> {
        let mut names = self.names.clone();
        names.insert("steps".to_owned(), Value::from(self.steps.clone()));
        let context = Value::from(names.clone());
        if self.values.is_empty() {
            return Ok(context);
        }
        let value = |(name, value): (&String, &Expression)| Ok((name.clone(), value.evaluate(&context)?));
        let values: BTreeMap<String, Value> = self.values.iter().map(value).collect::<Result<_, _>>()?;
        names.insert("value".to_owned(), Value::from(values));
        Ok(Value::from(names))
    }

    /// The names with those of an answer.
    ///
    /// # Errors
    /// As [`Scope::context`].
    pub fn answered(&self, answer: &Answer) -> Result<Self, TemplateError> {
        let mut scope = self.clone();
        names_of(answer).into_iter().for_each(|(name, value)| scope.set(name, value));
        Ok(scope)
    }

    /// The connection's `fields`: the name of an answer, or a template.
    fn custom(&self, connection: &Connection) -> Result<Value, TemplateError> {
        let context = self.context()?;
        let answers = self.names.get("answers").cloned().unwrap_or_default();
        let mut custom = Map::new();
        for (key, source) in &connection.fields {
            let value = match source.contains("{{") {
                true => Expression::try_from(source.clone())?.evaluate(&context)?,
                false => answers.get_item(&Value::from(source.as_str())).unwrap_or_default(),
            };
            custom.extend(to_json(&value).map(|value| (key.clone(), value)));
        }
        Ok(template::value(&serde_json::Value::Object(custom)))
    }
}

/// The connection's inputs, and the file's defaults for those it does not set.
fn inputs(file: &ConnectorFile, connection: &Connection) -> serde_json::Value {
    let defaults =
        file.inputs.iter().filter_map(|(name, input)| Some((name.clone(), input.default.clone()?)));
    let mut inputs: Map<String, serde_json::Value> = defaults.collect();
    inputs.extend(connection.inputs.clone());
    inputs.into()
}

/// What templates know of an answer.
pub(super) fn names_of(answer: &Answer) -> [(&'static str, Value); 3] {
    [
        ("status", Value::from(answer.status)),
        ("headers", headers(&answer.headers)),
        ("body", body(&answer.body)),
    ]
}

fn headers(headers: &HeaderMap) -> Value {
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let named = headers.iter().map(|(name, value)| (name.to_string(), Value::from(text(value))));
    Value::from(named.collect::<BTreeMap<_, _>>())
}

/// JSON where it is, else the text.
fn body(bytes: &[u8]) -> Value {
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(json) => template::value(&json),
        Err(_) => Value::from(String::from_utf8_lossy(bytes).into_owned()),
    }
}
