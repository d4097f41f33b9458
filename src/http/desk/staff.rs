//! What staff does at the desk for somebody, in the ways that visitors have.

use std::borrow::Cow;

use crm_protocol::booking::{BookRequest, MoveRequest, Status};
use crm_protocol::id::AppointmentId;
use jiff::{SignedDuration, Timestamp};

use super::Desk;
use super::appointment::Cancelling;
use crate::announce::kind;
use crate::definitions::booking::{Limits, Service};
use crate::http::intake::now;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::store::booking::{FindBlock, LiftBlock, Limit, Mark, Marked, StoredAppointment};
use crate::store::his::Awaits;

/// Why staff does not confirm what a hospital has yet to answer.
const ASKED: &str = "The hospital has not answered yet. It is confirmed or cancelled by itself once it has.";

/// Why nobody is said to have missed what is to come.
const EARLY: &str = "It has not begun yet. It can be marked as missed from its start on.";

/// Days ahead that staff may book.
const AHEAD: u32 = 366;

/// On whose word something is done: what protects a site from its visitors does not bind its staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Visitor,
    Staff,
}

impl By {
    /// The service by the rules that hold for them: staff books without notice, before the release and beyond the window.
    pub fn rules(self, service: &Service) -> Cow<'_, Service> {
        match self {
            Self::Visitor => Cow::Borrowed(service),
            Self::Staff => Cow::Owned(Service { notice: 0, window: AHEAD, release: None, ..service.clone() }),
        }
    }

    /// The moment as of which a slot is looked at: staff also gives one that has begun and is not over to who walks in.
    pub fn looks_at(self, service: &Service, start: Timestamp) -> Timestamp {
        let now = Timestamp::now();
        let end = start.saturating_add(SignedDuration::from_mins(service.minutes.into()));
        match self {
            Self::Staff if end.is_ok_and(|end| now < end) => now.min(start),
            _ => now,
        }
    }

    /// How much one person may have once something was moved for them.
    pub fn limits(self, service: &Service) -> Limits {
        match self {
            Self::Visitor => service.limits.clone(),
            Self::Staff => Limits::default(),
        }
    }

    /// 409: the person has as many appointments as are allowed. Whoever knows a telephone number must not learn on which day
    /// and with whom its owner has them.
    pub fn limit_reached(self, limit: Limit) -> Refusal {
        Refusal::new(Code::LimitReached).detail(match (self, limit) {
            (Self::Visitor, _) => "Keep or cancel one first, or choose another day, practitioner or service.",
            (Self::Staff, Limit::Open) => "Of this service.",
            (Self::Staff, Limit::Day) => "On this day.",
            (Self::Staff, Limit::Department) => "In this department on this day.",
            (Self::Staff, Limit::Practitioner) => "With this practitioner on this day.",
        })
    }

    /// Why what is not open cannot be changed.
    pub fn closed(self) -> Code {
        match self {
            Self::Visitor => Code::TooLate,
            Self::Staff => Code::WrongStatus,
        }
    }
}

/// On whose wish staff cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The person's own: after their deadline it counts as late.
    Patient,
    /// The site's.
    Site,
}

impl Desk {
    /// Books for somebody, once for the key. What staff books is confirmed, but where the slot is a hospital's. `overbook`
    /// says why it is squeezed in though all is taken, or the person has enough.
    ///
    /// # Errors
    /// As documented for the staff's `POST …/appointments`.
    pub async fn book_for(
        &self,
        keyed: Keyed<'_, BookRequest>,
        overbook: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        self.booked(keyed, By::Staff, overbook).await
    }

    /// Moves somebody's appointment, whatever their deadline was. `overbook` says why it is squeezed in though all is taken.
    ///
    /// # Errors
    /// As documented for the staff's `PATCH …/appointments/{id}`.
    pub async fn move_for(
        &self,
        id: AppointmentId,
        request: &MoveRequest,
        overbook: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        self.relocate(&self.stored(id).await?, request, By::Staff, overbook).await
    }

    /// Cancels somebody's appointment, or declines what they asked for, whatever their deadline was.
    ///
    /// # Errors
    /// As documented for the staff's `PATCH …/appointments/{id}`.
    pub async fn cancel_for(
        &self,
        id: AppointmentId,
        wish: Wish,
        reason: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        let stored = self.stored(id).await?;
        let over = self.cancellable_until(&stored)?.is_none();
        let late = over && wish == Wish::Patient && stored.status == Status::Booked;
        let cancelled = self.put_off(&stored, Cancelling { late, reason }).await?;
        match cancelled.status {
            Status::Cancelled => Ok(cancelled),
            _ => Err(Code::WrongStatus.into()),
        }
    }

    /// Confirms an appointment ([`Status::Booked`]), or says whether its person came.
    ///
    /// # Errors
    /// As documented for the staff's `PATCH …/appointments/{id}`.
    pub async fn mark(
        &self,
        id: AppointmentId,
        status: Status,
        reason: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        let stored = self.stored(id).await?;
        if status == Status::Booked && self.is_asked(&stored).await? {
            return Err(Refusal::new(Code::WrongStatus).detail(ASKED));
        }
        let kind = match status {
            Status::Missed => kind::MISSED,
            Status::Arrived => kind::ARRIVED,
            _ => kind::BOOKED,
        };
        let mut event = self.event_of(&stored, kind).await?;
        event.reason = reason;
        let mark = Mark {
            site: self.key().to_owned(),
            id,
            status,
            blocks: self.booking()?.blocks.clone(),
            event: Some(event),
            now: now(),
        };
        match self.app.store.run(mark).await? {
            Marked::Stored(stored) => {
                self.app.bus.wake();
                Ok(stored)
            }
            Marked::Already(stored) => Ok(stored),
            Marked::Refused(_) => Err(Code::WrongStatus.into()),
            Marked::Early(_) => Err(Refusal::new(Code::WrongStatus).detail(EARLY)),
            Marked::Gone => Err(Code::NotFound.into()),
        }
    }

    /// Whether the hospital, whose slot it is, will yet say what becomes of it.
    async fn is_asked(&self, stored: &StoredAppointment) -> Result<bool, Refusal> {
        let his = self.booking()?.his.as_ref().filter(|_| self.site.is_theirs(&stored.service));
        let connection = his.and_then(|his| self.site.definition.connection(&his.connection));
        let Some(connection) = connection.filter(|_| stored.status == Status::Requested) else {
            return Ok(false);
        };
        let awaits = Awaits {
            site: self.key().to_owned(),
            submission: stored.submission,
            connection: connection.name.clone(),
            url: connection.base().to_owned(),
        };
        Ok(self.app.store.run(awaits).await?)
    }

    /// Until when the person of that appointment may not book; missing where they may.
    ///
    /// # Errors
    /// 404.
    pub async fn block(&self, id: AppointmentId) -> Result<Option<i64>, Refusal> {
        let patient_sha256 = self.stored(id).await?.patient_sha256;
        let find = FindBlock { site: self.key().to_owned(), patient_sha256, now: now() };
        Ok(self.app.store.run(find).await?)
    }

    /// Lets the person of that appointment book again.
    ///
    /// # Errors
    /// 404.
    pub async fn lift_block(&self, id: AppointmentId) -> Result<(), Refusal> {
        let patient_sha256 = self.stored(id).await?.patient_sha256;
        let lift = LiftBlock { site: self.key().to_owned(), patient_sha256, now: now() };
        self.app.store.run(lift).await?;
        Ok(())
    }
}
