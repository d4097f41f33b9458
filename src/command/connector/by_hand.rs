//! The connection that `connector try` uses where none is defined: made of the command line.

use clap::Args;
use serde_json::{Map, Value, json};
use url::Url;

use crate::connector::file::ConnectorFile;
use crate::connector::file::faults::instead;
use crate::definitions::{Connection, Site};
use crate::error::Error;

/// What is said of it.
#[derive(Args)]
pub struct ByHand {
    /// The CRM's URL, where no connection says it
    #[arg(long, conflicts_with = "connection")]
    url: Option<String>,
    /// An input; the value may be JSON
    #[arg(long = "input", value_name = "NAME=VALUE", conflicts_with = "connection")]
    inputs: Vec<String>,
    /// A secret, and the environment variable that holds it
    #[arg(long = "secret", value_name = "NAME=VARIABLE", conflicts_with = "connection")]
    secrets: Vec<String>,
}

impl ByHand {
    /// The connection, and a site for it. To `send` it must say everything that the connector asks for.
    ///
    /// # Errors
    /// What the command line says wrongly or leaves out, and what to write.
    pub fn connection(&self, file: &ConnectorFile, send: bool) -> Result<(Connection, Site), Error> {
        let inputs = pairs("--input NAME=VALUE", &self.inputs)?;
        let secrets = pairs("--secret NAME=VARIABLE", &self.secrets)?;
        declared("--input", &inputs, file.inputs.keys(), &file.connector)?;
        declared("--secret", &secrets, file.secrets.keys(), &file.connector)?;
        if send {
            complete(file, &inputs, &secrets)?;
        }
        let json = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        let inputs: Map<_, _> = inputs.iter().map(|(name, text)| (name.clone(), json(text))).collect();
        let secrets: Map<_, _> =
            secrets.into_iter().map(|(name, variable)| (name, json!({"env": variable}))).collect();
        let connection = json!({
            "name": "try", "connector": file.connector, "url": self.url(file, send)?, "inputs": inputs,
            "secrets": secrets, "allowPrivate": true
        });
        let connection =
            serde_json::from_value(connection).map_err(|cause| Error::Command(cause.to_string()))?;
        let site = json!({
            "key": "clinic", "name": "Lakeside Clinic", "timeZone": "Asia/Shanghai", "languages": ["en"]
        });
        let site = serde_json::from_value(site).map_err(|cause| Error::Command(cause.to_string()))?;
        Ok((connection, site))
    }

    fn url(&self, file: &ConnectorFile, send: bool) -> Result<String, Error> {
        let Some(url) = &self.url else {
            return match &file.url {
                Some(url) => Ok(url.clone()),
                None if send => Err(refused(format!(
                    "--url: it is missing; write the address of your {}: https://…",
                    file.title
                ))),
                None => Ok("https://crm.example.com".to_owned()),
            };
        };
        let usable =
            Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host());
        if usable {
            return Ok(url.clone());
        }
        let bare = url.split_once("://").map_or(url.as_str(), |(_, bare)| bare).trim_start_matches('/');
        Err(refused(format!("--url {url}: requests cannot be sent there; write https://{bare}")))
    }
}

/// Everything must be declared by the connector.
fn declared<'f>(
    option: &str,
    given: &[(String, String)],
    declared: impl Iterator<Item = &'f String> + Clone,
    connector: &str,
) -> Result<(), Error> {
    let known = |name: &String| declared.clone().any(|declared| declared == name);
    given.iter().map(|(name, _)| name).find(|name| !known(name)).map_or(Ok(()), |name| {
        let fix = instead(name, declared.clone().map(String::as_str));
        Err(refused(format!("{option} {name}: the connector {connector} knows no \"{name}\"; {fix}")))
    })
}

/// Nothing that the connector asks for may be missing.
fn complete(
    file: &ConnectorFile,
    inputs: &[(String, String)],
    secrets: &[(String, String)],
) -> Result<(), Error> {
    let given = |pairs: &[(String, String)], name: &str| pairs.iter().any(|(given, _)| given == name);
    for (name, input) in &file.inputs {
        if input.is_needed() && !given(inputs, name) {
            return Err(refused(format!("add --input {name}=VALUE: {}", input.description)));
        }
    }
    for (name, secret) in &file.secrets {
        if !secret.optional && !given(secrets, name) {
            let what = "VARIABLE is the environment variable that holds it";
            return Err(refused(format!("add --secret {name}=VARIABLE: {}; {what}", secret.description)));
        }
    }
    for (name, variable) in secrets {
        if std::env::var_os(variable).is_none_or(|value| value.is_empty()) {
            let fix = format!("export {variable}=… first, or name the variable that holds the secret");
            return Err(refused(format!(
                "--secret {name}={variable}: the environment variable {variable} is not set; {fix}"
            )));
        }
    }
    Ok(())
}

fn pairs(shape: &str, texts: &[String]) -> Result<Vec<(String, String)>, Error> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    // What stands there may be a secret itself.
    texts.iter().map(|text| pair(text).ok_or_else(|| refused(format!("write {shape}")))).collect()
}

fn refused(why: String) -> Error {
    Error::Command(why)
}
