//! Before a hospital is told of an appointment, and after it has answered.

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;
use jiff::Timestamp;

use super::{HisError, Hospital};
use crate::announce::{self, kind};
use crate::connector::event::Event;
use crate::connector::{Class, Outcome, Report};
use crate::store::booking::{FindAppointment, NewEvent, StoredAppointment};
use crate::store::his::{Answer, Settle, Settled, Told, Verdict};

/// Why an appointment was cancelled, or stays where it was, as its person is told.
const TAKEN: &str = "taken at the hospital";

/// Why nothing is sent of a service of the site's own.
const OWN: &str = "it is no slot of the hospital's";

impl Hospital<'_> {
    /// Adds what the site knows people by: the answer to the field that its booking names, as `data.patient`.
    pub fn introduce(&self, event: &mut Event) {
        let answer = |name: &String| event.data.get("answers")?.get(name)?.as_str();
        let Some(answer) = self.his.patient.as_ref().and_then(answer) else { return };
        let spaced = |letter: &char| !letter.is_whitespace();
        let plain: String = answer.chars().filter(spaced).flat_map(char::to_lowercase).collect();
        event.data.insert("patient".to_owned(), plain.into());
    }

    /// How the delivery of an event ends without any request; `None` where it is to be sent.
    pub async fn objection(&self, event: &Event) -> Option<Report> {
        if !wants_slot(event) {
            return None;
        }
        match self.object(event).await {
            Ok(report) => report,
            Err(HisError::Silence(silence)) => {
                Some(ended(Outcome::Retry { class: Class::Server, after: None }, Some(silence.to_string())))
            }
            Err(HisError::Store(cause)) => Some(again(&cause.to_string())),
        }
    }

    async fn object(&self, event: &Event) -> Result<Option<Report>, HisError> {
        let wanted = self.appointment(event).await?.filter(|appointment| {
            appointment.status == Status::Requested && Some(appointment.sequence) == sequence(event)
        });
        // Cancelled or moved since: a later event says all there is to say.
        let Some(wanted) = wanted else {
            return Ok(Some(ended(Outcome::Delivered { duplicate: false }, None)));
        };
        if wanted.slot.start <= Timestamp::now().as_millisecond() {
            return Ok(Some(Report::unsent(Report::TOO_LATE)));
        }
        if event.text("hisSlot").is_empty() {
            if !self.site.is_theirs(&wanted.service) {
                return Ok(Some(Report::unsent(OWN)));
            }
            // The hospital had it no more when it was booked.
            let settled = self.settle(event, Outcome::Taken).await;
            return Ok(Some(settled.err().unwrap_or_else(|| ended(Outcome::Taken, None))));
        }
        Ok(match self.verdict().await? {
            Verdict::Unsound(refusal) => Some(ended(Outcome::Permanent(Class::Settings), Some(refusal))),
            Verdict::Sound | Verdict::Unknown => None,
        })
    }

    /// Makes of the hospital's answer to an event what follows for the appointment. The same again changes nothing.
    ///
    /// # Errors
    /// How the delivery ends instead: it comes back.
    pub async fn settle(&self, event: &Event, outcome: Outcome) -> Result<(), Report> {
        let answer = match outcome {
            Outcome::Delivered { .. } if wants_slot(event) => Answer::Booked,
            Outcome::Taken if wants_slot(event) => Answer::Taken,
            Outcome::Delivered { .. } if gives_back(event) => Answer::Ended,
            _ => return Ok(()),
        };
        match self.put(event, answer).await {
            Ok(Settled::Busy) => Err(again("the slot it had is being booked by somebody else")),
            Ok(Settled::Changed | Settled::Same) => Ok(()),
            Err(cause) => Err(again(&cause.to_string())),
        }
    }

    async fn put(&self, event: &Event, answer: Answer) -> Result<Settled, HisError> {
        let Some(appointment) = self.appointment(event).await? else { return Ok(Settled::Same) };
        let text = |name: &str| Some(event.text(name).to_owned()).filter(|text| !text.is_empty());
        let service = announce::service(self.store, self.booking, &appointment).await?;
        let event_of = |kind| announce::event(self.site, self.booking, &service, kind, &appointment.lang);
        let taken = |kind| NewEvent { reason: Some(TAKEN.to_owned()), ..event_of(kind) };
        let told = Told {
            booked: event_of(kind::BOOKED),
            back: taken(kind::MOVED),
            cancelled: taken(kind::CANCELLED),
        };
        let settle = Settle {
            site: self.key().to_owned(),
            id: appointment.id,
            sequence: sequence(event).unwrap_or_default(),
            slot: text("hisSlot"),
            left: text("hisLeft"),
            answer,
            given: self.given(event, answer).await,
            told,
            time_zone: self.site.time_zone.clone(),
            now: Timestamp::now().as_millisecond(),
        };
        Ok(self.store.run(settle).await?)
    }

    /// The slot that was given up, and whether it is free there now. Where nobody knows, the next import says it.
    async fn given(&self, event: &Event, answer: Answer) -> Option<(String, bool)> {
        let slot = match answer {
            Answer::Booked => event.text("hisLeft"),
            Answer::Ended => event.text("hisSlot"),
            Answer::Taken => "",
        };
        if slot.is_empty() {
            return None;
        }
        let now = self.source().get(&format!("Slot/{slot}")).await.ok()?;
        Some((slot.to_owned(), now.is_some_and(|now| now["status"] == "free")))
    }

    async fn appointment(&self, event: &Event) -> Result<Option<StoredAppointment>, HisError> {
        let Ok(id) = event.text("id").parse::<AppointmentId>() else { return Ok(None) };
        Ok(self.store.run(FindAppointment { site: self.key().to_owned(), id }).await?)
    }
}

/// Whether the event asks the hospital for a slot.
fn wants_slot(event: &Event) -> bool {
    [kind::REQUESTED, kind::MOVED].contains(&event.r#type.as_str())
}

fn gives_back(event: &Event) -> bool {
    event.r#type == kind::CANCELLED
}

fn sequence(event: &Event) -> Option<u32> {
    event.data.get("sequence")?.as_u64()?.try_into().ok()
}

fn ended(outcome: Outcome, error: Option<String>) -> Report {
    Report { outcome, status: None, body: String::new(), error }
}

fn again(error: &str) -> Report {
    let after = std::time::Duration::from_secs(1);
    ended(Outcome::Later { after }, Some(error.to_owned()))
}
