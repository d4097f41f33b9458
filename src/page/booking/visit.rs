//! One POST of the hosted page: what it does, and the step that follows.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use crm_booking::choice::{Choice, Who};
use crm_booking::phase::{Phase, Why};
use crm_booking::state::{Flow, Hold, Notice};
use crm_protocol::booking::{Appointment, BookRequest, HoldRequest, MoveRequest, Turn, WaitRequest, Waiting};
use crm_protocol::draft::Draft;
use crm_protocol::form::Form;
use crm_protocol::submission::{Context, Signals};
use sha2::{Digest, Sha256};

use super::hosted::{TICKET, with_slots};
use super::page::{Shown, page};
use crate::hex;
use crate::http::appointments::calendar_file;
use crate::http::challenge;
use crate::http::desk::Desk;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::http::visitor::Visitor;
use crate::page::post::Post;
use crate::page::ticket::{self, Ticket};

/// Digits of an idempotency key.
const KEY: usize = 32;

/// One POST.
pub(super) struct Visit {
    pub desk: Desk,
    pub post: Post,
    pub flow: Flow,
    pub bare: bool,
}

impl Visit {
    /// Does what was posted and shows what follows.
    pub async fn answer(mut self, visitor: Visitor) -> Result<Response, Refusal> {
        if let Err(refusal) = self.open().await {
            return self.refused(refusal, Draft::default());
        }
        match self.post.first("_step") {
            "show" => self.shown(StatusCode::OK, Shown::default()),
            "calendar" => self.calendar().await,
            step => {
                let step = step.to_owned();
                self.ticketed(visitor, &step).await
            }
        }
    }

    /// Finds the appointment or the place on the waitlist that is named.
    async fn open(&mut self) -> Result<(), Refusal> {
        if let Some((id, token)) = self.post.first("_waiting").split_once('.') {
            let waiting = self.desk.waiting(id, Some(token)).await?;
            match self.flow.hold {
                // What it was offered is being booked, perhaps for the second time.
                Some(_) => self.flow.waiting = Some(waiting),
                None => self.flow.wait(waiting, 0.0),
            }
            return Ok(());
        }
        let id = self.post.first("_appointment");
        if id.is_empty() {
            return Ok(());
        }
        let appointment = self.desk.appointment(id, self.token()).await?;
        self.flow.booked(appointment, Why::Opened);
        Ok(())
    }

    fn token(&self) -> Option<&str> {
        Some(self.post.first("_token")).filter(|token| !token.is_empty())
    }

    /// What changes something needs the ticket of the page it was posted from.
    async fn ticketed(mut self, visitor: Visitor, step: &str) -> Result<Response, Refusal> {
        let desk = &self.desk;
        let now = challenge::now();
        let Some(ticket) = ticket::read(&desk.app.keys, desk.key(), TICKET, self.post.ticket(), now) else {
            self.flow.say(Some(Notice { key: "booking.expired", times: Vec::new() }));
            return self.shown(StatusCode::UNPROCESSABLE_ENTITY, Shown::default());
        };
        if let Err(refusal) = self.count(visitor) {
            return self.refused(refusal, Draft::default());
        }
        let draft = self.form().map(|form| self.post.draft(&form)).unwrap_or_default();
        match self.step(step, &ticket, &draft).await {
            Ok(()) => self.shown(StatusCode::OK, Shown { draft, ..Shown::default() }),
            Err(refusal) => self.refused(refusal, draft),
        }
    }

    /// Counts what is posted for its visitor and site.
    fn count(&self, visitor: Visitor) -> Result<(), Refusal> {
        let (desk, limits) = (&self.desk, &self.desk.app.limits);
        limits.hosted(visitor, desk.key(), desk.site.definition.limits.submissions_per_minute)?;
        // For an appointment that is moved nothing is kept.
        match self.post.first("_start") {
            start if start.is_empty() || self.flow.appointment().is_some() => Ok(()),
            _ => limits.hold(visitor, desk.booking()?.hold_seconds),
        }
    }

