//! Where a booking is on its way: a plain struct that the view calls. No clock, no network, no DOM.

use std::sync::Arc;

use crm_protocol::booking::{Alternative, Appointment, Held, Offer, Service, Slots, Turn, Waiting};

use crate::choice::{Ask, Choice, Who};
use crate::free::{Free, Time, on_clock, parse_instant};
use crate::phase::{Busy, Phase, Trouble, Why};

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
    /// The time of the appointment that is shown on the visitor's own clock; empty where it is the same.
    pub own: String,
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
    /// The gateway's ticket, on pages that are posted without scripts.
    pub ticket: Option<String>,
}

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

/// A sentence, with slots to take instead.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Key of the sentence.
    pub key: &'static str,
    /// The slots.
    pub times: Vec<Time>,
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
            own: String::new(),
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

    /// The appointment that is shown or changed.
    pub fn appointment(&self) -> Option<&Appointment> {
        match &self.phase {
            Phase::Shown(one, _) | Phase::Moving(one) | Phase::Cancelling(one) => Some(one),
            _ => None,
        }
    }

    /// Id and token of the slot that is kept.
    pub fn held(&self) -> Option<(String, String)> {
        self.hold.as_ref().map(|hold| (hold.held.id.text(), hold.held.token.clone()))
    }

    /// What leads back to what is shown, `ID.TOKEN`; empty where that is nothing of the visitor's own.
    pub fn capability(&self) -> String {
        let appointment = self.appointment().map(|one| (one.id.text(), &one.token));
        let waiting = || self.waiting.as_ref().map(|one| (one.id.text(), &one.token));
        appointment.or_else(waiting).map(|(id, token)| [&id, ".", token].concat()).unwrap_or_default()
    }

    /// The free slots with whoever was chosen.
    pub fn free(&self) -> Option<Free<'_>> {
        let slots =
            self.slots.as_ref().filter(|slots| self.service().is_some_and(|one| one.key == slots.service))?;
        Free::new(slots, self.choice.who.as_ref().and_then(Who::key))
    }

    /// The time of that start: a free one, or what the nearest clock makes of it.
    pub fn time(&self, start: &str, who: Option<&str>) -> Option<Time> {
        let free = Free::new(self.slots.as_ref()?, who)?;
        free.at(start).or_else(|| self.near(start, who.unwrap_or_default()))
    }

    /// The day whose times are shown: the chosen one, else the first that has some.
    pub fn day(&self) -> Option<i32> {
        let free = self.free()?;
        let chosen = self.choice.day.as_deref().and_then(|day| crm_protocol::check::date::parse(day).ok());
        let chosen = chosen.map(crm_protocol::check::date::Date::to_unix);
        chosen.filter(|day| (free.first..=free.last).contains(day)).or_else(|| free.first_free())
    }

    /// The day that the calendar's keys have reached.
    pub fn cursor(&self) -> Option<i32> {
        let free = self.free()?;
        Some(self.cursor.or_else(|| self.day()).unwrap_or(free.first).clamp(free.first, free.last))
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

    /// Whether a place on the waitlist is shown that nothing was offered to yet.
    pub fn is_waiting(&self) -> bool {
        let waits = self.waiting.as_ref().is_some_and(|one| one.turn == Turn::Waiting);
        waits && matches!(self.phase, Phase::Waiting)
    }

    /// Whether a booking is on its way: nothing else can be done meanwhile.
    pub fn is_sending(&self) -> bool {
        matches!(self.busy, Busy::Sending | Busy::Waiting { .. })
    }

    /// Counts changes of what is shown, other than the hold's clock.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Counts the notices.
    pub fn notices(&self) -> u32 {
        self.notices
    }

    /// Counts the forms that were opened.
    pub fn forms(&self) -> u32 {
        self.forms
    }

    /// Says something above everything else, or no longer.
    pub fn say(&mut self, notice: Option<Notice>) {
        if self.notice.is_some() || notice.is_some() {
            self.notice = notice;
            self.notices += 1;
        }
        self.touch();
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

    /// Free slots came.
    pub fn show(&mut self, slots: Slots) {
        (self.slots, self.trouble) = (Some(slots), None);
        self.touch();
    }

    /// Free slots, or what a link leads to, could not be had.
    pub fn miss(&mut self, trouble: Trouble) {
        if self.trouble.replace(trouble) != Some(trouble) {
            self.touch();
        }
    }

    /// Moves the calendar's cursor.
    pub fn reach(&mut self, day: i32) {
        let Some(free) = self.free() else { return };
        self.cursor = Some(day.clamp(free.first, free.last));
        self.touch();
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

    /// Shows the form, anew only where another one may have been there.
    fn ask_details(&mut self, phase: Phase) {
        if !matches!(self.phase, Phase::Details | Phase::Joining) {
            self.forms += 1;
        }
        (self.phase, self.busy) = (phase, Busy::No);
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

    /// What a link leads to that is on its way; empty where there is none.
    pub fn opening(&self) -> String {
        match &self.phase {
            Phase::Opening(capability) => capability.clone(),
            _ => String::new(),
        }
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

    /// What was asked for was refused. `alternatives` are the gateway's.
    pub fn refuse(&mut self, code: &str, alternatives: &[Alternative]) {
        (self.busy, self.wanted) = (Busy::No, None);
        let times = alternatives
            .iter()
            .filter_map(|one| self.near(&one.start, &one.practitioner))
            .take(FEW)
            .collect();
        let gone = matches!(code, "slot-taken" | "not-offered" | "hold-over");
        if matches!(self.phase, Phase::Opening(_)) || (gone && matches!(self.phase, Phase::Details)) {
            self.forget();
            self.phase = Phase::Choosing;
        }
        self.say(Some(Notice { key: sentence(code), times }));
    }

    /// A slot by the clock of those that are nearest to it.
    fn near(&self, start: &str, who: &str) -> Option<Time> {
        let instant = parse_instant(start)?;
        let slots = self.slots.as_ref()?;
        let offset = Free::new(slots, Some(who))?.offset(instant);
        let (day, minute) = on_clock(instant, offset);
        let row = slots.rows.iter().find(|row| row.practitioner == who);
        let place = row.map(|row| row.place.clone()).unwrap_or_default();
        Some(Time { instant, day, minute, offset, seats: 1, practitioner: who.to_owned(), place })
    }

    /// An appointment came back from the gateway.
    pub fn booked(&mut self, appointment: Appointment, why: Why) {
        self.phase = Phase::Shown(appointment, why);
        self.forget();
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

/// Key of the sentence for a problem's code.
fn sentence(code: &str) -> &'static str {
    match code {
        "slot-taken" => "booking.taken",
        "not-offered" => "booking.not-offered",
        "hold-over" => "booking.hold-over",
        "limit-reached" => "booking.limit",
        "blocked" => "booking.blocked",
        "too-late" => "booking.too-late",
        "not-found" => "booking.not-found",
        "unreachable" | "offline" => "booking.unreachable",
        "too-many-requests" => "booking.many",
        _ => "booking.failed",
    }
}
