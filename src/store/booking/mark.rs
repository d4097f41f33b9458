//! Marking: what became of an appointment, as staff says.

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;

use super::{NewEvent, StoredAppointment};
use crate::definitions::booking::Blocks;
use crate::store::{Millis, Op, StoreError, Tx};

/// Confirms a requested appointment ([`Status::Booked`]), or says whether its person came ([`Status::Arrived`], which may be
/// early, [`Status::Missed`] from its start on; one may be corrected into the other). Its time stays taken.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Key of the site.
    pub site: String,
    /// The appointment.
    pub id: AppointmentId,
    /// What it is from now on.
    pub status: Status,
    /// What follows from missing too many.
    pub blocks: Blocks,
    /// What connections hear of it.
    pub event: Option<NewEvent>,
    /// The time now.
    pub now: Millis,
}

/// How [`Mark`] ended. Only `Stored` has changed anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// It is marked.
    Stored(StoredAppointment),
    /// It was marked so already.
    Already(StoredAppointment),
    /// It cannot become that: it was cancelled, or it is over.
    Refused(StoredAppointment),
    /// It has not begun, so nobody can have missed it.
    Early(StoredAppointment),
    /// There is no such appointment.
    Gone,
}

impl Op for Mark {
    type Out = Marked;

    async fn run(&self, tx: &mut Tx) -> Result<Marked, StoreError> {
        let Some(mut appointment) = StoredAppointment::lock(tx, &self.site, self.id).await? else {
            return Ok(Marked::Gone);
        };
        let before = appointment.status;
        if before == self.status {
            return Ok(Marked::Already(appointment));
        }
        if !may_become(before, self.status) {
            return Ok(Marked::Refused(appointment));
        }
        if self.status == Status::Missed && self.now < appointment.slot.start {
            return Ok(Marked::Early(appointment));
        }
        appointment.patient().lock(tx).await?;
        appointment.status = self.status;
        appointment.change(self.now);
        appointment.update(tx).await?;
        if self.status == Status::Missed {
            appointment.patient().block(tx, &self.blocks, self.now).await?;
        } else if before == Status::Missed {
            appointment.patient().unblock(tx, &self.blocks, self.now).await?;
        }
        if let Some(event) = &self.event {
            event.tell(tx, &appointment).await?;
        }
        Ok(Marked::Stored(appointment))
    }
}

fn may_become(before: Status, after: Status) -> bool {
    match after {
        Status::Booked => before == Status::Requested,
        Status::Arrived => before.is_open() || before == Status::Missed,
        Status::Missed => before.is_open() || before == Status::Arrived,
        Status::Requested | Status::Cancelled => false,
    }
}
