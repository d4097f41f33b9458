//! The answer given under an idempotency key.

use crate::store::{Op, StoreError, Tx};

/// Looks up the answer given under an idempotency key: the SHA-256 of that request's body, and the answer.
#[derive(Clone, Debug)]
pub struct FindAnswer {
    /// Key of the site.
    pub site: String,
    /// `Idempotency-Key`.
    pub key: String,
}

impl Op for FindAnswer {
    type Out = Option<([u8; 32], String)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = "select body_sha256, answer from answers where site = $1 and key = $2";
        let Some(mut row) = tx.query_one(sql, &[(&self.site).into(), (&self.key).into()]).await? else {
            return Ok(None);
        };
        let body_sha256 = row.bytes(0)?.try_into();
        Ok(Some((
            body_sha256.map_err(|_| StoreError::statement("a stored hash has another length"))?,
            row.text(1)?,
        )))
    }
}
