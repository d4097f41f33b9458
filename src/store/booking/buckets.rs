//! Buckets: five minutes of one seat have one owner. Each function expects the resources to be locked.

use std::collections::HashMap;
use std::ops::Range;

use super::{BUCKET_MS, numbered, occupations};
use crate::booking::{Candidate, Taking};
use crate::store::value::Value;
use crate::store::{Millis, StoreError, Tx};

/// The first seat of those whom staff squeezes in.
const SQUEEZED: i64 = 1_000;

/// Where somebody waits for the slot of the hold `h`; to be followed by a condition on `w` or by nothing.
pub(super) const WAITED_FOR: &str = "w.site = h.site and w.service = h.service and w.state = 'waiting' \
     and (w.practitioner is null or w.practitioner = h.practitioner) \
     and w.from_day <= h.day and (w.to_day is null or w.to_day >= h.day)";

/// Takes a slot for an owner.
pub(super) struct Take<'a> {
    pub site: &'a str,
    /// Id of the hold or appointment.
    pub owner: &'a str,
    /// When a hold ends.
    pub until: Option<Millis>,
    /// Staff may take what is full.
    pub squeeze: bool,
    pub now: Millis,
}

impl Take<'_> {
    /// Takes the first candidate that is free, or none of them. A bucket whose hold has ended is free, unless somebody
    /// waits for that slot: then it is for the next sweep to pass on.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where the books of that time are not to be trusted until they are [restored](super::restore).
    pub async fn first<'c>(
        &self,
        tx: &mut Tx,
        candidates: &[&'c Candidate],
    ) -> Result<Option<&'c Candidate>, StoreError> {
        let taken = self.taken(tx, candidates).await?;
        if taken.purged {
            return Err(StoreError::Busy);
        }
        self.one_of(tx, candidates, &taken).await
    }

    /// Takes a slot if it is free, and its time is not past: nobody knows any more who had what then.
    pub async fn keep(&self, tx: &mut Tx, slot: &Candidate) -> Result<bool, StoreError> {
        let taken = self.taken(tx, &[slot]).await?;
        Ok(!taken.purged && self.one_of(tx, &[slot], &taken).await?.is_some())
    }

    /// Takes a slot again for the owner that it had before the books of that time were purged too early.
    pub async fn again(&self, tx: &mut Tx, slot: &Candidate) -> Result<(), StoreError> {
        free(tx, self.site, self.owner, slot).await?;
        let taken = self.taken(tx, &[slot]).await?;
        self.one_of(tx, &[slot], &taken).await.map(drop)
    }

    async fn one_of<'c>(
        &self,
        tx: &mut Tx,
        candidates: &[&'c Candidate],
        taken: &Taken,
    ) -> Result<Option<&'c Candidate>, StoreError> {
        let first = |squeeze| {
            candidates.iter().find_map(|candidate| Some((*candidate, taken.free(candidate, squeeze)?)))
        };
        // Nobody is squeezed in where something is free.
        let Some((candidate, seats)) = first(false).or_else(|| first(self.squeeze)) else { return Ok(None) };
        self.insert(tx, &seats).await?;
        occupations::insert(tx, self, candidate).await?;
        Ok(Some(candidate))
    }

    /// Whether any candidate is free at first sight, before anything is locked. Whoever comes too late learns it here,
    /// without a wait for those who came before.
    pub async fn sees(&self, tx: &mut Tx, candidates: &[&Candidate]) -> Result<bool, StoreError> {
        let taken = self.taken(tx, candidates).await?;
        Ok(candidates.iter().any(|candidate| taken.free(candidate, self.squeeze).is_some()))
    }

    async fn taken(&self, tx: &mut Tx, candidates: &[&Candidate]) -> Result<Taken, StoreError> {
        if candidates.is_empty() {
            return Ok(Taken::default());
        }
        let takings = || candidates.iter().flat_map(|candidate| &candidate.takings);
        let mut keys: Vec<&str> = takings().map(|taking| taking.resource.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        let from = takings().map(|taking| buckets(taking).start).min().unwrap_or_default();
        let to = takings().map(|taking| buckets(taking).end).max().unwrap_or_default();
        let sql = format!(
            "select resource, bucket, seat from buckets b where site = $1 and bucket >= $2 and bucket < $3 \
             and (until is null or until > $4 or exists \
             (select 1 from holds h join waiting w on {WAITED_FOR} where h.id = b.owner)) and resource in ({}) \
             union all select '', value, 0 from counters where name = 'purged'",
            numbered(5, keys.len())
        );
        let mut args = vec![self.site.into(), from.into(), to.into(), self.now.into()];
        args.extend(keys.into_iter().map(Value::from));
        let mut taken = Taken::default();
        for mut row in tx.query(&sql, &args).await? {
            match (row.text(0)?, row.int(1)?) {
                (resource, purged) if resource.is_empty() => taken.purged = from < purged,
                (resource, bucket) => {
                    let seats = taken.seats.entry(resource).or_default().entry(bucket).or_default();
                    seats.push(row.int(2)?);
                }
            }
        }
        Ok(taken)
    }

    /// The key decides in the end: where it finds another owner than the read before did, nothing is stored.
    async fn insert(&self, tx: &mut Tx, seats: &[(&str, i64, i64)]) -> Result<(), StoreError> {
        let row = |at| format!("($1, $2, $3, ${}, ${}, ${})", at, at + 1, at + 2);
        let rows: Vec<String> = (0..seats.len()).map(|row_at| row(4 + row_at * 3)).collect();
        let sql = format!(
            "insert into buckets (site, owner, until, resource, bucket, seat) values {} \
             on conflict (site, resource, bucket, seat) do update \
             set owner = excluded.owner, until = excluded.until where buckets.until <= ${}",
            rows.join(", "),
            4 + seats.len() * 3
        );
        let mut args = vec![self.site.into(), self.owner.into(), self.until.into()];
        for (resource, bucket, seat) in seats {
            args.extend([(*resource).into(), (*bucket).into(), (*seat).into()]);
        }
        args.push(self.now.into());
        let inserted = tx.execute(&sql, &args).await?;
        if inserted == seats.len() as u64 { Ok(()) } else { Err(StoreError::Busy) }
    }
}

