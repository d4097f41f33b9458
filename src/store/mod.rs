//! The only place that knows SQL. One `Store` over two engines, SQLite and PostgreSQL; every operation is a plain
//! struct that runs in one transaction, and is written once.
//!
//! # Layout
//!
//! - [`url`] the database address, which decides the engine
//! - [`tx`] an open transaction; [`value`] the parameters and rows of its statements
//! - `sqlite` one writer thread that groups commits, one reader thread; `postgres` a pool, and repeats after deadlocks
//! - [`error`] what can go wrong
//! - [`migrations`] the tables, and how a database gets them
//! - one file per noun, each a handful of operations: [`sites`], [`submissions`], [`deliveries`], [`booking`], [`his`],
//!   [`steps`], [`links`], [`tokens`], [`staff`], [`pauses`], [`uploads`], [`erase`], [`purge`]
//!
//! What is acknowledged is on disk: an operation's future ends after its commit was synced.

pub mod booking;
pub mod deliveries;
pub mod erase;
pub mod error;
pub mod hasten;
pub mod his;
pub mod links;
pub mod migrations;
pub mod pauses;
mod postgres;
pub mod purge;
pub mod sites;
mod sqlite;
pub mod staff;
pub mod steps;
pub mod submissions;
pub mod tokens;
pub mod tx;
pub mod uploads;
pub mod url;
pub mod value;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use self::error::StoreError;
pub use self::tx::Tx;
pub use self::url::DatabaseUrl;
pub use self::value::{Row, Value};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// Something to do in one transaction.
///
/// On PostgreSQL it is run again from the start when the server undid it because of a deadlock, so it has no effect
/// but through its [`Tx`]. It awaits nothing but its [`Tx`]: on SQLite its future must never suspend.
pub trait Op: Send + Sync + 'static {
    /// What comes back once it is committed.
    type Out: Send + 'static;

    /// Only reads. Runs beside the writer then, on what was committed last.
    const READ: bool = false;

    /// Does it. An error undoes everything it has written.
    fn run(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Out, StoreError>> + Send;
}

/// An open database. Cheap to clone; all clones are the same database.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    counters: Arc<Counters>,
}

#[derive(Clone, Debug)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// What the store has done since it was opened, for `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Operations that wrote and were committed.
    pub ops: u64,
    /// Commits they took. Fewer than `ops` when several shared one.
    pub commits: u64,
}

#[derive(Debug, Default)]
struct Counters {
    ops: AtomicU64,
    commits: AtomicU64,
}

impl Counters {
    fn committed(&self, ops: usize) {
        self.ops.fetch_add(ops as u64, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
    }
}

impl Store {
    /// Opens the database and gives it the tables this version needs.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a database of a later version, [`StoreError::Unavailable`] when it cannot be reached.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let counters = Arc::new(Counters::default());
        let engine = match url {
            DatabaseUrl::Sqlite { path, synchronous } => {
                Engine::Sqlite(sqlite::Sqlite::open(path.as_deref(), *synchronous, counters.clone()).await?)
            }
            DatabaseUrl::Postgres(config) => {
                Engine::Postgres(postgres::Postgres::open(config, counters.clone()).await?)
            }
        };
        Ok(Self { engine, counters })
    }

    /// Runs an operation in a transaction and returns after its commit reached the disk. A caller that goes away does
    /// not stop it.
    ///
    /// # Errors
    /// Those of the operation, and [`StoreError::Busy`] when too many are waiting already.
    pub async fn run<O: Op>(&self, op: O) -> Result<O::Out, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.run(op).await,
            Engine::Postgres(postgres) => postgres.run(op).await,
        }
    }

    /// Makes deleted rows unreadable: rewrites SQLite's file and empties its log; on PostgreSQL frees the rows, whose
    /// bytes its own log and backups keep for as long as they are kept. Takes time with the database's size.
    pub async fn compact(&self) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.compact().await,
            Engine::Postgres(postgres) => postgres.compact().await,
        }
    }

    /// Finishes what is waiting and closes the database; later operations on any clone are refused.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close(),
        }
    }

    /// What was done so far.
    pub fn stats(&self) -> Stats {
        Stats {
            ops: self.counters.ops.load(Ordering::Relaxed),
            commits: self.counters.commits.load(Ordering::Relaxed),
        }
    }
}
