//! Reads all that is written about who has what when, in one moment, and says whether it is in order.

use std::collections::BTreeMap;

use crm_widgets::store::{Op, StoreError, Tx};

use super::history::seats;
use crate::support::report;

const BUCKET: i64 = 300_000;

/// A row of `appointments` or `holds`, as far as it takes time.
#[derive(Debug)]
pub(super) struct Owner {
    pub sequence: i64,
    /// A hold's end.
    until: Option<i64>,
    squeezed: bool,
    cancelled: bool,
    /// Resource, from, to, seats.
    takings: Vec<(String, i64, i64, u32)>,
    waiting: Option<String>,
}

/// Everything, at one moment.
#[derive(Debug)]
pub(super) struct Books {
    pub appointments: BTreeMap<String, Owner>,
    holds: BTreeMap<String, Owner>,
    /// (resource, bucket, seat) to (owner, until).
    buckets: BTreeMap<(String, i64, i64), (String, Option<i64>)>,
    /// (owner, resource) to (from, to, until).
    occupations: BTreeMap<(String, String), (i64, i64, Option<i64>)>,
    /// People who were offered something, and the hold.
    offered: BTreeMap<String, String>,
}

#[derive(Clone)]
pub(super) struct Audit;

impl Op for Audit {
    type Out = Books;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Books, StoreError> {
        let mut books = Books {
            appointments: BTreeMap::new(),
            holds: BTreeMap::new(),
            buckets: BTreeMap::new(),
            occupations: BTreeMap::new(),
            offered: BTreeMap::new(),
        };
        let sql = "select id, takings, sequence, status, overbooked from appointments";
        for mut row in tx.query(sql, &[]).await? {
            let owner = Owner {
                takings: serde_json::from_str(&row.text(1)?).unwrap(),
                sequence: row.int(2)?,
                cancelled: row.text(3)? == "cancelled",
                squeezed: row.optional_text(4)?.is_some(),
                until: None,
                waiting: None,
            };
            books.appointments.insert(row.text(0)?, owner);
        }
        for mut row in tx.query("select id, takings, expires_at, waiting from holds", &[]).await? {
            let owner = Owner {
                takings: serde_json::from_str(&row.text(1)?).unwrap(),
                until: Some(row.int(2)?),
                waiting: row.optional_text(3)?,
                sequence: 0,
                cancelled: false,
                squeezed: false,
            };
            books.holds.insert(row.text(0)?, owner);
        }
        for mut row in tx.query("select resource, bucket, seat, owner, until from buckets", &[]).await? {
            let key = (row.text(0)?, row.int(1)?, row.int(2)?);
            books.buckets.insert(key, (row.text(3)?, row.optional_int(4)?));
        }
        for mut row in tx.query("select owner, resource, from_at, to_at, until from occupations", &[]).await?
        {
            let key = (row.text(0)?, row.text(1)?);
            books.occupations.insert(key, (row.int(2)?, row.int(3)?, row.optional_int(4)?));
        }
        for mut row in tx.query("select id, hold from waiting where state = 'offered'", &[]).await? {
            books.offered.insert(row.text(0)?, row.text(1)?);
        }
        Ok(books)
    }
}

impl Books {
    /// `now`: nobody has had a later time.
    pub(super) fn check(&self, now: i64) {
        assert_eq!(self.overlaps(now), 0);
        self.every_owner_has_its_buckets_and_every_bucket_its_owner(now);
        self.intervals_say_the_same();
        self.everyone_has_one_offer();
    }

    fn owners(&self) -> impl Iterator<Item = (&String, &Owner)> {
        self.appointments.iter().filter(|(_, owner)| !owner.cancelled).chain(&self.holds)
    }

    /// In how many buckets a resource has more owners than seats, from appointments and holds alone: those whom staff
    /// squeezed in do not count.
    pub(super) fn overlaps(&self, now: i64) -> usize {
        let live = |owner: &Owner| owner.until.is_none_or(|until| until > now);
        let mut used: BTreeMap<(&str, i64), Vec<&str>> = BTreeMap::new();
        for (id, owner) in self.owners().filter(|(_, owner)| live(owner) && !owner.squeezed) {
            for (resource, from, to, _) in &owner.takings {
                for bucket in from / BUCKET..to / BUCKET {
                    used.entry((resource.as_str(), bucket)).or_default().push(id.as_str());
                }
            }
        }
        used.retain(|(resource, _), owners| owners.len() as u32 > seats(resource));
        used.iter()
            .for_each(|((resource, bucket), owners)| report(&format!("{resource} {bucket}: {owners:?}")));
        used.len()
    }

    fn every_owner_has_its_buckets_and_every_bucket_its_owner(&self, now: i64) {
        let mut owned: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
        for ((resource, bucket, seat), (owner, until)) in &self.buckets {
            let known = self.appointments.get(owner).filter(|owner| !owner.cancelled);
            let Some(known) = known.or_else(|| self.holds.get(owner)) else {
                panic!("{resource} at {bucket} belongs to nobody: {owner}")
            };
            assert_eq!(*until, known.until, "{resource} at {bucket}");
            assert!(
                *seat < i64::from(seats(resource)) || known.squeezed,
                "{resource} at {bucket} has no seat {seat}"
            );
            owned.entry(owner).or_default().push((resource, *bucket));
        }
        for (id, owner) in self.owners() {
            let mut needed: Vec<(&str, i64)> = Vec::new();
            for (resource, from, to, _) in &owner.takings {
                needed.extend((from / BUCKET..to / BUCKET).map(|bucket| (resource.as_str(), bucket)));
            }
            needed.sort_unstable();
            let owned = owned.remove(id.as_str()).unwrap_or_default();
            if owner.until.is_none_or(|until| until > now) {
                assert_eq!(owned, needed, "{id}");
            } else {
                // Others may have taken what has ended.
                assert!(owned.iter().all(|bucket| needed.contains(bucket)), "{id}");
            }
        }
    }

    fn intervals_say_the_same(&self) {
        let mut expected = BTreeMap::new();
        for (id, owner) in self.owners() {
            for (resource, from, to, _) in &owner.takings {
                expected.insert((id.clone(), resource.clone()), (*from, *to, owner.until));
            }
        }
        assert_eq!(self.occupations, expected);
    }

    fn everyone_has_one_offer(&self) {
        let mut made = BTreeMap::new();
        for (id, hold) in &self.holds {
            if let Some(waiting) = &hold.waiting {
                assert_eq!(made.insert(waiting.clone(), id.clone()), None, "{waiting} has two offers");
            }
        }
        assert_eq!(self.offered, made);
    }
}
