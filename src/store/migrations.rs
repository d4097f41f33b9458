//! The tables, and how a database gets them.
//!
//! A migration is one SQL text for both engines. It is never edited once released: a change is another file.

use super::{StoreError, Tx};

/// All migrations; the first brings a database to version 1.
const MIGRATIONS: [&str; 6] = [
    include_str!("migrations/0001_spine.sql"),
    include_str!("migrations/0002_connectors.sql"),
    include_str!("migrations/0003_booking.sql"),
    include_str!("migrations/0004_staff.sql"),
    include_str!("migrations/0005_his.sql"),
    include_str!("migrations/0006_booking.sql"),
];

/// Version of the tables this program works with.
pub const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the database of an open transaction to [`VERSION`]; does nothing where it is already.
///
/// # Errors
/// [`StoreError::Newer`] when the database is ahead of this program.
pub(super) async fn migrate(tx: &mut Tx) -> Result<(), StoreError> {
    tx.batch("create table if not exists migrations (version bigint not null primary key)").await?;
    let sql = "select coalesce(max(version), 0) from migrations";
    let found = tx.query_one(sql, &[]).await?.map_or(Ok(0), |mut row| row.int(0))?;
    if found > VERSION {
        return Err(StoreError::Newer { found, known: VERSION });
    }
    for (version, text) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tx.batch(text).await?;
        tx.execute("insert into migrations (version) values ($1)", &[version.into()]).await?;
    }
    Ok(())
}
