//! Refresh tokens: what a CRM gave a connection to come back with, and takes back once it is used.

use super::{Millis, Op, StoreError, Tx};

/// Reads the refresh token of a connection, as it was sealed.
#[derive(Clone, Debug)]
pub struct LoadToken {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
}

impl Op for LoadToken {
    type Out = Option<Vec<u8>>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let (site, connection) = &self.connection;
        let sql = "select sealed from refresh_tokens where site = $1 and connection = $2";
        tx.query_one(sql, &[site.into(), connection.into()]).await?.map(|mut row| row.bytes(0)).transpose()
    }
}

/// Keeps a refresh token in place of the previous one. Of several gateways that replace the same token the first wins;
/// the others get its token. Repeating it is harmless.
#[derive(Clone, Debug)]
pub struct KeepToken {
    /// Key of the site and name of the connection.
    pub connection: (String, String),
    /// The sealed token that it replaces, as it was loaded; `None` if there was none.
    pub previous: Option<Vec<u8>>,
    /// The token, sealed.
    pub sealed: Vec<u8>,
    /// The time now.
    pub now: Millis,
}

impl Op for KeepToken {
    /// The token that is kept now, sealed.
    type Out = Vec<u8>;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<u8>, StoreError> {
        let (site, connection) = &self.connection;
        let sql = "insert into refresh_tokens (site, connection, sealed, updated_at) values ($1, $2, $3, $4) \
                   on conflict (site, connection) do update \
                   set sealed = excluded.sealed, updated_at = excluded.updated_at \
                   where refresh_tokens.sealed = $5";
        let args = [
            site.into(),
            connection.into(),
            self.sealed.as_slice().into(),
            self.now.into(),
            self.previous.as_deref().into(),
        ];
        if tx.execute(sql, &args).await? > 0 {
            return Ok(self.sealed.clone());
        }
        let kept = LoadToken { connection: self.connection.clone() }.run(tx).await?;
        kept.ok_or_else(|| StoreError::statement("a refresh token is neither kept nor there"))
    }
}