    async fn step(&mut self, step: &str, ticket: &Ticket, draft: &Draft) -> Result<(), Refusal> {
        let appointment = self.flow.appointment().cloned();
        let [start, sure] = ["_start", "_move"].map(|name| self.post.first(name).to_owned());
        match (step, appointment) {
            ("cancel", Some(appointment)) => self.flow.turn(Phase::Cancelling(appointment)),
            ("cancel-now", Some(one)) => {
                let cancelled = self.desk.cancel(&one.id.to_string(), self.token()).await?;
                self.flow.booked(cancelled, Why::Opened);
            }
            ("move", Some(one)) => self.choose_again(one, None).await,
            ("keep", Some(_)) => {}
            (_, Some(one)) if !sure.is_empty() => self.move_to(one, &sure).await?,
            (_, Some(one)) if !start.is_empty() => self.confirm(one, &start).await?,
            (_, Some(one)) => {
                let choice = Choice::of_address(self.post.first("_go"));
                self.choose_again(one, Some(choice)).await;
            }
            ("leave", None) => self.leave().await?,
            ("join", None) => self.flow.turn(Phase::Joining),
            (_, None) if !start.is_empty() => self.hold(ticket, &start).await?,
            (_, None) if self.flow.hold.is_some() => self.book(ticket, draft).await?,
            (_, None) if !self.post.first("_joining").is_empty() => self.wait(ticket, draft).await?,
            _ => {}
        }
        Ok(())
    }

    /// Shows the free slots for an appointment that is being moved.
    async fn choose_again(&mut self, one: Appointment, choice: Option<Choice>) {
        let choice = choice.unwrap_or_else(|| Choice {
            service: Some(one.service.clone()),
            who: Some(Who::One(one.practitioner.clone())),
            ..Choice::default()
        });
        self.flow.turn(Phase::Moving(one));
        self.flow.go(choice);
        with_slots(&self.desk, &mut self.flow).await;
    }

    async fn hold(&mut self, ticket: &Ticket, slot: &str) -> Result<(), Refusal> {
        let (start, practitioner) = self.slot(slot);
        let service = self.flow.choice.service.clone().ok_or(Code::UnknownService)?;
        let request = HoldRequest { service, practitioner, start };
        let (key, body_sha256) = self.key(ticket);
        let held = self.desk.hold(Keyed { request, key: &key, body_sha256, work: None }).await?;
        self.flow.choice.who = Some(Who::One(held.practitioner.clone()));
        self.flow.keep(held, 0.0);
        Ok(())
    }

    /// Start and practitioner of a button, `START` or `START,PRACTITIONER`.
    fn slot(&self, slot: &str) -> (String, Option<String>) {
        let chosen = || self.flow.choice.who.as_ref().and_then(Who::key).map(str::to_owned);
        match slot.split_once(',') {
            Some((start, who)) => (start.to_owned(), Some(who.to_owned())),
            None => (slot.to_owned(), chosen()),
        }
    }

    async fn book(&mut self, ticket: &Ticket, draft: &Draft) -> Result<(), Refusal> {
        let Some(Hold { held, .. }) = self.flow.hold.clone() else { return Err(Code::HoldOver.into()) };
        // What goes wrong with the answers leads back to them.
        self.flow.turn(Phase::Details);
        let request = BookRequest {
            hold: Some(held.id),
            service: held.service,
            practitioner: Some(held.practitioner),
            start: held.start,
            version: self.form().map(|form| form.version),
            lang: self.flow.offer.lang.clone(),
            answers: draft.clone(),
            context: self.context(),
            signals: self.signals(ticket),
        };
        let (key, body_sha256) = self.key(ticket);
        let token = Some(held.token.as_str());
        let keyed = Keyed { request, key: &key, body_sha256, work: None };
        let appointment = self.desk.book(keyed, token).await?;
        self.flow.booked(appointment, Why::Booked);
        Ok(())
    }

