//! Booking: an accepted form becomes an appointment, in one transaction.

use std::collections::BTreeMap;

use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, HoldId};

use super::buckets::{self, Take};
use super::limits::{Day, Wanted};
use super::patients::Patient;
use super::{Limit, NewEvent, StoredAppointment, StoredHold, resources, waiting};
use crate::booking::Candidate;
use crate::definitions::booking::Limits;
use crate::store::submissions::{Accept, Accepted};
use crate::store::{Millis, Op, StoreError, Tx};

/// Stores a form and the appointment it was filled in for, or nothing at all.
#[derive(Clone, Debug)]
pub struct Book {
    /// The form: without deliveries, for connections hear of the event.
    pub accept: Accept,
    /// What is to be booked.
    pub appointment: NewAppointment,
    /// The hold it takes the place of; then the candidates are not read.
    pub hold: Option<HoldId>,
    /// What connections hear of it.
    pub event: NewEvent,
    /// The time now.
    pub now: Millis,
}

/// What is to be booked.
#[derive(Clone, Debug)]
pub struct NewAppointment {
    /// Its id.
    pub id: AppointmentId,
    /// Key of the service.
    pub service: String,
    /// Key of its department.
    pub department: String,
    /// The ways to do the slot, the best first; not empty unless there is a hold.
    pub candidates: Vec<Candidate>,
    /// The site's date at its start, ISO 8601.
    pub day: String,
    /// [`Status::Requested`] or [`Status::Booked`].
    pub status: Status,
    /// SHA-256 of what the person is known by.
    pub patient_sha256: [u8; 32],
    /// How much one person may book.
    pub limits: Limits,
    /// Most appointments a day, of every practitioner for whom there is such a limit.
    pub per_day: BTreeMap<String, u32>,
    /// Why staff squeezes it in where nothing is free; no practitioner's limit holds then.
    pub overbook: Option<String>,
}

/// How [`Book`] ended. Only `Stored` has stored anything.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Booked {
    /// It is booked.
    Stored(StoredAppointment),
    /// The form was not accepted, or it was earlier.
    NotAccepted(Accepted),
    /// No candidate is free.
    Taken,
    /// The hold has ended and its slot is somebody else's, or it is no hold of this service.
    HoldOver,
    /// The person may not book.
    Blocked {
        /// Until when.
        until: Millis,
    },
    /// The person has booked enough.
    LimitReached(Limit),
}

impl Op for Book {
    type Out = Booked;

    async fn run(&self, tx: &mut Tx) -> Result<Booked, StoreError> {
        let booked = self.book(tx).await?;
        if !matches!(booked, Booked::Stored(_)) {
            tx.undo();
        }
        Ok(booked)
    }
}

impl Book {
    async fn book(&self, tx: &mut Tx) -> Result<Booked, StoreError> {
        if let Some(refused) = self.accept.claim(tx).await? {
            return Ok(Booked::NotAccepted(refused));
        }
        // Who comes too late learns it before anything else is done.
        let hold = self.held(tx).await?;
        let wanted: Vec<&Candidate> = match &hold {
            Some(hold) => vec![&hold.slot],
            None if self.hold.is_some() => return Ok(Booked::HoldOver),
            None => self.appointment.candidates.iter().collect(),
        };
        let owner = self.appointment.id.to_string();
        let take = self.seat(&owner);
        if hold.is_none() && !take.sees(tx, &wanted).await? {
            return Ok(Booked::Taken);
        }
        match self.accept.store(tx).await? {
            Accepted::Stored => {}
            refused => return Ok(Booked::NotAccepted(refused)),
        }
        let patient = Patient { site: self.site(), sha256: &self.appointment.patient_sha256 };
        if let Some(until) = patient.lock(tx).await?.filter(|until| *until > self.now) {
            return Ok(Booked::Blocked { until });
        }
        let day = hold.as_ref().map_or(&self.appointment.day, |hold| &hold.day);
        let day = Day { site: self.site(), day, except: "", now: self.now };
        let allowed = match day.allowed(tx, &patient, &self.wanted(), &wanted).await? {
            Ok(allowed) => allowed,
            Err(limit) => return Ok(Booked::LimitReached(limit)),
        };
        resources::lock(tx, self.site(), allowed.iter().copied()).await?;
        let slot = match &hold {
            Some(hold) => self.keep(tx, hold).await?,
            None if take.squeeze => take.first(tx, &allowed).await?,
            None => {
                let open = day.with_room(tx, &self.appointment.per_day, allowed).await?;
                take.first(tx, &open).await?
            }
        };
        match slot {
            Some(slot) => self.store(tx, slot, day.day).await.map(Booked::Stored),
            None if hold.is_some() => Ok(Booked::HoldOver),
            None => Ok(Booked::Taken),
        }
    }

    fn site(&self) -> &str {
        &self.accept.submission.site
    }

    fn wanted(&self) -> Wanted<'_> {
        let NewAppointment { service, department, limits, .. } = &self.appointment;
        Wanted { service, department, limits }
    }

    fn seat<'a>(&'a self, owner: &'a str) -> Take<'a> {
        let squeeze = self.appointment.overbook.is_some();
        Take { site: self.site(), owner, until: None, squeeze, now: self.now }
    }

    /// The hold that is to be booked, taken away.
    async fn held(&self, tx: &mut Tx) -> Result<Option<StoredHold>, StoreError> {
        let Some(id) = self.hold else { return Ok(None) };
        let hold = StoredHold::take(tx, self.site(), id).await?;
        Ok(hold.filter(|hold| hold.service == self.appointment.service))
    }

    /// What was held becomes the appointment's, also after the hold's end as long as nobody has taken any of it.
    async fn keep<'h>(&self, tx: &mut Tx, hold: &'h StoredHold) -> Result<Option<&'h Candidate>, StoreError> {
        let (owner, heir) = (hold.id.to_string(), self.appointment.id.to_string());
        if !buckets::owns(tx, &hold.site, &owner, &hold.slot).await? {
            return Ok(None);
        }
        buckets::pass_on(tx, &hold.site, (&owner, &heir), &hold.slot, None).await?;
        if let Some(waiting) = hold.waiting {
            waiting::end(tx, waiting).await?;
        }
        Ok(Some(&hold.slot))
    }

    async fn store(&self, tx: &mut Tx, slot: &Candidate, day: &str) -> Result<StoredAppointment, StoreError> {
        let new = &self.appointment;
        let submission = &self.accept.submission;
        let stored = StoredAppointment {
            id: new.id,
            site: submission.site.clone(),
            submission: submission.id,
            service: new.service.clone(),
            department: new.department.clone(),
            slot: slot.clone(),
            day: day.to_owned(),
            status: new.status,
            code: submission.receipt.clone(),
            lang: submission.lang.clone(),
            sequence: 0,
            patient_sha256: new.patient_sha256,
            overbooked: new.overbook.clone(),
            late: false,
            created_at: self.now,
            changed_at: self.now,
        };
        stored.insert(tx).await?;
        self.event.tell(tx, &stored).await?;
        Ok(stored)
    }
}
