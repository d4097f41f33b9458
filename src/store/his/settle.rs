//! Settling: what becomes of an appointment once its hospital has answered.

use std::collections::BTreeMap;

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::slots::{self, HisSlot};
use crate::booking::{Candidate, Taking};
use crate::definitions::booking::{Blocks, Limits};
use crate::store::booking::{Cancel, Mark, Move, Moved, NewEvent, StoredAppointment};
use crate::store::{Millis, Op, StoreError, Tx};

/// What the hospital said of the appointment as it was at `sequence`.
#[derive(Clone, Debug)]
pub struct Settle {
    /// Key of the site.
    pub site: String,
    /// The appointment.
    pub id: AppointmentId,
    /// How often it had been changed when the hospital was told of it. Had it been changed since, it will be told again.
    pub sequence: u32,
    /// The hospital's id of the slot that it was about.
    pub slot: Option<String>,
    /// The one that was left for it, where it was a move.
    pub left: Option<String>,
    /// What it said.
    pub answer: Answer,
    /// The slot that was given up there, and whether it is free now; nothing where nobody knows.
    pub given: Option<(String, bool)>,
    /// What connections hear of it.
    pub told: Told,
    /// Decides on which day an appointment is.
    pub time_zone: TimeZone,
    /// The time now.
    pub now: Millis,
}

/// What connections hear, by what becomes of the appointment.
#[derive(Clone, Debug)]
pub struct Told {
    /// It is booked.
    pub booked: NewEvent,
    /// It is back at the slot that it left.
    pub back: NewEvent,
    /// It is cancelled.
    pub cancelled: NewEvent,
}

/// A hospital's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The slot is the appointment's.
    Booked,
    /// The slot is somebody else's: the appointment goes back to the one it left, or ends.
    Taken,
    /// The appointment has ended.
    Ended,
}

/// How [`Settle`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The appointment has changed.
    Changed,
    /// It has not: there was nothing to change, or somebody else was first.
    Same,
    /// It would go back to a slot that one of ours has asked for meanwhile, and will not get. Again, soon.
    Busy,
}

impl Op for Settle {
    type Out = Settled;

    async fn run(&self, tx: &mut Tx) -> Result<Settled, StoreError> {
        // Until the hospital says that it is free again, nobody is offered what one of ours has given back.
        if let Some((slot, free)) = &self.given {
            slots::note(tx, &self.site, slot, *free).await?;
        }
        if let Some(slot) = self.slot.as_ref().filter(|_| self.answer != Answer::Ended) {
            slots::note(tx, &self.site, slot, false).await?;
        }
        let Some(appointment) = StoredAppointment::lock(tx, &self.site, self.id).await? else {
            return Ok(Settled::Same);
        };
        if appointment.sequence != self.sequence || appointment.status != Status::Requested {
            return Ok(Settled::Same);
        }
        let left = match &self.left {
            Some(left) if self.answer == Answer::Taken => slots::find(tx, &self.site, left).await?,
            _ => None,
        };
        let Self { site, id, told, now, .. } = self.clone();
        let blocks = Blocks::default();
        match (self.answer, left) {
            (Answer::Booked, _) => {
                let event = Some(told.booked);
                Mark { site, id, status: Status::Booked, blocks, event, now }.run(tx).await?;
            }
            (Answer::Taken, Some(left)) => return self.go_back(tx, left, told.back).await,
            (Answer::Taken, None) => {
                let (expected_sequence, event) = (None, told.cancelled);
                let cancel =
                    Cancel { site, id, late: false, blocks, closed: true, expected_sequence, event, now };
                cancel.run(tx).await?;
            }
            (Answer::Ended, _) => return Ok(Settled::Same),
        }
        Ok(Settled::Changed)
    }
}

impl Settle {
    async fn go_back(&self, tx: &mut Tx, left: HisSlot, event: NewEvent) -> Result<Settled, StoreError> {
        let start = Timestamp::from_millisecond(left.start).unwrap_or_default();
        let relocate = Move {
            site: self.site.clone(),
            id: self.id,
            day: start.to_zoned(self.time_zone.clone()).date().to_string(),
            candidates: vec![candidate(left)],
            limits: Limits::default(),
            per_day: BTreeMap::new(),
            overbook: None,
            expected_sequence: None,
            event,
            now: self.now,
        };
        Ok(match relocate.run(tx).await? {
            Moved::Stored(_) => Settled::Changed,
            Moved::Taken => Settled::Busy,
            _ => Settled::Same,
        })
    }
}

/// How a hospital's slot is done: by its practitioner alone.
fn candidate(slot: HisSlot) -> Candidate {
    let HisSlot { practitioner, place, start, end, .. } = slot;
    let takings = vec![Taking { resource: practitioner.clone(), from: start, to: end, seats: 1 }];
    Candidate { practitioner, place, start, end, takings }
}
