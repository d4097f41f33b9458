//! From a request as it is written to one that can be sent.

use std::collections::BTreeMap;
use std::fmt;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use super::exchange::Outgoing;
use super::file::Request;
use super::file::request::Method;
use super::template::{TemplateError, Text, Tree};

/// Media type of a form-encoded body.
const FORM: &str = "application/x-www-form-urlencoded";

/// A request that cannot be made from what is known.
#[derive(Debug)]
pub enum RenderError {
    /// A template refuses.
    Template(TemplateError),
    /// What the server, the path or `url` came to is no URL.
    Url(String),
    /// What a header came to cannot be sent: a line break in it, say.
    Header(String),
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(cause) => write!(f, "the template {cause}"),
            Self::Url(template) => write!(f, "\"{template}\" comes to no URL; begin with https://"),
            Self::Header(name) => write!(f, "the header {name} comes to a value that cannot be sent"),
        }
    }
}

impl std::error::Error for RenderError {}

impl From<TemplateError> for RenderError {
    fn from(cause: TemplateError) -> Self {
        Self::Template(cause)
    }
}

/// A request in words: what templates came to, before anything is encoded.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The method.
    pub method: hyper::Method,
    /// Server and path, or the request's own URL.
    pub address: String,
    /// How the address was written.
    template: String,
    /// Parameters of the query.
    pub query: Vec<(String, String)>,
    /// Headers, in the order in which they count: a later one replaces an earlier.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

impl Rendered {
    /// Whether its body is form-encoded.
    pub fn is_form(&self) -> bool {
        self.headers.iter().any(|(name, value)| name == "content-type" && value == FORM)
    }
}

/// Renders a request. `headers` are those of the whole file, which the request's own replace.
///
/// # Errors
/// A template refuses.
pub fn rendered(
    request: &Request,
    server: &Text,
    headers: &BTreeMap<String, Text>,
    context: &minijinja::Value,
) -> Result<Rendered, TemplateError> {
    let (address, template) = address(request, server, context)?;
    let (body, kind) = body(request, context)?;
    let mut all: Vec<_> = kind.map(|kind| ("content-type".to_owned(), kind)).into_iter().collect();
    for (name, value) in headers.iter().chain(&request.headers) {
        all.push((name.clone(), value.render(context)?));
    }
    let query = pairs(&request.query, context)?;
    Ok(Rendered { method: method(request.method), address, template, query, headers: all, body })
}

/// Renders a request so that it can be sent.
///
/// # Errors
/// See [`RenderError`].
pub fn outgoing(
    request: &Request,
    server: &Text,
    headers: &BTreeMap<String, Text>,
    context: &minijinja::Value,
) -> Result<Outgoing, RenderError> {
    let Rendered { method, address, template, query, headers, body } =
        rendered(request, server, headers, context)?;
    let mut url = Url::parse(&address).map_err(|_| RenderError::Url(template))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut all = HeaderMap::new();
    for (name, value) in &headers {
        set_header(&mut all, name, value)?;
    }
    Ok(Outgoing { method, url, headers: all, body: body.into() })
}

/// Sets a header; an empty value is none.
///
/// # Errors
/// [`RenderError::Header`].
pub fn set_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), RenderError> {
    let fault = || RenderError::Header(name.to_owned());
    if value.is_empty() {
        return Ok(());
    }
    headers.insert(
        HeaderName::try_from(name).map_err(|_| fault())?,
        HeaderValue::try_from(value).map_err(|_| fault())?,
    );
    Ok(())
}

/// The address and how it was written.
fn address(
    request: &Request,
    server: &Text,
    context: &minijinja::Value,
) -> Result<(String, String), TemplateError> {
    if let Some(url) = &request.url {
        return Ok((url.render(context)?, url.source().to_owned()));
    }
    let (mut address, path) = (server.render(context)?, request.path.render(context)?);
    // Without a path the URL is meant as it is written, with a slash at its end or without.
    if !path.is_empty() {
        address.truncate(address.trim_end_matches('/').len());
        address.push_str(&path);
    }
    Ok((address, format!("{}{}", server.source(), request.path.source())))
}

/// The body's bytes and media type. JSON by a serialiser, never by text.
fn body(request: &Request, context: &minijinja::Value) -> Result<(Vec<u8>, Option<String>), TemplateError> {
    if let Some(form) = &request.form {
        let encoded = Serializer::new(String::new()).extend_pairs(pairs(form, context)?).finish();
        return Ok((encoded.into(), Some(FORM.to_owned())));
    }
    let Some(tree) = &request.body else { return Ok((Vec::new(), request.content_type.clone())) };
    let kind = request.content_type.clone().unwrap_or_else(|| "application/json".to_owned());
    let json = tree.render(context)?.unwrap_or(Value::Null);
    Ok((serde_json::to_vec(&json).unwrap_or_default(), Some(kind)))
}

/// Names and values; a list gives its name to each item, and what is nothing is left out.
fn pairs(
    trees: &BTreeMap<String, Tree>,
    context: &minijinja::Value,
) -> Result<Vec<(String, String)>, TemplateError> {
    let mut pairs = Vec::new();
    for (name, tree) in trees {
        match tree.render(context)? {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => pairs.extend(items.iter().map(|item| (name.clone(), plain(item)))),
            Some(value) => pairs.push((name.clone(), plain(&value))),
        }
    }
    Ok(pairs)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn method(method: Method) -> hyper::Method {
    match method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Patch => hyper::Method::PATCH,
        Method::Delete => hyper::Method::DELETE,
    }
}
