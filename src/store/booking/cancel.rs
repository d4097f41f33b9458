//! Cancelling: the slot is free again.

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;

use super::release::give_back;
use super::{NewEvent, StoredAppointment, buckets, resources};
use crate::definitions::booking::Blocks;
use crate::store::{Millis, Op, StoreError, Tx};

/// Cancels an open appointment.
#[derive(Clone, Debug)]
pub struct Cancel {
    /// Key of the site.
    pub site: String,
    /// The appointment.
    pub id: AppointmentId,
    /// Staff cancels for its person after the deadline: too many of these block them.
    pub late: bool,
    /// What follows from that.
    pub blocks: Blocks,
    /// Its time is closed: it is free, and offered to nobody who waits.
    pub closed: bool,
    /// Only while it has this sequence.
    pub expected_sequence: Option<u32>,
    /// What connections hear of it.
    pub event: NewEvent,
    /// The time now.
    pub now: Millis,
}

/// How [`Cancel`] ended. Only `Stored` has changed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It is cancelled.
    Stored(StoredAppointment),
    /// It was not open any more.
    Already(StoredAppointment),
    /// Somebody else has changed it.
    Changed(StoredAppointment),
    /// There is no such appointment.
    Gone,
}

impl Op for Cancel {
    type Out = Cancelled;

    async fn run(&self, tx: &mut Tx) -> Result<Cancelled, StoreError> {
        let Some(mut appointment) = StoredAppointment::lock(tx, &self.site, self.id).await? else {
            return Ok(Cancelled::Gone);
        };
        if !appointment.status.is_open() {
            return Ok(Cancelled::Already(appointment));
        }
        if self.expected_sequence.is_some_and(|expected| expected != appointment.sequence) {
            return Ok(Cancelled::Changed(appointment));
        }
        appointment.patient().lock(tx).await?;
        resources::lock(tx, &self.site, [&appointment.slot]).await?;
        let owner = self.id.to_string();
        match self.closed {
            true => buckets::free(tx, &self.site, &owner, &appointment.slot).await?,
            false => give_back(tx, &owner, appointment.vacant(), self.now).await?,
        }
        appointment.status = Status::Cancelled;
        appointment.late = self.late;
        appointment.change(self.now);
        appointment.update(tx).await?;
        if self.late {
            appointment.patient().block(tx, &self.blocks, self.now).await?;
        }
        self.event.tell(tx, &appointment).await?;
        Ok(Cancelled::Stored(appointment))
    }
}
