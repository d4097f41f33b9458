//! What its owner may do with an appointment: see it, move it, cancel it, put it into a calendar.

use crm_protocol::booking::{Appointment, MoveRequest};
use crm_protocol::id::AppointmentId;
use jiff::Timestamp;

use super::staff::By;
use super::{Desk, Wanted, instant, written};
use crate::announce::{self, kind};
use crate::booking::ics::Entry;
use crate::booking::{Candidate, Occupied, Words, rules};
use crate::http::intake::now;
use crate::http::problem::{Code, Refusal};
use crate::store::Millis;
use crate::store::booking::{Cancel, Cancelled, FindAppointment, Move, Moved, NewEvent, StoredAppointment};

/// How often an appointment may change before its owner cannot move it any more: each time its people are told.
const CHANGES: u32 = 30;

impl Desk {
    /// The appointment, for who has its token.
    ///
    /// # Errors
    /// 404 where the token is not its own.
    pub async fn appointment(&self, id: &str, token: Option<&str>) -> Result<Appointment, Refusal> {
        self.shown(&self.owned(id, token).await?)
    }

    /// Moves it to another slot of the same service; nothing changes where that fails.
    ///
    /// # Errors
    /// As documented for `PATCH …/appointments/{id}`.
    pub async fn change(
        &self,
        id: &str,
        token: Option<&str>,
        request: &MoveRequest,
    ) -> Result<Appointment, Refusal> {
        let stored = self.owned(id, token).await?;
        self.shown(&self.relocate(&stored, request, By::Visitor, None).await?)
    }

    /// Cancels it. Once more changes nothing.
    ///
    /// # Errors
    /// As documented for `DELETE …/appointments/{id}`.
    pub async fn cancel(&self, id: &str, token: Option<&str>) -> Result<Appointment, Refusal> {
        let stored = self.owned(id, token).await?;
        let late = self.cancellable_until(&stored)?.is_none();
        if stored.status.is_open() && late {
            return Err(Code::TooLate.into());
        }
        self.shown(&self.put_off(&stored, Cancelling::default()).await?)
    }

    /// Moves it on somebody's word; `overbook` says why it is squeezed in. Where somebody else was faster, once more as it stands then.
    pub(super) async fn relocate(
        &self,
        stored: &StoredAppointment,
        request: &MoveRequest,
        by: By,
        overbook: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        if let Some(moved) = self.moved(stored, request, by, overbook.clone()).await? {
            return Ok(moved);
        }
        let stored = self.stored(stored.id).await?;
        self.moved(&stored, request, by, overbook).await?.ok_or(Code::Changed.into())
    }

    /// `None` where somebody else has changed it meanwhile.
    async fn moved(
        &self,
        stored: &StoredAppointment,
        request: &MoveRequest,
        by: By,
        overbook: Option<String>,
    ) -> Result<Option<StoredAppointment>, Refusal> {
        let practitioner = request.practitioner.as_deref().unwrap_or(&stored.slot.practitioner);
        if self.booking()?.service(&stored.service).is_none() {
            let detail = "Its service is not offered any more: keep the appointment, or cancel it.";
            return Err(Refusal::new(Code::NotOffered).detail(detail));
        }
        let service = by.rules(self.service(&stored.service, Some(practitioner))?);
        let start = instant(&request.start)?;
        let wanted = Wanted { service: &service, practitioner: Some(practitioner), start };
        let over = || rules::movable_until(&service, at_start(stored), Timestamp::now()).is_none();
        if !stored.status.is_open() || (by == By::Visitor && over()) {
            return Err(by.closed().into());
        }
        if by == By::Visitor && stored.sequence >= CHANGES {
            let detail = "It was moved too often: keep it, cancel it, or ask for another time by telephone.";
            return Err(Refusal::new(Code::LimitReached).detail(detail));
        }
        let others = match overbook {
            Some(_) => Occupied::default(),
            None => self.occupied().await?.without(&stored.slot.takings),
        };
        let candidates = self.candidates(&wanted, &others, by)?;
        let change = Move {
            site: self.key().to_owned(),
            id: stored.id,
            candidates,
            day: self.day(wanted.start),
            limits: by.limits(&service),
            per_day: self.per_day(&service)?,
            overbook,
            expected_sequence: (by == By::Visitor).then_some(stored.sequence),
            event: self.event(&service, kind::MOVED, &stored.lang)?,
            now: now(),
        };
        match self.app.store.run(change).await? {
            Moved::Stored(stored) => {
                self.app.bus.wake();
                Ok(Some(stored))
            }
            Moved::Same(stored) => Ok(Some(stored)),
            Moved::Changed(_) => Ok(None),
            Moved::Taken => Err(self.taken(Code::SlotTaken, &wanted).await),
            Moved::LimitReached(limit) => Err(by.limit_reached(limit)),
            Moved::Closed(_) => Err(by.closed().into()),
            Moved::Gone => Err(Code::NotFound.into()),
        }
    }

