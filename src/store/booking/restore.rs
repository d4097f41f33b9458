//! The books of who is taken when, made anew from the appointments.
//!
//! They are purged by the clock. One that ran ahead, of a machine that began with a wrong time, has purged what is still to
//! come: nothing of that time is given away until it is restored.

use std::collections::BTreeMap;

use super::appointment::{COLUMNS, StoredAppointment};
use super::buckets::Take;
use super::{BUCKET_MS, resources};
use crate::store::{Millis, StoreError, Tx};

/// Notes how far a purge goes, after it has put back what an earlier one, by a clock that ran ahead, should have left.
pub(in crate::store) async fn purged(tx: &mut Tx, now: Millis, past: Millis) -> Result<(), StoreError> {
    let sql = "update counters set value = value where name = 'purged' returning value";
    let before = tx.query_one(sql, &[]).await?.map_or(Ok(0), |mut row| row.int(0))?;
    let ahead = before > now.div_euclid(BUCKET_MS);
    if ahead {
        restore(tx, now).await?;
    }
    let past = past.div_euclid(BUCKET_MS);
    let until = if ahead { past } else { past.max(before) };
    let sql = "update counters set value = $1 where name = 'purged'";
    tx.execute(sql, &[until.into()]).await.map(drop)
}

async fn restore(tx: &mut Tx, now: Millis) -> Result<(), StoreError> {
    let sql =
        format!("select {COLUMNS} from appointments where status <> 'cancelled' and end_at > $1 order by id");
    let mut sites: BTreeMap<String, Vec<StoredAppointment>> = BTreeMap::new();
    for row in tx.query(&sql, &[now.into()]).await? {
        let appointment = StoredAppointment::from_row(row)?;
        sites.entry(appointment.site.clone()).or_default().push(appointment);
    }
    for (site, appointments) in &sites {
        resources::lock(tx, site, appointments.iter().map(|appointment| &appointment.slot)).await?;
        for appointment in appointments {
            let owner = &appointment.id.to_string();
            // Whoever was squeezed in finds all seats taken again.
            let take = Take { site, owner, until: None, squeeze: true, now };
            take.again(tx, &appointment.slot).await?;
        }
    }
    Ok(())
}
