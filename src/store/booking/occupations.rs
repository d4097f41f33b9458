//! What is taken as intervals, for computing what is free.

use std::collections::HashMap;

use super::buckets::Take;
use super::numbered;
use crate::booking::Candidate;
use crate::store::value::Value;
use crate::store::{Millis, Op, StoreError, Tx};

/// No interval is longer.
const LONGEST_MS: i64 = 24 * 3_600_000;

/// A stretch of time in which a resource is used by one owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupation {
    /// Its beginning.
    pub from: Millis,
    /// Its end.
    pub to: Millis,
    /// When it ends by itself, if it is a hold's.
    pub until: Option<Millis>,
}

/// A practitioner or resource with what is taken of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupied {
    /// Its key.
    pub resource: String,
    /// Raised with every change.
    pub revision: i64,
    /// In the order of time.
    pub occupations: Vec<Occupation>,
}

/// Reads what is taken within a window, of every practitioner and resource that has changed since it was read last. One
/// that was never booked has no revision and is not in the answer.
#[derive(Clone, Debug)]
pub struct Occupations {
    /// Key of the site.
    pub site: String,
    /// The revisions that are known, by key.
    pub since: HashMap<String, i64>,
    /// Beginning of the window.
    pub from: Millis,
    /// End of the window.
    pub to: Millis,
    /// An owner who is left out: the appointment that is about to be moved.
    pub except: Option<String>,
}

impl Op for Occupations {
    type Out = Vec<Occupied>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Occupied>, StoreError> {
        let sql = "select key, revision from resources where site = $1";
        let mut changed = Vec::new();
        for mut row in tx.query(sql, &[(&self.site).into()]).await? {
            let (resource, revision) = (row.text(0)?, row.int(1)?);
            if self.since.get(&resource) != Some(&revision) {
                changed.push(Occupied { resource, revision, occupations: Vec::new() });
            }
        }
        // By the order of this program: the database's may be another language's.
        changed.sort_by(|one, other| one.resource.cmp(&other.resource));
        if !changed.is_empty() {
            self.fill(tx, &mut changed).await?;
        }
        Ok(changed)
    }
}

impl Occupations {
    async fn fill(&self, tx: &mut Tx, changed: &mut [Occupied]) -> Result<(), StoreError> {
        // The last is repeated up to a power of two: so few texts are prepared.
        let width = changed.len().next_power_of_two();
        let sql = format!(
            "select resource, from_at, to_at, until from occupations where site = $1 and from_at > $2 \
             and from_at < $3 and to_at > $4 and owner <> $5 and resource in ({}) order by resource, from_at, owner",
            numbered(6, width)
        );
        let except = self.except.as_deref().unwrap_or_default();
        let mut args: Vec<Value> = vec![
            (&self.site).into(),
            (self.from - LONGEST_MS).into(),
            self.to.into(),
            self.from.into(),
            except.into(),
        ];
        let keys = (0..width).filter_map(|at| changed.get(at.min(changed.len() - 1)));
        args.extend(keys.map(|known| Value::from(known.resource.clone())));
        for mut row in tx.query(&sql, &args).await? {
            let resource = row.text(0)?;
            let occupation = Occupation { from: row.int(1)?, to: row.int(2)?, until: row.optional_int(3)? };
            if let Ok(at) = changed.binary_search_by(|known| known.resource.cmp(&resource)) {
                changed[at].occupations.push(occupation);
            }
        }
        Ok(())
    }
}

/// Writes down what was taken.
pub(super) async fn insert(tx: &mut Tx, take: &Take<'_>, slot: &Candidate) -> Result<(), StoreError> {
    let row = |at| format!("($1, $2, $3, ${}, ${}, ${})", at, at + 1, at + 2);
    let rows: Vec<String> = (0..slot.takings.len()).map(|row_at| row(4 + row_at * 3)).collect();
    let sql = format!(
        "insert into occupations (site, owner, until, resource, from_at, to_at) values {}",
        rows.join(", ")
    );
    let mut args = vec![take.site.into(), take.owner.into(), take.until.into()];
    for taking in &slot.takings {
        args.extend([(&taking.resource).into(), taking.from.into(), taking.to.into()]);
    }
    tx.execute(&sql, &args).await.map(drop)
}

/// Hands them on to another owner, until then or for good.
pub(super) async fn pass_on(
    tx: &mut Tx,
    (owner, heir): (&str, &str),
    until: Option<Millis>,
) -> Result<(), StoreError> {
    let sql = "update occupations set owner = $1, until = $2 where owner = $3";
    tx.execute(sql, &[heir.into(), until.into(), owner.into()]).await.map(drop)
}

/// Removes those of an owner.
pub(super) async fn free(tx: &mut Tx, owner: &str) -> Result<(), StoreError> {
    tx.execute("delete from occupations where owner = $1", &[owner.into()]).await.map(drop)
}
