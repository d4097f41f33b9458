//! From a slot, or the hold of one, to an appointment.

use crm_protocol::answer::Answer;
use crm_protocol::booking::{Appointment, BookRequest, Status};
use crm_protocol::form::{Field, Kind};
use crm_protocol::id::{AppointmentId, HoldId};
use crm_protocol::submission::SubmissionRequest;
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

use super::staff::By;
use super::{Desk, Wanted, instant};
use crate::announce::kind;
use crate::booking::{Candidate, Occupied};
use crate::definitions::booking::{Limits, Service};
use crate::http::intake::{self, DRAWS, Filled, fill, now};
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::store::booking::{Book, Booked, NewAppointment, StoredAppointment};
use crate::store::submissions::{Accepted, Contact};

/// Where it goes: what was held, or one of the candidates.
struct Place {
    hold: Option<HoldId>,
    candidates: Vec<Candidate>,
    overbook: Option<String>,
    by: By,
}

impl Desk {
    /// Books, once for its key.
    ///
    /// # Errors
    /// As documented for `POST …/appointments`.
    pub async fn book(
        &self,
        keyed: Keyed<'_, BookRequest>,
        token: Option<&str>,
    ) -> Result<Appointment, Refusal> {
        if let Some(hold) = keyed.request.hold {
            self.owns(&hold.to_string(), token)?;
        }
        self.shown(&self.booked(keyed, By::Visitor, None).await?)
    }

    /// Books on somebody's word, once for the key. `overbook` says why it is squeezed in.
    pub(super) async fn booked(
        &self,
        keyed: Keyed<'_, BookRequest>,
        by: By,
        overbook: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        let earlier = keyed.earlier(self.key());
        match self.put(keyed, by, overbook).await {
            Err(refusal) => {
                let id = earlier.or(&self.app, refusal).await?;
                self.stored(id.parse().map_err(Refusal::internal)?).await
            }
            stored => stored,
        }
    }

    async fn put(
        &self,
        mut keyed: Keyed<'_, BookRequest>,
        by: By,
        overbook: Option<String>,
    ) -> Result<StoredAppointment, Refusal> {
        let BookRequest { hold, ref service, ref practitioner, ref start, .. } = keyed.request;
        let practitioner = practitioner.clone();
        let service = by.rules(self.service(service, practitioner.as_deref())?);
        let wanted =
            Wanted { service: &service, practitioner: practitioner.as_deref(), start: instant(start)? };
        let candidates = match hold {
            Some(hold) => {
                let held = self.find_hold(hold).await?;
                // Its time may have been closed meanwhile.
                if !held.is_some_and(|held| self.stands(&service, &held.slot)) {
                    return Err(self.taken(Code::HoldOver, &wanted).await);
                }
                // It has used up a challenge of its own.
                keyed.work = None;
                Vec::new()
            }
            None if overbook.is_some() => self.candidates(&wanted, &Occupied::default(), by)?,
            None => self.candidates(&wanted, &*self.occupied().await?, by)?,
        };
        let filled = keyed.map(|request| SubmissionRequest {
            form: service.form.clone(),
            version: request.version,
            lang: request.lang,
            answers: request.answers,
            context: request.context,
            signals: request.signals,
        });
        let filled = fill(&self.app, &self.site, filled).await?;
        let place = Place { hold, candidates, overbook, by };
        self.store(&wanted, place, filled).await
    }

    async fn store(
        &self,
        wanted: &Wanted<'_>,
        place: Place,
        filled: Filled,
    ) -> Result<StoredAppointment, Refusal> {
        let patient_sha256 = patient(wanted.service, &filled);
        let Filled { mut accept, form, answers, spam } = filled;
        let (service, lang) = (wanted.service, accept.submission.lang.clone());
        let Place { hold, candidates, overbook, by } = place;
        // What a robot may have asked for does not stand before staff has looked at it.
        let approval = (service.approval || spam) && by == By::Visitor;
        let (status, kind) = match approval || self.site.is_theirs(&service.key) {
            true => (Status::Requested, kind::REQUESTED),
            false => (Status::Booked, kind::BOOKED),
        };
        let appointment = NewAppointment {
            id: AppointmentId::from_u128(Uuid::now_v7().as_u128()),
            service: service.key.clone(),
            department: service.department.clone(),
            candidates,
            day: self.day(wanted.start),
            status,
            patient_sha256,
            // Who is squeezed in is so with what they have already.
            limits: overbook.as_ref().map_or_else(|| service.limits.clone(), |_| Limits::default()),
            per_day: self.per_day(service)?,
            overbook,
        };
        accept.answer = appointment.id.to_string();
        let event = self.event(service, kind, &lang)?;
        for _ in 0..DRAWS {
            accept.submission.receipt = intake::receipt_code()?;
            let book = Book {
                accept: accept.clone(),
                appointment: appointment.clone(),
                hold,
                event: event.clone(),
                now: now(),
            };
            return match self.app.store.run(book).await? {
                Booked::Stored(stored) => {
                    self.app.metrics.accepted(spam);
                    self.app.bus.wake();
                    Ok(stored)
                }
                Booked::NotAccepted(Accepted::ReceiptTaken) => continue,
                Booked::NotAccepted(Accepted::Repeated { answer }) => {
                    self.stored(answer.parse().map_err(Refusal::internal)?).await
                }
                Booked::NotAccepted(refused) => Err(intake::not_accepted(&refused, &form, &answers, &lang)),
                Booked::Taken => Err(self.taken(Code::SlotTaken, wanted).await),
                Booked::HoldOver => Err(self.taken(Code::HoldOver, wanted).await),
                Booked::Blocked { until } => Err(self.blocked(until)),
                Booked::LimitReached(limit) => Err(by.limit_reached(limit)),
            };
        }
        Err(Refusal::internal("no free receipt code"))
    }

    pub(super) fn blocked(&self, until: i64) -> Refusal {
        let day = self.free_from(until);
        Refusal::new(Code::Blocked).detail(format!("Booking is possible again from {day}."))
    }

    /// The first day on which somebody may book who is blocked until then: all of it, hence not the one on which it ends.
    pub fn free_from(&self, until: i64) -> String {
        let last = Timestamp::from_millisecond(until - 1).unwrap_or_default();
        last.to_zoned(self.site.time_zone.clone()).date().saturating_add(1.day()).to_string()
    }
}

/// By what a person is known again: the hash of the answer to the service's field, else of the first telephone number,
/// else of the first address, that they gave. Who gives none is nobody else.
pub(super) fn patient(service: &Service, filled: &Filled) -> [u8; 32] {
    let answer = |field: &Field| match filled.answers.get(&field.name) {
        Some(Answer::Text(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    let of = |kind: Kind| filled.form.fields().filter(move |field| field.kind == kind).find_map(answer);
    let named = service.patient.as_ref().and_then(|name| filled.form.field(name)).and_then(answer);
    match named.or_else(|| of(Kind::Phone)).or_else(|| of(Kind::Email)) {
        Some(known) => Contact::new(known).sha256(),
        None => Contact::new(&filled.accept.submission.id.to_string()).sha256(),
    }
}
