//! What is sent.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::connector::template::{Text, Tree};

/// One HTTP request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Request {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Appended to the server: starts with `/`, or empty. Values in it are not encoded by themselves: `{{ x | urlencode }}`.
    #[serde(default)]
    pub path: Text,
    /// A whole URL instead of server and path.
    #[serde(default)]
    pub url: Option<Text>,
    /// Parameters of the query, encoded by the engine; those that render to nothing are left out. A list is repeated.
    #[serde(default)]
    pub query: BTreeMap<String, Tree>,
    /// Headers; those that render to nothing are left out.
    #[serde(default)]
    pub headers: BTreeMap<String, Text>,
    /// A JSON body: any tree.
    #[serde(default)]
    pub body: Option<Tree>,
    /// A form-encoded body (`application/x-www-form-urlencoded`) instead.
    #[serde(default)]
    pub form: Option<BTreeMap<String, Tree>>,
    /// Media type of a JSON body; `application/json` where missing.
    #[serde(default)]
    pub content_type: Option<String>,
}

/// A method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "RFC 9110")]
pub enum Method {
    Get,
    #[default]
    Post,
    Put,
    Patch,
    Delete,
}
