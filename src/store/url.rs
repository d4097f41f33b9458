//! The database address: which engine, where, and how.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::StoreError;

/// `sqlite:PATH`, `sqlite::memory:` or `postgres://user@host/name`.
///
/// SQLite takes one option, `?synchronous=off`: commits are then no longer synced, and what was acknowledged can be
/// lost with the machine's power. It exists so that a test of durability can be seen to fail.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// One file, or memory.
    Sqlite {
        /// `None` keeps everything in memory, for tests.
        path: Option<PathBuf>,
        /// Whether a commit waits for the disk. Always true unless switched off by name.
        synchronous: bool,
    },
    /// A server.
    Postgres(Box<tokio_postgres::Config>),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            return sqlite(rest);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text
                .parse()
                .map(|config| Self::Postgres(Box::new(config)))
                .map_err(|error: tokio_postgres::Error| address(error.to_string()));
        }
        Err(address("it must start with sqlite: or postgres://, as in sqlite:crm-widgets.db"))
    }
}

/// Without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path: Some(path), .. } => write!(f, "sqlite:{}", path.display()),
            Self::Sqlite { path: None, .. } => f.write_str("sqlite::memory:"),
            Self::Postgres(config) => {
                write!(f, "postgres://{:?}/{}", config.get_hosts(), config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn sqlite(rest: &str) -> Result<DatabaseUrl, StoreError> {
    let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
    let synchronous = match options {
        "" | "synchronous=full" => true,
        "synchronous=off" => false,
        other => return Err(address(format!("unknown option {other:?}; known is synchronous=full or off"))),
    };
    // sqlite:///var/lib/x.db is how others write an absolute path.
    let path = if path.starts_with("///") { &path[2..] } else { path };
    match path {
        "" => Err(address("a path must follow sqlite:, as in sqlite:crm-widgets.db")),
        ":memory:" => Ok(DatabaseUrl::Sqlite { path: None, synchronous }),
        path => Ok(DatabaseUrl::Sqlite { path: Some(path.into()), synchronous }),
    }
}

fn address(cause: impl Into<String>) -> StoreError {
    StoreError::Address(cause.into().into())
}
