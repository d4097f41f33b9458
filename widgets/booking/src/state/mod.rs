//! Where a booking is on its way: a plain struct that the view calls. No clock, no network, no DOM.
//!
//! # Layout
//!
//! - `slots`  what is free, and the day that is looked at
//! - `hold`   the slot that is kept meanwhile
//! - `notice` what is said above everything else
//! - `own`    what the visitor has already: an appointment, a place on the waitlist

mod hold;
mod notice;
mod own;
mod slots;

use std::sync::Arc;

use crm_protocol::booking::{Offer, Service, Slots, Waiting};

use crate::choice::{Ask, Choice};
use crate::free::Time;
use crate::phase::{Busy, Phase, Trouble};

pub use hold::Hold;
pub use notice::Notice;

/// How many slots are offered at once: the soonest, or the nearest to one that is gone.
pub const FEW: usize = 4;

/// A booking while a visitor makes it, or comes back to it.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What can be booked.
    pub offer: Arc<Offer>,
    /// What was chosen.
    pub choice: Choice,
    /// What is shown.
    pub phase: Phase,
    /// The free slots of the chosen service.
    pub slots: Option<Slots>,
    /// Why there are none, or old ones.
    pub trouble: Option<Trouble>,
    /// The slot that is kept for this visitor.
    pub hold: Option<Hold>,
    /// The slot that was kept, as the value of its button, once its time is over: the form may still be sent.
    pub over: Option<String>,
    /// The slot that the appointment is to be moved to, once that is confirmed.
    pub wanted: Option<Time>,
    /// The place on the waitlist that is shown, or whose offer is kept.
    pub waiting: Option<Waiting>,
    /// What has to be said above everything else.
    pub notice: Option<Notice>,
    /// What is on its way.
    pub busy: Busy,
    /// The day that the calendar's keys have reached, in days since 1970-01-01.
    pub cursor: Option<i32>,
    /// Where it is shown.
    pub around: Around,
    turns: u32,
    version: u32,
    notices: u32,
    forms: u32,
}

/// Where a flow is shown.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What addresses of the gateway begin with: `/`, or its whole origin on pages of others.
    pub root: String,
    /// Whether a script has taken it over: then keys move through the calendar.
    pub alive: bool,
    /// How many minutes the visitor's clock is ahead of UTC, at an instant in minutes since 1970-01-01; a gateway cannot
    /// know.
    pub ahead: Option<fn(i64) -> i32>,
    /// The gateway's ticket, on pages that are posted without scripts.
    pub ticket: Option<String>,
}

impl Flow {
    /// A flow at the first question that the choice leaves open.
    pub fn new(offer: Arc<Offer>, mut choice: Choice, around: Around) -> Self {
        choice.settle(&offer);
        Self {
            offer,
            choice,
            around,
            phase: Phase::Choosing,
            slots: None,
            trouble: None,
            hold: None,
            over: None,
            wanted: None,
            waiting: None,
            notice: None,
            busy: Busy::No,
            cursor: None,
            turns: 0,
            version: 0,
            notices: 0,
            forms: 0,
        }
    }

    /// One of our own texts.
    pub fn text(&self, key: &str) -> String {
        self.offer.texts.get(key).to_owned()
    }

    /// The chosen service; of an appointment its own.
    pub fn service(&self) -> Option<&Service> {
        match self.appointment() {
            Some(appointment) => self.offer.service(&appointment.service),
            None => self.choice.service(&self.offer),
        }
    }

    /// What is asked or shown, as one word: for events, style sheets and the host's tests.
    pub fn step(&self) -> &'static str {
        match &self.phase {
            Phase::Choosing => match self.choice.ask() {
                Ask::Department => "department",
                Ask::Service => "service",
                Ask::Who => "practitioner",
                Ask::When => "time",
            },
            Phase::Opening(_) => "opening",
            Phase::Details => "details",
            Phase::Joining => "waitlist",
            Phase::Shown(appointment, _) => appointment.status.as_str(),
            Phase::Moving(_) if self.wanted.is_some() => "confirm",
            Phase::Moving(_) => "move",
            Phase::Cancelling(_) => "cancel",
            Phase::Waiting => "waiting",
        }
    }

    /// Whether something is on its way.
    pub fn is_busy(&self) -> bool {
        self.busy != Busy::No
    }

    /// Counts where links led: what was asked for before is no longer wanted.
    pub fn turns(&self) -> u32 {
        self.turns
    }

    /// What is on its way is no longer wanted.
    pub fn give_up(&mut self) {
        self.turns += 1;
        self.busy(Busy::No);
    }

    /// Whether a booking is on its way: nothing else can be done meanwhile.
    pub fn is_sending(&self) -> bool {
        matches!(self.busy, Busy::Sending | Busy::Waiting { .. })
    }

    /// Counts changes of what is shown, other than the hold's clock.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Counts the forms that were opened.
    pub fn forms(&self) -> u32 {
        self.forms
    }

    /// Goes where a link leads. A slot that was kept is no longer needed.
    pub fn go(&mut self, mut choice: Choice) {
        let moving = matches!(self.phase, Phase::Moving(_));
        if let (Phase::Moving(appointment), None) = (&self.phase, &choice.service) {
            choice.service = Some(appointment.service.clone());
        }
        self.choose(choice);
        self.forget();
        if !moving {
            self.phase = Phase::Choosing;
        }
        self.say(None);
    }

    fn choose(&mut self, mut choice: Choice) {
        choice.settle(&self.offer);
        if choice.service != self.choice.service {
            (self.slots, self.trouble) = (None, None);
        }
        self.choice = choice;
    }

    /// Back to the first question.
    pub fn restart(&mut self) {
        self.phase = Phase::Choosing;
        self.go(Choice::default());
    }

    fn forget(&mut self) {
        (self.cursor, self.hold, self.over, self.waiting) = (None, None, None, None);
        self.wanted = None;
        self.busy = Busy::No;
        self.turns += 1;
    }

    /// Shows the form, anew only where another one may have been there.
    fn ask_details(&mut self, phase: Phase) {
        if !matches!(self.phase, Phase::Details | Phase::Joining) {
            self.forms += 1;
        }
        (self.phase, self.busy) = (phase, Busy::No);
        self.say(None);
    }

    /// Something else is shown.
    pub fn turn(&mut self, phase: Phase) {
        if matches!(phase, Phase::Joining) {
            return self.ask_details(phase);
        }
        (self.phase, self.busy, self.trouble, self.wanted) = (phase, Busy::No, None, None);
        self.say(None);
    }

    /// Something is on its way, or no longer.
    pub fn busy(&mut self, busy: Busy) {
        if self.busy != busy {
            self.busy = busy;
            self.touch();
        }
    }

    fn touch(&mut self) {
        self.version += 1;
    }
}
