//! A chosen candidate as it lies in a row of holds or appointments.

use crate::booking::{Candidate, Taking};
use crate::store::{Row, StoreError};

/// The columns of a slot, in the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str = "practitioner, place, start_at, end_at, takings";

/// Reads the five columns that start at `first`.
pub(super) fn from_row(row: &mut Row, first: usize) -> Result<Candidate, StoreError> {
    let takings: Vec<(String, i64, i64, u32)> = serde_json::from_str(&row.text(first + 4)?)
        .map_err(|_| StoreError::statement("stored takings are damaged"))?;
    let taking = |(resource, from, to, seats)| Taking { resource, from, to, seats };
    Ok(Candidate {
        practitioner: row.text(first)?,
        place: row.text(first + 1)?,
        start: row.int(first + 2)?,
        end: row.int(first + 3)?,
        takings: takings.into_iter().map(taking).collect(),
    })
}

/// What is stored of its takings: `[["li", from, to, seats], …]`.
pub(super) fn takings(slot: &Candidate) -> String {
    let taking = |taking: &Taking| (taking.resource.clone(), taking.from, taking.to, taking.seats);
    let takings: Vec<_> = slot.takings.iter().map(taking).collect();
    serde_json::json!(takings).to_string()
}

/// Whether both take the same time of the same resource.
pub(super) fn overlap(one: &Candidate, other: &Candidate) -> bool {
    let meet = |a: &Taking, b: &Taking| a.resource == b.resource && a.from < b.to && b.from < a.to;
    one.takings.iter().any(|a| other.takings.iter().any(|b| meet(a, b)))
}
