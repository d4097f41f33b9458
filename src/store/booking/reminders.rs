//! Reminding people of their appointments, once for each number of hours before.

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;

use super::appointment::COLUMNS;
use super::{NewEvent, StoredAppointment};
use crate::store::{Millis, Op, StoreError, Tx};

const HOUR_MS: i64 = 3_600_000;

/// Lists confirmed appointments of which their people are to be reminded now, by start and id. Not those that were
/// booked or changed later than the reminder would have come: their people have just heard of them.
#[derive(Clone, Debug)]
pub struct DueReminders {
    /// Key of the site.
    pub site: String,
    /// How long before it starts.
    pub hours: u32,
    /// The time now.
    pub now: Millis,
    /// Only after this one: start and id of the last one of the page before.
    pub after: Option<(Millis, AppointmentId)>,
    /// How many at most.
    pub limit: u32,
}

impl Op for DueReminders {
    type Out = Vec<StoredAppointment>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<StoredAppointment>, StoreError> {
        let ahead = i64::from(self.hours) * HOUR_MS;
        // Every id is greater than none.
        let first = (self.now + 1, String::new());
        let (start, id) = self.after.map_or(first, |(start, id)| (start, id.to_string()));
        let sql = format!(
            "select {COLUMNS} from appointments where site = $1 and status = 'booked' and (start_at, id) > ($2, $3) \
             and start_at <= $4 and changed_at <= start_at - $5 and not exists \
             (select 1 from reminders where appointment = appointments.id and hours = $6) \
             order by start_at, id limit $7"
        );
        let args = [
            (&self.site).into(),
            start.into(),
            id.into(),
            (self.now + ahead).into(),
            ahead.into(),
            i64::from(self.hours).into(),
            i64::from(self.limit).into(),
        ];
        tx.query(&sql, &args).await?.into_iter().map(StoredAppointment::from_row).collect()
    }
}

/// Tells a person of their appointment. False when that was done, or there is nothing to remind of any more.
#[derive(Clone, Debug)]
pub struct Remind {
    /// Key of the site.
    pub site: String,
    /// The appointment.
    pub id: AppointmentId,
    /// How long before it starts.
    pub hours: u32,
    /// What connections hear of it.
    pub event: NewEvent,
    /// The time now.
    pub now: Millis,
}

impl Op for Remind {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let Some(mut appointment) = StoredAppointment::lock(tx, &self.site, self.id).await? else {
            return Ok(false);
        };
        if !self.is_due(&appointment) {
            return Ok(false);
        }
        let sql = "insert into reminders (appointment, hours) values ($1, $2) on conflict do nothing";
        if tx.execute(sql, &[self.id.to_string().into(), i64::from(self.hours).into()]).await? == 0 {
            return Ok(false);
        }
        appointment.touch(self.now);
        appointment.update(tx).await?;
        self.event.tell(tx, &appointment).await?;
        Ok(true)
    }
}

impl Remind {
    /// As [`DueReminders`] has it: it may have been moved since it was listed.
    fn is_due(&self, appointment: &StoredAppointment) -> bool {
        let start = appointment.slot.start;
        let due = start - i64::from(self.hours) * HOUR_MS;
        let told = appointment.changed_at > due;
        appointment.status == Status::Booked && start > self.now && due <= self.now && !told
    }
}

/// What was moved is to be reminded of again.
pub(super) async fn forget(tx: &mut Tx, id: AppointmentId) -> Result<(), StoreError> {
    tx.execute("delete from reminders where appointment = $1", &[id.to_string().into()]).await.map(drop)
}