    async fn wait(&mut self, ticket: &Ticket, draft: &Draft) -> Result<(), Refusal> {
        self.flow.turn(Phase::Joining);
        let request = WaitRequest {
            service: self.flow.choice.service.clone().ok_or(Code::UnknownService)?,
            practitioner: self.flow.choice.who.as_ref().and_then(Who::key).map(str::to_owned),
            from: None,
            to: None,
            version: self.form().map(|form| form.version),
            lang: self.flow.offer.lang.clone(),
            answers: draft.clone(),
            context: self.context(),
            signals: self.signals(ticket),
        };
        let (key, body_sha256) = self.key(ticket);
        let waiting = self.desk.wait(Keyed { request, key: &key, body_sha256, work: None }).await?;
        self.flow.wait(waiting, 0.0);
        Ok(())
    }

    async fn leave(&mut self) -> Result<(), Refusal> {
        let Some(waiting) = self.flow.waiting.clone() else { return Ok(()) };
        self.desk.leave(&waiting.id.to_string(), Some(&waiting.token)).await?;
        self.flow.wait(Waiting { turn: Turn::Over, offer: None, ..waiting }, 0.0);
        Ok(())
    }

    /// Asks whether it shall be moved there; a slot that is none leads back to the others.
    async fn confirm(&mut self, one: Appointment, slot: &str) -> Result<(), Refusal> {
        let (start, practitioner) = self.slot(slot);
        let choice = self.flow.choice.clone();
        self.choose_again(one, Some(choice).filter(|choice| choice.who.is_some())).await;
        self.flow.confirm(&start, practitioner.as_deref());
        self.flow.wanted.as_ref().map(drop).ok_or(Code::NotOffered.into())
    }

    async fn move_to(&mut self, one: Appointment, slot: &str) -> Result<(), Refusal> {
        self.choose_again(one.clone(), None).await;
        let (start, practitioner) = self.slot(slot);
        let request = MoveRequest { practitioner, start };
        let moved = self.desk.change(&one.id.to_string(), self.token(), &request).await?;
        self.flow.booked(moved, Why::Moved);
        Ok(())
    }

    async fn calendar(&self) -> Result<Response, Refusal> {
        let calendar = self.desk.calendar(self.post.first("_appointment"), self.token()).await?;
        Ok(calendar_file(calendar))
    }

    /// One key for one thing posted from one page: pressed twice it is done once.
    fn key(&self, ticket: &Ticket) -> (String, [u8; 32]) {
        let body = self.post.sha256();
        let both = Sha256::new().chain_update(&ticket.key).chain_update(body).finalize();
        (hex::encode(&both).chars().take(KEY).collect(), body)
    }

    fn form(&self) -> Option<Arc<Form>> {
        let id = &self.flow.service()?.form;
        self.desk.site.form(id, Some(&self.flow.offer.lang)).map(|(_, form)| form)
    }

    fn context(&self) -> Context {
        let page = self.desk.site.definition.booking_page(&self.desk.app.public_url);
        Context { page: Some(page), ..Context::default() }
    }

    fn signals(&self, ticket: &Ticket) -> Signals {
        let elapsed = challenge::now().saturating_sub(ticket.made).saturating_mul(1_000);
        Signals { trap: self.post.trapped(), elapsed: u32::try_from(elapsed).unwrap_or(u32::MAX) }
    }

    fn refused(mut self, refusal: Refusal, draft: Draft) -> Result<Response, Refusal> {
        if refusal.code == Code::Internal || refusal.code == Code::Unavailable {
            tracing::warn!(cause = refusal.cause, "a hosted booking did not work");
        }
        if refusal.errors.is_empty() {
            self.flow.refuse(refusal.code.as_str(), &refusal.alternatives);
        }
        let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.shown(status, Shown { draft, errors: refusal.errors, ..Shown::default() })
    }

    fn shown(self, status: StatusCode, shown: Shown) -> Result<Response, Refusal> {
        page(status, &self.desk.site, self.flow, &Shown { bare: self.bare, ..shown })
    }
}
