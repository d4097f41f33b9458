//! Why a command stopped: each error names the culprit and the fix, since a person reads it on a terminal.
//!
//! What a caller of the API hears is another list, [`crate::http::problem::Refusal`].

use std::fmt;

use crm_protocol::faults::Fault;

use crate::connector::file::faults::FileFault;

/// A command could not do its work.
#[derive(Debug)]
pub enum Error {
    /// A setting is missing or wrong.
    Setting {
        /// Its name as in `crm-widgets.toml`.
        name: &'static str,
        /// What is wrong and how to put it right.
        fix: String,
    },
    /// A file could not be read or written.
    File {
        /// Its path as given.
        path: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A definition file is not JSON, or not of the expected shape.
    Json {
        /// Its path as given.
        path: String,
        /// The parser's words, with line and column.
        cause: serde_json::Error,
    },
    /// A definition file breaks rules.
    Faults {
        /// Its path as given.
        path: String,
        /// Every broken rule.
        faults: Vec<Fault>,
    },
    /// A connector file cannot be used.
    Connector {
        /// Its path.
        path: String,
        /// Everything that is wrong with it.
        faults: Vec<FileFault>,
    },
    /// The database refused.
    Store(crate::store::StoreError),
    /// The network refused.
    Network(std::io::Error),
    /// TLS towards destinations cannot be set up.
    Tls(rustls::Error),
    /// Nobody reads any more what a command prints. That is no failure.
    Unread,
    /// Anything else a command wants to say in one line.
    Command(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting { name, fix } => write!(f, "setting `{name}`: {fix}"),
            Self::File { path, cause } => write!(f, "{path}: {cause}"),
            Self::Json { path, cause } => write!(f, "{path}: {cause}"),
            Self::Faults { path, faults } => {
                write!(f, "{path}: {} to put right", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
            Self::Connector { path, faults } => {
                write!(f, "{path}: {} to put right", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  {path}:{fault}"))
            }
            Self::Store(cause) => write!(f, "database: {cause}"),
            Self::Network(cause) => write!(f, "network: {cause}"),
            Self::Tls(cause) => write!(f, "TLS: {cause}"),
            Self::Unread => f.write_str("nobody reads the output"),
            Self::Command(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Error {}

impl From<crate::store::StoreError> for Error {
    fn from(cause: crate::store::StoreError) -> Self {
        Self::Store(cause)
    }
}
