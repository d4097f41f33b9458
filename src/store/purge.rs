//! What is no longer needed goes.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::booking::{BUCKET_MS, exceptions, restore, waiting};
use super::{Millis, Op, StoreError, Tx};

/// How long the answer to an idempotency key is kept: seven days, of which 72 hours are promised.
pub const ANSWERS_MS: i64 = 7 * 24 * 3_600_000;

/// How long a file may wait for its submission.
pub const UNBOUND_MS: i64 = 24 * 3_600_000;

/// Rows of a kind that go at a time, so that no submission waits long behind a purge.
const BATCH: i64 = 1_000;

/// How long it stays in the books who was taken when. The appointments themselves stay.
pub const PAST_MS: i64 = 24 * 3_600_000;

/// How long staff can look up what they have changed in the schedules once that is past: a year, so that a clock that ran
/// some weeks ahead opens no time that is closed.
pub const EXCEPTIONS_MS: i64 = 366 * 24 * 3_600_000;

/// How far the clock that is last to show a new day is behind UTC.
const LAST_CLOCK_MS: i64 = 12 * 3_600_000;

/// Deletes expired answers, expired challenges, files whose form was never sent, what was taken by appointments that are
/// over, people who are not blocked any more and have no appointment, and past changes of the schedules; ends the waiting
/// of those whose last day is past wherever they are. Up to a thousand of each. What a purge by a clock that ran ahead has
/// deleted of who is taken when is put back first.
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
    /// Rows of what was taken and by whom.
    pub past: u64,
    /// Changes of the schedules.
    pub exceptions: u64,
    /// People who waited until a day that is past.
    pub waiting: u64,
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
        // By way of the resources, which are few, so that both are ranges of a key.
        let buckets = "delete from buckets where (site, resource, bucket, seat) in \
             (select b.site, b.resource, b.bucket, b.seat from resources r join buckets b \
             on b.site = r.site and b.resource = r.key where b.bucket < $1 limit $2)";
        let occupations = "delete from occupations where (owner, resource) in \
             (select o.owner, o.resource from resources r join occupations o \
             on o.site = r.site and o.resource = r.key where o.from_at < $1 and o.to_at < $1 limit $2)";
        let patients = "delete from patients where (site, patient_sha256) in \
             (select p.site, p.patient_sha256 from patients p where p.blocked_until < $1 and not exists \
             (select 1 from appointments a where a.site = p.site and a.patient_sha256 = p.patient_sha256) limit $2)";
        let past = self.now - PAST_MS;
        restore::purged(tx, self.now, past).await?;
        let mut deleted = [0; 6];
        for (count, (sql, before)) in deleted.iter_mut().zip([
            (answers, self.now - ANSWERS_MS),
            (challenges, self.now),
            (uploads, self.now - UNBOUND_MS),
            (buckets, past.div_euclid(BUCKET_MS)),
            (occupations, past),
            (patients, self.now),
        ]) {
            *count = tx.execute(sql, &[before.into(), BATCH.into()]).await?;
        }
        let kept = self.now - EXCEPTIONS_MS;
        let exceptions = exceptions::purge(tx, &day(kept), kept, BATCH as usize).await?;
        let waiting = waiting::end_past(tx, &day(self.now - LAST_CLOCK_MS), BATCH).await?;
        let counts = deleted.into_iter().chain([exceptions, waiting]);
        let more = counts.max() >= Some(BATCH.unsigned_abs());
        let [answers, challenges, uploads, buckets, occupations, patients] = deleted;
        let past = buckets + occupations + patients;
        Ok(Purged { answers, challenges, uploads, past, exceptions, waiting, more })
    }
}

/// The date of UTC, ISO 8601.
fn day(at: Millis) -> String {
    Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(TimeZone::UTC).date().to_string()
}
