//! What the visitor has already: an appointment, or a place on the waitlist.

use crm_protocol::booking::{Appointment, Turn, Waiting};

use super::Flow;
use crate::choice::{Choice, Who};
use crate::phase::{Phase, Why};

impl Flow {
    /// The appointment that is shown or changed.
    pub fn appointment(&self) -> Option<&Appointment> {
        match &self.phase {
            Phase::Shown(one, _) | Phase::Moving(one) | Phase::Cancelling(one) => Some(one),
            _ => None,
        }
    }

    /// What leads back to what is shown, `ID.TOKEN`; empty where that is nothing of the visitor's own.
    pub fn capability(&self) -> String {
        let appointment = self.appointment().map(|one| (one.id.text(), &one.token));
        let waiting = || self.waiting.as_ref().map(|one| (one.id.text(), &one.token));
        appointment.or_else(waiting).map(|(id, token)| [&id, ".", token].concat()).unwrap_or_default()
    }

    /// What a link leads to that is on its way; empty where there is none.
    pub fn opening(&self) -> String {
        match &self.phase {
            Phase::Opening(capability) => capability.clone(),
            _ => String::new(),
        }
    }

    /// Whether a place on the waitlist is shown that nothing was offered to yet.
    pub fn is_waiting(&self) -> bool {
        let waits = self.waiting.as_ref().is_some_and(|one| one.turn == Turn::Waiting);
        waits && matches!(self.phase, Phase::Waiting)
    }

    /// Something else is shown of the appointment.
    pub fn change_to(&mut self, phase: fn(Appointment) -> Phase) {
        match std::mem::take(&mut self.phase) {
            Phase::Shown(one, _) | Phase::Moving(one) | Phase::Cancelling(one) => self.turn(phase(one)),
            other => self.phase = other,
        }
    }

    /// Lets another time be chosen for the appointment, with the same practitioner to begin with.
    pub fn start_move(&mut self) {
        let who = self.appointment().map(|one| Who::One(one.practitioner.clone()));
        self.change_to(Phase::Moving);
        self.go(Choice { who, ..Choice::default() });
    }

    /// Asks whether the appointment shall be moved to that slot.
    pub fn confirm(&mut self, start: &str, who: Option<&str>) {
        self.wanted = self.time(start, who);
        self.say(None);
    }

    /// An appointment came back from the gateway.
    pub fn booked(&mut self, appointment: Appointment, why: Why) {
        self.phase = Phase::Shown(appointment, why);
        self.forget();
        self.say(None);
    }

    /// A place on the waitlist as it is now. A slot that it is offered is kept, and its visitor asked for the rest.
    pub fn wait(&mut self, mut waiting: Waiting, now: f64) {
        let offer = waiting.offer.take();
        self.choose(Choice { service: Some(waiting.service.clone()), ..Choice::default() });
        self.forget();
        self.waiting = Some(waiting);
        match offer {
            Some(held) => self.keep(held, now),
            None => self.turn(Phase::Waiting),
        }
    }

    /// The place on the waitlist was left, or what it was offered let pass.
    pub fn left(&mut self) {
        self.hold = None;
        self.waiting.iter_mut().for_each(|waiting| waiting.turn = Turn::Over);
        self.turn(Phase::Waiting);
    }
}
