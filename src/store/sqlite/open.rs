//! Opening the file, with settings that make a commit mean what it says.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::poll_once;
use super::thread::{batch, begin};
use crate::store::tx::Engine;
use crate::store::{StoreError, Tx, migrations};

/// How long a statement waits for another process, such as `crm-widgets erase` beside a running gateway.
const BUSY: Duration = Duration::from_secs(5);

pub(super) fn open_writer(path: Option<&Path>, synchronous: bool) -> Result<Tx, StoreError> {
    let connection = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    if path.is_some() {
        expect("journal_mode", &enter_wal(&connection)?, "wal")?;
    }
    let level = if synchronous { 2 } else { 0 };
    // temp_store: what a savepoint may have to take back is kept in memory; in a file it costs more than the rest.
    connection.execute_batch(&format!(
        "pragma synchronous = {level}; pragma foreign_keys = on; pragma secure_delete = on; \
         pragma temp_store = memory; \
         pragma cache_size = -8192; pragma journal_size_limit = 33554432; pragma wal_autocheckpoint = 4000;"
    ))?;
    // Asked for again, because a build or a library may decide otherwise, and then 201 would be a lie.
    for (pragma, expected) in [("synchronous", level), ("foreign_keys", 1), ("secure_delete", 1)] {
        let value: i64 = connection.query_row(&format!("pragma {pragma}"), [], |row| row.get(0))?;
        expect(pragma, &value.to_string(), &expected.to_string())?;
    }
    if !synchronous {
        tracing::warn!("synchronous=off: what is acknowledged can be lost when the machine stops");
    }
    let mut tx = Tx::new(Engine::Sqlite(connection));
    begin(&mut tx)?;
    poll_once(migrations::migrate(&mut tx))?;
    batch(&mut tx, "commit")?;
    Ok(tx)
}

/// Another process may be doing the same. For this one change SQLite does not wait by itself.
fn enter_wal(connection: &Connection) -> Result<String, StoreError> {
    let start = Instant::now();
    loop {
        match connection
            .query_row("pragma journal_mode = wal", [], |row| row.get(0))
            .map_err(StoreError::from)
        {
            Err(StoreError::Busy) if start.elapsed() < BUSY => std::thread::sleep(Duration::from_millis(10)),
            mode => return mode,
        }
    }
}

pub(super) fn open_reader(path: &Path) -> Result<Tx, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("pragma cache_size = -2048;")?;
    Ok(Tx::new(Engine::Sqlite(connection)))
}

fn expect(pragma: &str, found: &str, expected: &str) -> Result<(), StoreError> {
    if found == expected {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!("pragma {pragma} is {found} and must be {expected}").into()))
}
