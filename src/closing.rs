//! What becomes of appointments in a time that is closed afterwards: staff is told, and decides.

use jiff::Timestamp;

use crate::announce::{self, kind};
use crate::booking::closed;
use crate::definitions::Booking;
use crate::definitions::booking::Closure;
use crate::sites::LiveSite;
use crate::store::booking::{Cancel, Cancelled, ListAppointments, StoredAppointment};
use crate::store::{Store, StoreError};

/// How many are read at once.
const PAGE: u32 = 500;

/// The open appointments that are not over and lie in the closed time, by their start.
///
/// # Errors
/// The database's.
pub async fn affected(
    store: &Store,
    site: &LiveSite,
    closure: &Closure,
) -> Result<Vec<StoredAppointment>, StoreError> {
    let Some((from, to)) = closed::reach(closure) else { return Ok(Vec::new()) };
    let mut list = ListAppointments {
        site: site.definition.key.clone(),
        from,
        to,
        practitioner: None,
        status: None,
        after: None,
        limit: PAGE,
    };
    let mut found = Vec::new();
    loop {
        let page = store.run(list.clone()).await?;
        list.after = page.last().map(|last| (last.appointment.slot.start, last.appointment.id));
        let met = |one: &StoredAppointment| {
            let open = one.status.is_open() && one.slot.end > Timestamp::now().as_millisecond();
            open && closed::meets(closure, &site.calendar, &one.slot)
        };
        let whole = page.len() == PAGE as usize;
        found.extend(page.into_iter().map(|listed| listed.appointment).filter(met));
        if !whole {
            return Ok(found);
        }
    }
}

/// What became of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is cancelled.
    Cancelled,
    /// It was cancelled before, or somebody came.
    Over,
    /// It was moved to a time that is open.
    Elsewhere,
}

/// Cancels one of them, if it still lies in the closed time: nobody is to blame, and its time is offered to nobody.
///
/// # Errors
/// The database's.
pub async fn cancel(
    store: &Store,
    site: &LiveSite,
    closure: &Closure,
    mut appointment: StoredAppointment,
) -> Result<Fate, StoreError> {
    // A site without booking has no appointments.
    let Some(booking) = &site.definition.booking else { return Ok(Fate::Over) };
    loop {
        let cancel = cancellation(store, site, booking, &appointment, closure.reason.as_deref()).await?;
        appointment = match store.run(cancel).await? {
            Cancelled::Stored(_) => return Ok(Fate::Cancelled),
            Cancelled::Already(_) | Cancelled::Gone => return Ok(Fate::Over),
            Cancelled::Changed(now) if closed::meets(closure, &site.calendar, &now.slot) => now,
            Cancelled::Changed(_) => return Ok(Fate::Elsewhere),
        }
    }
}

async fn cancellation(
    store: &Store,
    site: &LiveSite,
    booking: &Booking,
    appointment: &StoredAppointment,
    reason: Option<&str>,
) -> Result<Cancel, StoreError> {
    let service = announce::service(store, booking, appointment).await?;
    let mut event = announce::event(site, booking, &service, kind::CANCELLED, &appointment.lang);
    event.reason = reason.map(str::to_owned);
    Ok(Cancel {
        site: appointment.site.clone(),
        id: appointment.id,
        late: false,
        blocks: booking.blocks.clone(),
        closed: true,
        expected_sequence: Some(appointment.sequence),
        event,
        now: Timestamp::now().as_millisecond(),
    })
}
