//! The secrets of a connection: read where the definition says, and never shown.
//!
//! They are read anew for each delivery, so a secret that was replaced is used at once, without a restart where it is in
//! a file. What leaves the gateway's memory other than in a request (a log line, an attempt's record, a print) goes through
//! [`Secrets::redact`] first.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{PoisonError, RwLock};

use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::file::{ConnectorFile, SecretInput};
use super::redact::Redactor;

use crate::definitions::{Connection, Secret};

/// How large a secret may be: four certificates with their keys would fit.
const LARGEST: u64 = 64 * 1024;

/// The secrets of one connection, in clear.
#[derive(Default)]
pub struct Secrets {
    values: BTreeMap<String, String>,
    redactor: RwLock<Redactor>,
}

/// A secret cannot be had. The words name the connection, the secret, its place and the fix, never its value.
#[derive(Debug)]
pub struct SecretError {
    connection: String,
    secret: String,
    place: Option<Secret>,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Unnamed,
    Missing,
    Empty,
    Unreadable(io::Error),
    Large,
    NoText,
}

impl Secrets {
    /// Reads all that `connection` names, which must be all that `file` asks for. `environment` finds a variable of the
    /// process's environment.
    ///
    /// # Errors
    /// The first one that cannot be had.
    pub async fn load(
        file: &ConnectorFile,
        connection: &Connection,
        environment: fn(&str) -> Option<String>,
    ) -> Result<Self, SecretError> {
        let unnamed = |(name, input): &(&String, &SecretInput)| {
            !input.optional && !connection.secrets.contains_key(*name)
        };
        if let Some((name, _)) = file.secrets.iter().find(unnamed) {
            return Err(SecretError::new(connection, name, Cause::Unnamed));
        }
        Self::read(connection, environment).await
    }

    /// Reads all that `connection` names. `environment` finds a variable of the process's environment.
    ///
    /// # Errors
    /// The first one that cannot be had.
    pub async fn read(
        connection: &Connection,
        environment: fn(&str) -> Option<String>,
    ) -> Result<Self, SecretError> {
        let mut values = BTreeMap::new();
        for (name, place) in &connection.secrets {
            let value = match place {
                Secret::Env(variable) => environment(variable).ok_or(Cause::Missing),
                Secret::File(path) => read_file(path).await,
            };
            let value = value.and_then(trimmed).map_err(|cause| SecretError::new(connection, name, cause))?;
            values.insert(name.clone(), value);
        }
        Ok(Self::new(values))
    }

    /// These secrets, by name.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        let mut redactor = Redactor::default();
        values.values().for_each(|value| redactor.add(value));
        Self { values, redactor: RwLock::new(redactor) }
    }

    /// The secret of that name, in clear.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// `secret` in templates: an object of all.
    pub fn names(&self) -> minijinja::Value {
        self.values.clone().into()
    }

    /// Keeps something out of sight that was made of a secret, or is one itself: a token, a header's value.
    pub fn conceal(&self, derived: &str) {
        self.redactor.write().unwrap_or_else(PoisonError::into_inner).add(derived);
    }

    /// `text` with `•••` in place of every secret and of what was made of them.
    pub fn redact(&self, text: &str) -> String {
        self.redactor.read().unwrap_or_else(PoisonError::into_inner).redact(text)
    }

    /// The start of an answer's body as it may be recorded, at most `length` bytes. A secret that lies across the cut is
    /// not shown in part.
    pub fn excerpt(&self, body: &[u8], length: usize) -> String {
        let longest = self.redactor.read().unwrap_or_else(PoisonError::into_inner).longest();
        let body = body.get(..length.saturating_add(longest)).unwrap_or(body);
        let mut text = self.redact(&String::from_utf8_lossy(body));
        text.truncate(text.floor_char_boundary(length));
        text
    }

    /// Differs when any of the values does; says nothing about them.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for text in self.values.iter().flat_map(|(name, value)| [name, value]) {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

