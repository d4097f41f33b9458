//! A database for one test, on either engine.

use crm_widgets::store::{DatabaseUrl, Store, StoreError};
use tempfile::TempDir;

use super::postgres;

/// An empty database. A file is removed with it.
pub struct Database {
    /// Its address, as in the settings.
    pub url: String,
    /// Where its files are, on SQLite.
    pub dir: Option<TempDir>,
}

impl Database {
    /// A file of its own.
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        Self { url: format!("sqlite:{}", dir.path().join("test.db").display()), dir: Some(dir) }
    }

    /// In memory, gone with the store that opens it.
    pub fn memory() -> Self {
        Self { url: "sqlite::memory:".to_owned(), dir: None }
    }

    /// A database of its own in the tests' server.
    pub async fn postgres() -> Self {
        Self { url: postgres::fresh().await, dir: None }
    }

    /// What runs it, in words.
    pub fn engine(&self) -> &'static str {
        if self.url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" }
    }

    /// Opens it; may be done several times, as by several gateways.
    pub async fn open(&self) -> Store {
        self.try_open().await.expect("the database opens")
    }

    /// Opens it or tells why not.
    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(&self.url.parse::<DatabaseUrl>()?).await
    }
}

/// Makes two tests of each function that takes a [`Database`]: `sqlite::NAME` and `postgres::NAME`.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            use $crate::support::database::Database;
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(Database::sqlite()).await;
            })*
        }
        mod postgres {
            use $crate::support::database::Database;
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(Database::postgres().await).await;
            })*
        }
    };
}
