//! One open transaction, the same to use on both engines.

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;

use super::{Row, StoreError, Value};

/// An open transaction, or a savepoint in one: what an [`super::Op`] runs in.
///
/// SQL is written once for both engines: parameters are `$1`, `$2`, … numbered in the order in which they first appear
/// (SQLite numbers them so), each used with one type only.
#[derive(Debug)]
pub struct Tx {
    pub(super) engine: Engine,
    pub(super) undone: bool,
}

/// The connection of a transaction, owned by it while it lasts.
pub(super) enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Object),
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        })
    }
}

impl Tx {
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine, undone: false }
    }

    /// Runs a statement and returns how many rows it touched.
    pub async fn execute(&mut self, sql: &str, args: &[Value<'_>]) -> Result<u64, StoreError> {
        match &self.engine {
            Engine::Sqlite(connection) => execute_sqlite(connection, sql, args),
            Engine::Postgres(client) => {
                let statement = client.prepare_cached(sql).await?;
                Ok(client.execute_raw(&statement, args).await?)
            }
        }
    }

    /// Runs a statement and returns its rows, all of them: limit what can be many.
    pub async fn query(&mut self, sql: &str, args: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        match &self.engine {
            Engine::Sqlite(connection) => query_sqlite(connection, sql, args),
            Engine::Postgres(client) => {
                let statement = client.prepare_cached(sql).await?;
                let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as _).collect();
                client.query(&statement, &args).await?.iter().map(Row::from_postgres).collect()
            }
        }
    }

    /// As [`Tx::query`], for at most one row.
    pub async fn query_one(&mut self, sql: &str, args: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    /// Runs several statements without parameters.
    pub(super) async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Engine::Postgres(client) => Ok(client.batch_execute(sql).await?),
        }
    }

    /// Takes back whatever this operation has written; its output still reaches the caller. For outcomes that are
    /// found out half-way and are no errors.
    pub fn undo(&mut self) {
        self.undone = true;
    }

    /// What to put after a `select` whose rows are about to be updated, so that two claimers never wait for each
    /// other. SQLite has one writer and needs nothing.
    pub fn lock_rows(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "",
            Engine::Postgres(_) => " for update skip locked",
        }
    }
}

fn execute_sqlite(
    connection: &rusqlite::Connection,
    sql: &str,
    args: &[Value<'_>],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    debug_assert!(numbered_in_order(&statement), "parameters must be numbered as they appear: {sql}");
    Ok(statement.execute(rusqlite::params_from_iter(args))? as u64)
}

fn query_sqlite(
    connection: &rusqlite::Connection,
    sql: &str,
    args: &[Value<'_>],
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    debug_assert!(numbered_in_order(&statement), "parameters must be numbered as they appear: {sql}");
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(args))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Row::from_sqlite(row, columns)?);
    }
    Ok(found)
}

fn numbered_in_order(statement: &rusqlite::Statement<'_>) -> bool {
    (1..=statement.parameter_count())
        .all(|at| statement.parameter_name(at).is_none_or(|name| name == format!("${at}")))
}
