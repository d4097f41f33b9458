//! The list of routes. A route can only be added together with its [`Operation`], so none is undocumented.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use serde_json::{Value, json};

use crate::http::App;
use crate::http::problem::Code;

/// What pages of other origins may do with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cors {
    /// Nothing: people and servers call it.
    None,
    /// Read it: the same public bytes for everyone.
    Any,
    /// Call it, if the site in the address lists their origin.
    Site,
}

/// What the OpenAPI document says of one method at one address.
#[derive(Clone, Debug)]
pub struct Operation {
    id: &'static str,
    summary: &'static str,
    cors: Cors,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Vec<(u16, Value)>,
    refusals: Vec<Code>,
    security: Option<Value>,
}

impl Operation {
    /// An operation with a unique id and one sentence.
    pub fn new(id: &'static str, summary: &'static str) -> Self {
        let (parameters, answers, refusals) = (Vec::new(), Vec::new(), Vec::new());
        Self { id, summary, cors: Cors::None, parameters, body: None, answers, refusals, security: None }
    }

    /// What other origins may do.
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = cors;
        self
    }

    /// A part of the address.
    pub fn path(self, name: &str, schema: Value) -> Self {
        self.parameter(json!({"name": name, "in": "path", "required": true, "schema": schema}))
    }

    /// A parameter behind `?`.
    pub fn query(self, name: &str, required: bool, schema: Value) -> Self {
        self.parameter(json!({"name": name, "in": "query", "required": required, "schema": schema}))
    }

    /// A header.
    pub fn header(self, name: &str, required: bool, description: &str, schema: Value) -> Self {
        self.parameter(json!({
            "name": name, "in": "header", "required": required, "description": description, "schema": schema
        }))
    }

    /// The body, by media type.
    pub fn body(mut self, content: Value) -> Self {
        self.body = Some(json!({"required": true, "content": content}));
        self
    }

    /// A success: its sentence and content by media type.
    pub fn answer(mut self, status: u16, description: &str, content: Value) -> Self {
        let answer = match content {
            Value::Null => json!({"description": description}),
            content => json!({"description": description, "content": content}),
        };
        self.answers.push((status, answer));
        self
    }

    /// Kinds of refusal.
    pub fn refuses(mut self, codes: &[Code]) -> Self {
        self.refusals.extend_from_slice(codes);
        self
    }

    /// A bearer token is needed.
    pub fn bearer(mut self) -> Self {
        self.security = Some(json!([{"bearer": []}]));
        self
    }

    /// A bearer token is needed for some of what may be sent.
    pub fn may_bear(mut self) -> Self {
        self.security = Some(json!([{}, {"bearer": []}]));
        self
    }

    fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// The members of the OpenAPI document. Two refusals need not be named: the framework's for an address that cannot
    /// be decoded, and CORS.
    fn document(mut self) -> Value {
        let in_path = self.parameters.iter().any(|parameter| parameter["in"] == "path");
        self.refusals.extend(in_path.then_some(Code::Malformed));
        self.refusals.extend((self.cors == Cors::Site).then_some(Code::OriginRefused));
        self.refusals.sort_by_key(|code| (code.status(), code.as_str()));
        self.refusals.dedup();
        let mut responses = serde_json::Map::new();
        for (status, answer) in &self.answers {
            responses.insert(status.to_string(), answer.clone());
        }
        for code in &self.refusals {
            let said = |code: &&Code| code.status().to_string();
            let same = self.refusals.iter().filter(|other| other.status() == code.status());
            let titles: Vec<String> =
                same.map(|code| format!("`{}` {}", code.as_str(), code.title())).collect();
            let mut content =
                json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
            let mut description = titles.join("; ");
            // Of one status, a page says some of it and a problem the rest.
            if let Some((_, page)) = self.answers.iter().find(|(status, _)| *status == code.status()) {
                description = format!("{}; {description}", page["description"].as_str().unwrap_or_default());
                if let (Some(content), Some(page)) = (content.as_object_mut(), page["content"].as_object()) {
                    content.extend(page.clone());
                }
            }
            responses.insert(said(&code), json!({"description": description, "content": content}));
        }
        let mut document = json!({"operationId": self.id, "summary": self.summary, "responses": responses});
        if !self.parameters.is_empty() {
            document["parameters"] = self.parameters.into();
        }
        if let Some(body) = self.body {
            document["requestBody"] = body;
        }
        if let Some(security) = self.security {
            document["security"] = security;
        }
        document
    }
}

/// What the outermost layer knows of an address.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Its place in the table, for the metrics.
    pub index: usize,
    /// What other origins may do.
    pub cors: Cors,
}

/// All addresses with their documentation.
#[derive(Default)]
pub struct Routes {
    router: Router<Arc<App>>,
    table: Table,
    paths: serde_json::Map<String, Value>,
}

/// The addresses by pattern.
#[derive(Debug, Default)]
pub struct Table {
    routes: HashMap<&'static str, Route>,
    patterns: Vec<&'static str>,
}

impl Table {
    /// The route of that pattern.
    pub fn get(&self, pattern: &str) -> Option<Route> {
        self.routes.get(pattern).copied()
    }

    /// All patterns; a route's index is its place.
    pub fn patterns(&self) -> &[&'static str] {
        &self.patterns
    }
}

impl Routes {
    /// Answers GET, and HEAD, at an address.
    pub fn get<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::GET, MethodFilter::GET, path, handler, operation)
    }

    /// Answers POST at an address.
    pub fn post<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::POST, MethodFilter::POST, path, handler, operation)
    }

    /// Answers PATCH at an address.
    pub fn patch<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::PATCH, MethodFilter::PATCH, path, handler, operation)
    }

    /// Answers DELETE at an address.
    pub fn delete<H, T>(self, path: &'static str, handler: H, operation: Operation) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        self.add(Method::DELETE, MethodFilter::DELETE, path, handler, operation)
    }

    /// The router, the table, and the document's `paths`.
    pub fn into_parts(self) -> (Router<Arc<App>>, Table, Value) {
        (self.router, self.table, self.paths.into())
    }

    fn add<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        handler: H,
        operation: Operation,
    ) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let Table { routes, patterns } = &mut self.table;
        routes.entry(path).or_insert_with(|| {
            patterns.push(path);
            Route { index: patterns.len() - 1, cors: operation.cors }
        });
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        item[method.as_str().to_ascii_lowercase()] = operation.document();
        self.router = self.router.route(path, on(filter, handler));
        self
    }
}