/// The seats in use, by resource and bucket.
#[derive(Default)]
struct Taken {
    seats: HashMap<String, HashMap<i64, Vec<i64>>>,
    /// Some of them may be missing.
    purged: bool,
}

impl Taken {
    /// A free seat of every bucket that the slot needs: resource, bucket, seat.
    fn free<'c>(&self, slot: &'c Candidate, squeeze: bool) -> Option<Vec<(&'c str, i64, i64)>> {
        let needed =
            slot.takings.iter().flat_map(|taking| buckets(taking).map(move |bucket| (taking, bucket)));
        let free = |(taking, bucket): (&'c Taking, i64)| {
            let taken = self.seats.get(&taking.resource).and_then(|buckets| buckets.get(&bucket));
            let seat = free_seat(taken.map_or(&[], Vec::as_slice), taking.seats, squeeze)?;
            Some((taking.resource.as_str(), bucket, seat))
        };
        needed.map(free).collect()
    }
}

/// Those squeezed in count too: a resource is free again when fewer people use it than it has seats.
fn free_seat(taken: &[i64], seats: u32, squeeze: bool) -> Option<i64> {
    let free = |mut seats: Range<i64>| seats.find(|seat| !taken.contains(seat));
    if taken.len() < seats as usize {
        return free(0..i64::from(seats));
    }
    if squeeze { free(SQUEEZED..i64::MAX) } else { None }
}

/// Whether every bucket of the slot is still its owner's. What it had as a hold may have been taken over.
pub(super) async fn owns(tx: &mut Tx, site: &str, owner: &str, slot: &Candidate) -> Result<bool, StoreError> {
    let (mine, args) = owned(vec![], site, owner, slot);
    let row = tx.query_one(&format!("select count(*) from buckets where {mine}"), &args).await?;
    let needed: i64 = slot.takings.iter().map(|taking| buckets(taking).end - buckets(taking).start).sum();
    Ok(row.map_or(Ok(0), |mut row| row.int(0))? == needed)
}

/// Hands a slot on to another owner, until then or for good. Of a hold's only where it still [`owns`] all of it.
pub(super) async fn pass_on(
    tx: &mut Tx,
    site: &str,
    (owner, heir): (&str, &str),
    slot: &Candidate,
    until: Option<Millis>,
) -> Result<(), StoreError> {
    let (mine, args) = owned(vec![heir.into(), until.into()], site, owner, slot);
    tx.execute(&format!("update buckets set owner = $1, until = $2 where {mine}"), &args).await?;
    occupations::pass_on(tx, (owner, heir), until).await
}

/// Lets go of whatever of a slot is still its owner's.
pub(super) async fn free(tx: &mut Tx, site: &str, owner: &str, slot: &Candidate) -> Result<(), StoreError> {
    let (mine, args) = owned(vec![], site, owner, slot);
    tx.execute(&format!("delete from buckets where {mine}"), &args).await?;
    occupations::free(tx, owner).await
}

/// The condition for an owner's buckets of a slot, and its arguments after those that are there already.
fn owned<'a>(
    mut args: Vec<Value<'a>>,
    site: &'a str,
    owner: &'a str,
    slot: &'a Candidate,
) -> (String, Vec<Value<'a>>) {
    let (site_at, owner_at) = (args.len() + 1, args.len() + 2);
    args.extend([site.into(), owner.into()]);
    let mut terms = Vec::new();
    for taking in &slot.takings {
        let at = args.len() + 1;
        // Each term is whole in itself, so that each is a range of the key.
        terms.push(format!(
            "(site = ${site_at} and owner = ${owner_at} and resource = ${at} and bucket >= ${} and bucket < ${})",
            at + 1,
            at + 2
        ));
        let Range { start, end } = buckets(taking);
        args.extend([(&taking.resource).into(), start.into(), end.into()]);
    }
    (format!("({})", terms.join(" or ")), args)
}

/// The buckets of a stretch of time.
fn buckets(taking: &Taking) -> Range<i64> {
    taking.from.div_euclid(BUCKET_MS)..(taking.to + BUCKET_MS - 1).div_euclid(BUCKET_MS)
}