impl SecretError {
    fn new(connection: &Connection, secret: &str, cause: Cause) -> Self {
        let place = connection.secrets.get(secret).cloned();
        Self { connection: connection.name.clone(), secret: secret.to_owned(), place, cause }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connection, secret, place, cause } = self;
        write!(f, "connection \"{connection}\", secret \"{secret}\": ")?;
        match place {
            Some(Secret::Env(variable)) => write!(f, "the environment variable {variable} ")?,
            Some(Secret::File(path)) => write!(f, "the file {path} ")?,
            None => {}
        }
        match cause {
            Cause::Unnamed => {
                f.write_str("the connector asks for it; say where it is in the connection's \"secrets\"")
            }
            Cause::Missing => f.write_str("is not set; set it and start the program again"),
            Cause::Empty => f.write_str("is empty; put the secret there"),
            Cause::Unreadable(cause) => {
                write!(f, "cannot be read ({cause}); put the secret there, readable for the gateway")
            }
            Cause::Large => f.write_str("has more than 64 KiB; put nothing but the secret there"),
            Cause::NoText => f.write_str("is not UTF-8; put the secret there as text"),
        }
    }
}

impl std::error::Error for SecretError {}

async fn read_file(path: &str) -> Result<String, Cause> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await.map_err(Cause::Unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).await.map_err(Cause::Unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Cause::Large);
    }
    String::from_utf8(bytes).map_err(|_| Cause::NoText)
}

/// Editors and `echo` leave a line break at the end that is no part of the secret.
fn trimmed(mut value: String) -> Result<String, Cause> {
    value.truncate(value.trim_end_matches(['\r', '\n']).len());
    if value.is_empty() { Err(Cause::Empty) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(secret: serde_json::Value) -> Connection {
        let json = serde_json::json!({"name": "crm", "connector": "espocrm", "secrets": {"key": secret}});
        serde_json::from_value(json).unwrap()
    }

    async fn read(secret: serde_json::Value) -> Result<Secrets, String> {
        let environment = |name: &str| match name {
            "SET" => Some("s3cret-value".to_owned()),
            "EMPTY" => Some("\n".to_owned()),
            _ => None,
        };
        Secrets::read(&connection(secret), environment).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_secret_comes_from_the_environment_or_a_file() {
        let secrets = read(serde_json::json!({"env": "SET"})).await.unwrap();
        assert_eq!(secrets.get("key"), Some("s3cret-value"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        for value in ["first", "second, and longer"] {
            std::fs::write(&path, format!("{value}\r\n")).unwrap();
            let secrets = read(serde_json::json!({"file": path})).await.unwrap();
            assert_eq!(secrets.get("key"), Some(value), "read anew after a change");
        }
    }

    #[tokio::test]
    async fn what_is_missing_is_named_with_the_fix() {
        for (secret, words) in [
            (serde_json::json!({"env": "UNSET"}), "the environment variable UNSET is not set; set it"),
            (serde_json::json!({"env": "EMPTY"}), "the environment variable EMPTY is empty; put"),
            (
                serde_json::json!({"file": "/nowhere/key"}),
                "the file /nowhere/key cannot be read (No such file",
            ),
            (serde_json::json!({"file": "/dev/zero"}), "the file /dev/zero has more than 64 KiB; put"),
            (serde_json::json!({"file": "/"}), "the file / cannot be read"),
        ] {
            let error = read(secret).await.unwrap_err();
            assert!(error.starts_with("connection \"crm\", secret \"key\": "), "{error}");
            assert!(error.contains(words), "{error}");
        }
    }

    #[tokio::test]
    async fn what_the_connector_asks_for_must_be_named() {
        let file = serde_json::json!({
            "connector": "espocrm", "title": "EspoCRM", "verified": "documentation", "steps": [],
            "secrets": {"key": {"description": "a"}, "other": {"description": "b", "optional": true},
                        "pin": {"description": "c"}}
        });
        let file = serde_json::from_value(file).unwrap();
        let connection = connection(serde_json::json!({"env": "SET"}));
        let error = Secrets::load(&file, &connection, |_| Some("s3cret-value".to_owned())).await.unwrap_err();
        assert!(
            error.to_string().starts_with("connection \"crm\", secret \"pin\": the connector asks for it"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn debug_shows_no_value() {
        let secrets = read(serde_json::json!({"env": "SET"})).await.unwrap();
        assert_eq!(format!("{secrets:?} {secrets:#?}"), "Secrets(1) Secrets(1)");
    }

    #[test]
    fn an_excerpt_does_not_cut_a_secret_in_two() {
        let secrets = Secrets::new(BTreeMap::from([("key".to_owned(), "s3cret-value".to_owned())]));
        for length in 0..40 {
            let excerpt = secrets.excerpt("key s3cret-value 王 and more".as_bytes(), length);
            assert!(!excerpt.contains("s3"), "{excerpt}");
            assert!(excerpt.len() <= length, "{excerpt}");
        }
    }
}
