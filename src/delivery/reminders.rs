//! Reminders: a sweep that finds whose appointment is near and tells the connections.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::announce::{self, kind};
use crate::bus::Bus;
use crate::definitions::Booking;
use crate::sites::{LiveSite, Sites};
use crate::store::booking::{DueReminders, Remind, StoredAppointment};
use crate::store::{Millis, Store, StoreError};

/// How often it is looked for due reminders: how late one may be.
const SWEEP: Duration = Duration::from_secs(30);

/// How many are found at a time.
const BATCH: u32 = 100;

/// Reminds people of their appointments, for ever. Gateways that share a database do not know of each other: the store
/// lets one of them remind.
#[derive(Clone, Debug)]
pub struct Reminders {
    store: Store,
    sites: Arc<Sites>,
    bus: Bus,
}

impl Reminders {
    /// Ready to run.
    pub fn new(store: Store, sites: Arc<Sites>, bus: Bus) -> Self {
        Self { store, sites, bus }
    }

    /// Sweeps until dropped. A database that is away is asked again.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.sweep(Timestamp::now().as_millisecond()).await {
                tracing::warn!(%error, "the reminders have to wait");
            }
            tokio::time::sleep(SWEEP).await;
        }
    }

    /// Writes all reminders that are due at `now`, in Unix milliseconds; says how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep(&self, now: Millis) -> Result<usize, StoreError> {
        let mut reminded = 0;
        for site in self.sites.snapshot().iter() {
            let Some(booking) = &site.definition.booking else { continue };
            for hours in &booking.reminders {
                reminded += self.remind(site, booking, *hours, now).await?;
            }
        }
        if reminded > 0 {
            self.bus.wake();
        }
        Ok(reminded)
    }

    async fn remind(
        &self,
        site: &LiveSite,
        booking: &Booking,
        hours: u32,
        now: Millis,
    ) -> Result<usize, StoreError> {
        let mut reminded = 0;
        let site_key = site.definition.key.clone();
        let mut list = DueReminders { site: site_key, hours, now, after: None, limit: BATCH };
        loop {
            let due = self.store.run(list.clone()).await?;
            for appointment in &due {
                match self.tell(site, booking, hours, appointment, now).await {
                    Ok(told) => reminded += usize::from(told),
                    // One that fails holds up no other.
                    Err(cause) => {
                        tracing::warn!(appointment = %appointment.id, %cause, "a reminder has to wait")
                    }
                }
            }
            if due.len() < BATCH as usize {
                return Ok(reminded);
            }
            list.after = due.last().map(|last| (last.slot.start, last.id));
        }
    }

    /// Whether it was this gateway that reminded.
    async fn tell(
        &self,
        site: &LiveSite,
        booking: &Booking,
        hours: u32,
        appointment: &StoredAppointment,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let service = announce::service(&self.store, booking, appointment).await?;
        let event = announce::event(site, booking, &service, kind::REMINDER, &appointment.lang);
        let remind = Remind { site: appointment.site.clone(), id: appointment.id, hours, event, now };
        self.store.run(remind).await
    }
}
