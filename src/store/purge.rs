//! What is no longer needed goes.

use super::{Millis, Op, StoreError, Tx};

/// How long the answer to an idempotency key is kept: seven days, of which 72 hours are promised.
pub const ANSWERS_MS: i64 = 7 * 24 * 3_600_000;

/// How long a file may wait for its submission.
pub const UNBOUND_MS: i64 = 24 * 3_600_000;

/// Rows of a kind that go at a time, so that no submission waits long behind a purge.
const BATCH: i64 = 1_000;

/// Deletes expired answers, expired challenges and files whose form was never sent, up to a thousand of each.
#[derive(Clone, Copy, Debug)]
pub struct Purge {
    /// The time now.
    pub now: Millis,
}

/// What [`Purge`] deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// Answers to idempotency keys.
    pub answers: u64,
    /// Spent challenges.
    pub challenges: u64,
    /// Files.
    pub uploads: u64,
    /// There may be more to delete: purge again.
    pub more: bool,
}

impl Op for Purge {
    type Out = Purged;

    async fn run(&self, tx: &mut Tx) -> Result<Purged, StoreError> {
        let answers = "delete from answers where (site, key) in \
                       (select site, key from answers where created_at < $1 limit $2)";
        let challenges = "delete from spent where (expires_at, nonce) in \
             (select expires_at, nonce from spent where expires_at < $1 limit $2)";
        let uploads = "delete from uploads where id in \
                       (select id from uploads where submission is null and created_at < $1 limit $2)";
        let answers = tx.execute(answers, &[(self.now - ANSWERS_MS).into(), BATCH.into()]).await?;
        let challenges = tx.execute(challenges, &[self.now.into(), BATCH.into()]).await?;
        let uploads = tx.execute(uploads, &[(self.now - UNBOUND_MS).into(), BATCH.into()]).await?;
        let more = [answers, challenges, uploads].iter().any(|count| *count >= BATCH.unsigned_abs());
        Ok(Purged { answers, challenges, uploads, more })
    }
}
