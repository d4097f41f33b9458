//! Forgetting: an erased person has no appointment and waits for nothing.

use std::collections::{BTreeMap, BTreeSet};

use crm_protocol::booking::Status;
use crm_protocol::id::{HoldId, SubmissionId};

use super::appointment::{COLUMNS, StoredAppointment};
use super::hold::StoredHold;
use super::patients::Patient;
use super::release::give_back;
use super::resources;
use crate::store::{StoreError, Tx};

/// Deletes the appointments and places on waitlists that these submissions were sent for, and frees what they take.
pub(in crate::store) async fn forget(tx: &mut Tx, submissions: &[SubmissionId]) -> Result<(), StoreError> {
    let (mut appointments, mut offers) = (Vec::new(), Vec::new());
    // In the order of their ids, as everybody who locks several.
    for submission in submissions.iter().collect::<BTreeSet<_>>() {
        appointments.extend(lock_appointments(tx, *submission).await?);
        offers.extend(end_offers(tx, *submission).await?);
    }
    let people: BTreeSet<_> = appointments.iter().map(|of| (of.site.clone(), of.patient_sha256)).collect();
    for (site, sha256) in &people {
        Patient { site, sha256 }.lock(tx).await?;
    }
    let occupying = appointments.iter().filter(|of| of.status != Status::Cancelled);
    let mut freed: BTreeMap<String, Vec<(String, StoredHold)>> = BTreeMap::new();
    let vacant = occupying.map(|of| (of.id.to_string(), of.vacant()));
    for (owner, slot) in vacant.chain(offers.into_iter().map(|hold| (hold.id.to_string(), hold))) {
        freed.entry(slot.site.clone()).or_default().push((owner, slot));
    }
    for (site, slots) in &freed {
        resources::lock(tx, site, slots.iter().map(|(_, slot)| &slot.slot)).await?;
    }
    for (owner, slot) in freed.into_values().flatten() {
        // Nobody says what time it is: what others held is not taken over.
        give_back(tx, &owner, slot, 0).await?;
    }
    for appointment in &appointments {
        let sql = "delete from appointments where id = $1";
        tx.execute(sql, &[appointment.id.to_string().into()]).await?;
    }
    for (site, sha256) in &people {
        Patient { site, sha256 }.forget(tx).await?;
    }
    Ok(())
}

async fn lock_appointments(
    tx: &mut Tx,
    submission: SubmissionId,
) -> Result<Vec<StoredAppointment>, StoreError> {
    let sql = format!("update appointments set site = site where submission = $1 returning {COLUMNS}");
    let rows = tx.query(&sql, &[submission.to_string().into()]).await?;
    rows.into_iter().map(StoredAppointment::from_row).collect()
}

async fn end_offers(tx: &mut Tx, submission: SubmissionId) -> Result<Vec<StoredHold>, StoreError> {
    let sql = "select site, hold from waiting where submission = $1 and state = 'offered'";
    let mut ended = Vec::new();
    for mut row in tx.query(sql, &[submission.to_string().into()]).await? {
        let (site, hold): (String, HoldId) = (row.text(0)?, row.parse(1)?);
        ended.extend(StoredHold::take(tx, &site, hold).await?);
    }
    Ok(ended)
}
