//! Waiting for a slot that becomes free.

use crm_protocol::booking::{WaitRequest, Waiting};
use crm_protocol::id::WaitingId;
use crm_protocol::submission::SubmissionRequest;
use jiff::civil::Date;
use uuid::Uuid;

use super::Desk;
use super::book::patient;
use crate::http::intake::{self, DRAWS, fill, now};
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::store::booking::{FindWaiting, Leave, NewWaiting, StoredWaiting, Wait, Waited};
use crate::store::submissions::Accepted;

impl Desk {
    /// Puts somebody on the list, once for the key.
    ///
    /// # Errors
    /// As documented for `POST …/waitlist`.
    pub async fn wait(&self, keyed: Keyed<'_, WaitRequest>) -> Result<Waiting, Refusal> {
        let earlier = keyed.earlier(self.key());
        let stored = match self.queue(keyed).await {
            Ok(stored) => stored,
            Err(refusal) => {
                let id = earlier.or(&self.app, refusal).await?;
                self.waiting_of(id.parse().map_err(Refusal::internal)?).await?
            }
        };
        Ok(self.told(stored))
    }

    /// Whose turn it is, for who has the token.
    ///
    /// # Errors
    /// 404 where the token is not its own.
    pub async fn waiting(&self, id: &str, token: Option<&str>) -> Result<Waiting, Refusal> {
        self.owns(id, token)?;
        Ok(self.told(self.waiting_of(id.parse().map_err(|_| Code::NotFound)?).await?))
    }

    /// Leaves the list; a slot that was offered goes to the next.
    ///
    /// # Errors
    /// 404 where the token is not its own, or nobody waits under that id any more.
    pub async fn leave(&self, id: &str, token: Option<&str>) -> Result<(), Refusal> {
        self.owns(id, token)?;
        let id = id.parse().map_err(|_| Code::NotFound)?;
        let leave = Leave { site: self.key().to_owned(), id, now: now() };
        match self.app.store.run(leave).await? {
            true => {
                self.app.bus.wake();
                Ok(())
            }
            false => Err(Code::NotFound.into()),
        }
    }

    async fn queue(&self, keyed: Keyed<'_, WaitRequest>) -> Result<StoredWaiting, Refusal> {
        let request = &keyed.request;
        let service = self.service(&request.service, request.practitioner.as_deref())?;
        if !service.waitlist {
            return Err(Refusal::new(Code::NotOffered).detail("This service has no waitlist."));
        }
        let from_day = day(request.from.as_deref())?.unwrap_or_else(|| self.site.today());
        let to_day = day(request.to.as_deref())?;
        if to_day.as_ref().is_some_and(|to_day| *to_day < from_day.clone().max(self.site.today())) {
            return Err(Refusal::new(Code::NotOffered).detail("`to` is before `from`, or over."));
        }
        let practitioner = request.practitioner.clone();
        let filled = keyed.map(|request| SubmissionRequest {
            form: service.form.clone(),
            version: request.version,
            lang: request.lang,
            answers: request.answers,
            context: request.context,
            signals: request.signals,
        });
        let mut filled = fill(&self.app, &self.site, filled).await?;
        let id = WaitingId::from_u128(Uuid::now_v7().as_u128());
        filled.accept.answer = id.to_string();
        let patient_sha256 = patient(service, &filled);
        let waiting = NewWaiting { id, service: service.key.clone(), practitioner, from_day, to_day };
        for _ in 0..DRAWS {
            filled.accept.submission.receipt = intake::receipt_code()?;
            let wait = Wait { accept: filled.accept.clone(), waiting: waiting.clone(), patient_sha256 };
            return match self.app.store.run(wait).await? {
                Waited::Stored(stored) => {
                    self.app.metrics.accepted(filled.spam);
                    Ok(stored)
                }
                Waited::NotAccepted(Accepted::ReceiptTaken) => continue,
                Waited::NotAccepted(Accepted::Repeated { answer }) => {
                    self.waiting_of(answer.parse().map_err(Refusal::internal)?).await
                }
                Waited::Blocked { until } => Err(self.blocked(until)),
                Waited::Already => {
                    let detail = "They wait for this service already, and hear of what becomes free.";
                    Err(Refusal::new(Code::LimitReached).detail(detail))
                }
                Waited::NotAccepted(refused) => {
                    let lang = &filled.accept.submission.lang;
                    Err(intake::not_accepted(&refused, &filled.form, &filled.answers, lang))
                }
            };
        }
        Err(Refusal::internal("no free receipt code"))
    }

    async fn waiting_of(&self, id: WaitingId) -> Result<StoredWaiting, Refusal> {
        let find = FindWaiting { site: self.key().to_owned(), id, now: now() };
        self.app.store.run(find).await?.ok_or(Code::NotFound.into())
    }

    fn told(&self, stored: StoredWaiting) -> Waiting {
        let id = stored.wanted.id;
        Waiting {
            id,
            token: self.token(&id.to_string()),
            turn: stored.turn,
            service: stored.wanted.service,
            offer: stored.offer.map(|hold| self.held(hold)),
        }
    }
}

fn day(text: Option<&str>) -> Result<Option<String>, Refusal> {
    let malformed = |_| Refusal::new(Code::Malformed).detail("`from` and `to` are days such as 2026-11-24.");
    text.map(|text| text.parse::<Date>().map(|day| day.to_string()).map_err(malformed)).transpose()
}
