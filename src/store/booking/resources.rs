//! Practitioners and resources as far as they were booked: the lock that lets one writer in at a time.

use std::collections::BTreeSet;

use crate::booking::Candidate;
use crate::store::value::Value;
use crate::store::{StoreError, Tx};

/// Locks everything that these slots take, until the transaction ends, and raises its revision.
///
/// Everything that writes buckets comes through here first, once, with all it may touch: rows are locked in the order of
/// their keys, so nobody waits in a circle, and what is read afterwards stays as it is.
pub(super) async fn lock<'a>(
    tx: &mut Tx,
    site: &str,
    slots: impl IntoIterator<Item = &'a Candidate>,
) -> Result<(), StoreError> {
    let takings = slots.into_iter().flat_map(|slot| &slot.takings);
    let keys: BTreeSet<&str> = takings.map(|taking| taking.resource.as_str()).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> = (2..2 + keys.len()).map(|at| format!("($1, ${at}, 1)")).collect();
    let sql = format!(
        "insert into resources (site, key, revision) values {} \
         on conflict (site, key) do update set revision = resources.revision + 1",
        rows.join(", ")
    );
    let args: Vec<Value> = [site].into_iter().chain(keys).map(Value::from).collect();
    tx.execute(&sql, &args).await.map(drop)
}
