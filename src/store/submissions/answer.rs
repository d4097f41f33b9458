//! The answer given under an idempotency key.

use crate::store::{Millis, Op, StoreError, Tx};

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

/// What is about to be answered under an idempotency key.
#[derive(Debug)]
pub(in crate::store) struct NewAnswer<'a> {
    pub site: &'a str,
    pub key: &'a str,
    pub body_sha256: &'a [u8; 32],
    pub answer: &'a str,
    /// Id of the submission, with which it is erased, or of the hold.
    pub about: String,
    pub now: Millis,
}

/// Whose an idempotency key is.
#[derive(Debug)]
pub(in crate::store) enum Claim {
    /// Nobody had it: it is this request's now.
    First,
    /// The same request has had this answer.
    Repeated(String),
    /// Another request had it.
    Reused,
}

impl NewAnswer<'_> {
    /// Takes the key or tells who has it. On PostgreSQL the insert waits for another transaction that holds the same
    /// key, so of many at once one stores and all others see its answer.
    pub async fn claim(&self, tx: &mut Tx) -> Result<Claim, StoreError> {
        let sql = "insert into answers (site, key, body_sha256, answer, submission, created_at) \
                   values ($1, $2, $3, $4, $5, $6) on conflict (site, key) do nothing";
        let args = [
            self.site.into(),
            self.key.into(),
            self.body_sha256.into(),
            self.answer.into(),
            (&self.about).into(),
            self.now.into(),
        ];
        if tx.execute(sql, &args).await? > 0 {
            return Ok(Claim::First);
        }
        let find = FindAnswer { site: self.site.to_owned(), key: self.key.to_owned() };
        match find.run(tx).await? {
            Some((body_sha256, answer)) if body_sha256 == *self.body_sha256 => Ok(Claim::Repeated(answer)),
            Some(_) => Ok(Claim::Reused),
            // Purged or erased between the two statements: the next try finds the key free.
            None => Err(StoreError::Busy),
        }
    }
}
