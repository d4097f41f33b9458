//! Everything that can go wrong in the store, as the few answers a caller can give.

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

/// Why an operation did not happen. Nothing of it was stored, except where [`StoreError::Unavailable`] says otherwise.
///
/// The texts name the engine's own message and never a stored value, so they may be logged.
#[derive(Clone, Debug)]
pub enum StoreError {
    /// More is asked of the database than it can do now; the same again in a second or so may work.
    Busy,
    /// The database cannot be reached. If the connection broke during a commit, the operation may have been stored:
    /// repeat it only where repeating is harmless.
    Unavailable(Arc<str>),
    /// The disk is full. Space has to be made before anything can be stored.
    Full,
    /// The database's file is damaged.
    Corrupt(Arc<str>),
    /// The file was written by a newer version of this program.
    Newer {
        /// Version of the file's tables.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The database address or one of its options is wrong.
    Address(Arc<str>),
    /// A statement was refused, or a row was not what it should be: a mistake in this program.
    Statement(Arc<str>),
}

impl StoreError {
    /// Whether the same operation may work later without anybody doing anything to this program.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_) | Self::Full)
    }

    pub(super) fn statement(text: impl Into<String>) -> Self {
        Self::Statement(text.into().into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the database is busy"),
            Self::Unavailable(cause) => write!(f, "the database cannot be reached: {cause}"),
            Self::Full => f.write_str("the database's disk is full"),
            Self::Corrupt(cause) => write!(f, "the database is damaged: {cause}"),
            Self::Newer { found, known } => write!(
                f,
                "the database was written by a newer crm-widgets (its tables have version {found}, this program \
                 knows {known}): update the program"
            ),
            Self::Address(cause) => write!(f, "the database address is wrong: {cause}"),
            Self::Statement(cause) => write!(f, "the database refused a statement: {cause}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::*;
        let cause: Arc<str> = error.to_string().into();
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            Some(DiskFull) => Self::Full,
            Some(DatabaseCorrupt | NotADatabase) => Self::Corrupt(cause),
            Some(CannotOpen | SystemIoFailure | ReadOnly | OutOfMemory | PermissionDenied) => {
                Self::Unavailable(cause)
            }
            _ => Self::Statement(cause),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            // Anything that is not the server's own refusal and not a conversion is the connection's.
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>())
            {
                Self::Unavailable(error.to_string().into())
            } else {
                Self::statement(with_source(&error))
            };
        };
        let cause: Arc<str> = format!("{} ({})", refusal.message(), refusal.code().code()).into();
        match refusal.code() {
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Self::Busy,
            &SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED => Self::Busy,
            &SqlState::TOO_MANY_CONNECTIONS => Self::Busy,
            &SqlState::DISK_FULL => Self::Full,
            &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Self::Corrupt(cause),
            code if ["08", "28", "3D", "53", "57", "58"]
                .iter()
                .any(|class| code.code().starts_with(class)) =>
            {
                Self::Unavailable(cause)
            }
            _ => Self::Statement(cause),
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Timeout(_) => Self::Busy,
            PoolError::Backend(error) => match Self::from(error) {
                // No connection, no statement: whatever it is, the database was not reached.
                Self::Statement(cause) => Self::Unavailable(cause),
                other => other,
            },
            other => Self::Unavailable(other.to_string().into()),
        }
    }
}

fn with_source(error: &tokio_postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