    /// Cancels it where it is open.
    pub(super) async fn put_off(
        &self,
        stored: &StoredAppointment,
        cancelling: Cancelling,
    ) -> Result<StoredAppointment, Refusal> {
        let mut event = self.event_of(stored, kind::CANCELLED).await?;
        event.reason = cancelling.reason;
        let cancel = Cancel {
            site: self.key().to_owned(),
            id: stored.id,
            late: cancelling.late,
            blocks: self.booking()?.blocks.clone(),
            closed: false,
            expected_sequence: None,
            event,
            now: now(),
        };
        match self.app.store.run(cancel).await? {
            Cancelled::Stored(stored) => {
                self.app.bus.wake();
                Ok(stored)
            }
            Cancelled::Already(stored) | Cancelled::Changed(stored) => Ok(stored),
            Cancelled::Gone => Err(Code::NotFound.into()),
        }
    }

    /// A file for calendars (RFC 5545).
    ///
    /// # Errors
    /// 404 where the token is not its own.
    pub async fn calendar(&self, id: &str, token: Option<&str>) -> Result<String, Refusal> {
        let stored = self.owned(id, token).await?;
        let StoredAppointment { lang, service, slot, .. } = &stored;
        let words = Words::defined(&self.site.definition, lang, service, &slot.practitioner, &slot.place);
        let instant = |at: Millis| Timestamp::from_millisecond(at).unwrap_or_default();
        let entry = Entry {
            id: stored.id,
            sequence: stored.sequence,
            status: stored.status,
            start: instant(stored.slot.start),
            end: instant(stored.slot.end),
            changed: instant(stored.changed_at),
            words: Words { code: &stored.code, ..words },
            page: &self.site.definition.booking_page(&self.app.public_url),
            reminders: &self.booking()?.reminders,
        };
        Ok(entry.text())
    }

    /// Minutes that its place's clock is ahead of UTC at its start.
    pub fn offset(&self, slot: &Candidate) -> i32 {
        let zone = self.site.calendar.place_zone(&slot.place).unwrap_or(&self.site.time_zone);
        zone.to_offset(Timestamp::from_millisecond(slot.start).unwrap_or_default()).seconds() / 60
    }

    async fn owned(&self, id: &str, token: Option<&str>) -> Result<StoredAppointment, Refusal> {
        self.owns(id, token)?;
        self.stored(id.parse().map_err(|_| Code::NotFound)?).await
    }

    /// The appointment of that id.
    pub(super) async fn stored(&self, id: AppointmentId) -> Result<StoredAppointment, Refusal> {
        let find = FindAppointment { site: self.key().to_owned(), id };
        self.app.store.run(find).await?.ok_or(Code::NotFound.into())
    }

    /// Until when its owner may cancel it: until it begins where its service is not in the definitions any more.
    pub(super) fn cancellable_until(&self, stored: &StoredAppointment) -> Result<Option<Timestamp>, Refusal> {
        let (start, now) = (at_start(stored), Timestamp::now());
        Ok(match self.booking()?.service(&stored.service) {
            Some(service) => rules::cancellable_until(service, start, now),
            None => Some(start).filter(|start| now <= *start),
        })
    }

    /// Something happened to it, on its way to whoever wants it.
    pub(super) async fn event_of(&self, stored: &StoredAppointment, kind: &str) -> Result<NewEvent, Refusal> {
        let service = announce::service(&self.app.store, self.booking()?, stored).await?;
        self.event(&service, kind, &stored.lang)
    }

    /// The appointment as its owner sees it.
    pub(super) fn shown(&self, stored: &StoredAppointment) -> Result<Appointment, Refusal> {
        let (start, now) = (at_start(stored), Timestamp::now());
        let service = self.booking()?.service(&stored.service);
        let movable = service.and_then(|service| rules::movable_until(service, start, now));
        let open = stored.status.is_open();
        let until =
            |until: Option<Timestamp>| until.filter(|_| open).map(|until| written(until.as_millisecond()));
        Ok(Appointment {
            id: stored.id,
            token: self.token(&stored.id.to_string()),
            code: stored.code.clone(),
            status: stored.status,
            service: stored.service.clone(),
            practitioner: stored.slot.practitioner.clone(),
            place: stored.slot.place.clone(),
            start: written(stored.slot.start),
            end: written(stored.slot.end),
            offset: self.offset(&stored.slot),
            sequence: stored.sequence,
            movable_until: until(movable),
            cancellable_until: until(self.cancellable_until(stored)?),
        })
    }
}

/// How it is cancelled.
#[derive(Clone, Debug, Default)]
pub(super) struct Cancelling {
    /// It counts against its person.
    pub late: bool,
    /// Why, for its person and the CRM.
    pub reason: Option<String>,
}

pub(super) fn at_start(stored: &StoredAppointment) -> Timestamp {
    Timestamp::from_millisecond(stored.slot.start).unwrap_or_default()
}
