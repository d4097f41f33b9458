//! The slot that is kept while its visitor says the rest.

use crm_protocol::booking::Held;

use super::{FEW, Flow, Notice};
use crate::choice::{Choice, Who};
use crate::free::Time;
use crate::phase::{Busy, Phase};

/// A slot that is kept.
#[derive(Clone, Debug)]
pub struct Hold {
    /// What the gateway said.
    pub held: Held,
    /// The slot.
    pub time: Time,
    /// Unix time in milliseconds, by the visitor's clock, at which it ends.
    pub ends: f64,
    /// Seconds until then.
    pub left: u32,
}

impl Flow {
    /// Id and token of the slot that is kept.
    pub fn held(&self) -> Option<(String, String)> {
        self.hold.as_ref().map(|hold| (hold.held.id.text(), hold.held.token.clone()))
    }

    /// A slot is kept: its visitor is asked for the rest. `now` is Unix time in milliseconds.
    pub fn keep(&mut self, held: Held, now: f64) {
        if self.choice.service.as_ref() != Some(&held.service) || self.choice.who.is_none() {
            let who = Some(Who::One(held.practitioner.clone()));
            self.choose(Choice { service: Some(held.service.clone()), who, ..Choice::default() });
        }
        let (time, left) = (Time::of(&held), held.seconds);
        self.hold = Some(Hold { held, time, ends: now + f64::from(left) * 1_000.0, left });
        self.over = None;
        self.ask_details(Phase::Details);
    }

    /// The clock of the kept slot went on. True once, when its time is over and the visitor has not sent the form.
    pub fn tick(&mut self, now: f64) -> bool {
        let Some(hold) = &mut self.hold else { return false };
        hold.left = ((hold.ends - now) / 1_000.0).ceil().max(0.0) as u32;
        if hold.left > 0 || self.busy != Busy::No {
            return false;
        }
        let mut times: Vec<Time> = self.hold.take().into_iter().map(|hold| hold.time).collect();
        let key = if self.waiting.is_some() {
            self.left();
            times.clear();
            "booking.offer-over"
        } else {
            "booking.over"
        };
        if let Some(again) = times.first() {
            self.over = Some(again.slot());
            let near = self.free().map(|free| free.nearest(again.instant, FEW - 1));
            times.extend(near.unwrap_or_default());
        }
        self.say(Some(Notice { key, times }));
        true
    }

    /// What an earlier page could not send is sent again: it is shown as it was. Without a slot it is a place on the
    /// waitlist.
    pub fn resume(&mut self, choice: Choice, held: Option<Held>) {
        match held {
            Some(held) => self.keep(held, 0.0),
            None => {
                self.go(choice);
                self.turn(Phase::Joining);
            }
        }
        self.busy(Busy::Sending);
    }
}
