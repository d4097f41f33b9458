//! What may be written in the definition of a booking and will hardly be meant.

use super::{Booking, Service};
use crate::definitions::faults::Faults;

impl Booking {
    /// `path` is where it stands in the file.
    pub(in crate::definitions) fn collect_hints(&self, path: &str, hints: &mut Faults) {
        for (at, service) in self.services.iter().enumerate() {
            service.collect_hints(&format!("{path}.services[{at}]"), hints);
        }
        // A hospital's practitioners have slots without a schedule.
        if self.his.is_some() {
            return;
        }
        for (at, practitioner) in self.practitioners.iter().enumerate() {
            let key = &practitioner.key;
            if self.schedules.iter().all(|schedule| schedule.who != *key) {
                let message = format!("no schedule is for \"{key}\", who can be booked at no time");
                let fix = "add one to the list `schedules`, or remove the practitioner";
                hints.add(format!("{path}.practitioners[{at}]"), message, fix);
            }
        }
    }
}

impl Service {
    fn collect_hints(&self, path: &str, hints: &mut Faults) {
        let Some(release) = self.release.as_ref().filter(|release| release.days > self.window) else {
            return;
        };
        let (days, window) = (release.days, self.window);
        let message = format!("{days} days before are beyond the window of {window}, so it opens no slot");
        let fix = format!("write {window} or less, make `window` {days} or more, or leave `release` out");
        hints.add(format!("{path}.release.days"), message, &fix);
    }
}
