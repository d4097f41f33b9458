//! Moving: the old slot goes and the new one comes in one transaction, or nothing changes.

use std::collections::BTreeMap;

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;

use super::buckets::Take;
use super::limits::{Day, Wanted};
use super::release::give_back;
use super::slot::overlap;
use super::{Limit, NewEvent, StoredAppointment, buckets, reminders, resources};
use crate::booking::Candidate;
use crate::definitions::booking::Limits;
use crate::store::{Millis, Op, StoreError, Tx, his};

/// Moves an open appointment to the first candidate that is free; its own time counts as free.
#[derive(Clone, Debug)]
pub struct Move {
    /// Key of the site.
    pub site: String,
    /// The appointment.
    pub id: AppointmentId,
    /// The ways to do the new slot, the best first; not empty.
    pub candidates: Vec<Candidate>,
    /// The site's date at its start, ISO 8601.
    pub day: String,
    /// How much one person may book; the appointment itself does not count.
    pub limits: Limits,
    /// Most appointments a day, of every practitioner for whom there is such a limit.
    pub per_day: BTreeMap<String, u32>,
    /// Why staff squeezes it in though nothing is free. Where missing it is not squeezed in any more.
    pub overbook: Option<String>,
    /// Only while it has this sequence.
    pub expected_sequence: Option<u32>,
    /// What connections hear of it.
    pub event: NewEvent,
    /// The time now.
    pub now: Millis,
}

/// How [`Move`] ended. Only `Stored` has changed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It was moved.
    Stored(StoredAppointment),
    /// It is there already.
    Same(StoredAppointment),
    /// Somebody else has changed it.
    Changed(StoredAppointment),
    /// It is not open any more.
    Closed(StoredAppointment),
    /// No candidate is free; it stays where it is.
    Taken,
    /// The person has booked enough there.
    LimitReached(Limit),
    /// There is no such appointment.
    Gone,
}

impl Op for Move {
    type Out = Moved;

    async fn run(&self, tx: &mut Tx) -> Result<Moved, StoreError> {
        let moved = self.relocate(tx).await?;
        if !matches!(moved, Moved::Stored(_)) {
            tx.undo();
        }
        Ok(moved)
    }
}

impl Move {
    async fn relocate(&self, tx: &mut Tx) -> Result<Moved, StoreError> {
        let Some(mut appointment) = StoredAppointment::lock(tx, &self.site, self.id).await? else {
            return Ok(Moved::Gone);
        };
        if !appointment.status.is_open() {
            return Ok(Moved::Closed(appointment));
        }
        if self.candidates.iter().any(|candidate| same(candidate, &appointment.slot)) {
            return Ok(Moved::Same(appointment));
        }
        if self.expected_sequence.is_some_and(|expected| expected != appointment.sequence) {
            return Ok(Moved::Changed(appointment));
        }
        appointment.patient().lock(tx).await?;
        let id = self.id.to_string();
        let day = Day { site: &self.site, day: &self.day, except: &id, now: self.now };
        let StoredAppointment { service, department, .. } = &appointment;
        let wanted = Wanted { service, department, limits: &self.limits };
        let candidates: Vec<&Candidate> = self.candidates.iter().collect();
        let allowed = match day.allowed(tx, &appointment.patient(), &wanted, &candidates).await? {
            Ok(allowed) => allowed,
            Err(limit) => return Ok(Moved::LimitReached(limit)),
        };
        resources::lock(tx, &self.site, allowed.iter().copied().chain([&appointment.slot])).await?;
        let squeeze = self.overbook.is_some();
        let open = if squeeze { allowed } else { day.with_room(tx, &self.per_day, allowed).await? };
        self.leave(tx, &appointment, &open).await?;
        let take = Take { site: &self.site, owner: &id, until: None, squeeze, now: self.now };
        let Some(slot) = take.first(tx, &open).await? else { return Ok(Moved::Taken) };
        let left = his::slots::id_of(tx, &self.site, &appointment.slot).await?;
        appointment.slot = slot.clone();
        appointment.day.clone_from(&self.day);
        appointment.overbooked.clone_from(&self.overbook);
        if his::slots::id_of(tx, &self.site, slot).await?.is_some() {
            // The hospital has not agreed yet.
            appointment.status = Status::Requested;
        }
        appointment.change(self.now);
        appointment.update(tx).await?;
        reminders::forget(tx, self.id).await?;
        self.event.tell_left(tx, &appointment, left).await?;
        Ok(Moved::Stored(appointment))
    }

    /// Nobody waits for a slot of which the new one needs a part.
    async fn leave(
        &self,
        tx: &mut Tx,
        appointment: &StoredAppointment,
        open: &[&Candidate],
    ) -> Result<(), StoreError> {
        if open.iter().any(|candidate| overlap(candidate, &appointment.slot)) {
            return buckets::free(tx, &self.site, &self.id.to_string(), &appointment.slot).await;
        }
        give_back(tx, &self.id.to_string(), appointment.vacant(), self.now).await
    }
}

fn same(one: &Candidate, other: &Candidate) -> bool {
    (&one.practitioner, &one.place, one.start) == (&other.practitioner, &other.place, other.start)
}
