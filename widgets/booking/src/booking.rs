//! One element in a page: what its links and buttons do.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crm_client::place::Place;
use crm_element::host::Host;
use crm_element::shared::Shared;
use crm_element::{json, time};
use crm_form::state::FormState;
use crm_protocol::booking::Offer;
use crm_protocol::read::{Json, Read};
use crm_protocol::view::FormView;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

use crate::ask::Refused;
use crate::choice::{Choice, Who};
use crate::phase::Phase;
use crate::state::Flow;

/// What a first view carries: the offer, and the choice it was rendered for.
pub struct FirstView {
    /// What can be booked.
    pub offer: Offer,
    /// What was chosen by the element's attributes or the page's address.
    pub choice: Choice,
}

impl Read for FirstView {
    fn read(json: &impl Json) -> Option<Self> {
        let choice = json.member("choice").and_then(|choice| choice.text()).unwrap_or_default();
        Some(Self { offer: Offer::read(&json.member("offer")?)?, choice: Choice::of_address(&choice) })
    }
}

/// One `<crm-booking>`. Cheap to clone: all clones are the same element.
#[derive(Clone)]
pub struct Booking(Rc<Inner>);

/// What all clones share.
pub struct Inner {
    /// The state.
    pub flow: Shared<Flow>,
    /// The services' forms by id. What was typed into one stays when another service is looked at.
    pub(crate) forms: Vec<(String, Shared<FormState>)>,
    place: OnceCell<Rc<Place>>,
    /// The last answer with free slots, as it came.
    pub(crate) seen: RefCell<JsValue>,
    /// How often free slots were asked for, and the number of the last answer.
    pub(crate) looks: Cell<u32>,
    pub(crate) looked: Cell<u32>,
    /// Seconds until they are asked for again, since something was asked last, and whether the element was seen then.
    pub(crate) pause: Cell<u32>,
    pub(crate) idle: Cell<u32>,
    pub(crate) seen_last: Cell<bool>,
}

impl Deref for Booking {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Booking {
    /// An element in that state.
    pub fn new(flow: Flow) -> Self {
        let offer = Arc::clone(&flow.offer);
        let form = |form: &crm_protocol::form::Form| {
            let view = FormView {
                site: offer.site.clone(),
                form: form.clone(),
                lang: offer.lang.clone(),
                texts: offer.texts.clone(),
                challenge: offer.challenge,
            };
            (form.id.clone(), Shared::new(FormState::new(Arc::new(view))))
        };
        let forms = offer.forms.iter().map(form).collect();
        Self(Rc::new(Inner {
            flow: Shared::new(flow),
            forms,
            place: OnceCell::new(),
            seen: RefCell::default(),
            looks: Cell::default(),
            looked: Cell::default(),
            pause: Cell::new(crate::watch::PAUSE),
            idle: Cell::default(),
            seen_last: Cell::new(true),
        }))
    }

    /// Keys of the service that is chosen and of its form; empty where there is none.
    pub(crate) fn service(&self) -> (String, String) {
        self.flow.look(|flow| {
            flow.service().map(|service| (service.key.clone(), service.form.clone())).unwrap_or_default()
        })
    }

    /// Takes over the page.
    pub fn live(&self, host: Host) {
        let place = Place::new(host);
        let who = place.host.option("practitioner").as_string().filter(|key| !key.is_empty());
        let root = place.host.option("gateway").as_string();
        let capability = place.host.option("capability").as_string().unwrap_or_default();
        let [fields, kept] = ["fields", "kept"].map(|name| place.host.option(name));
        _ = self.place.set(Rc::new(place));
        // Without telling the views: what is shown is right, and may be what was pressed before somebody could act.
        self.flow.note(|flow| {
            flow.around.alive = true;
            flow.around.ahead = Some(time::ahead);
            flow.around.root = root.unwrap_or_else(|| "/".to_owned());
        });
        if let Some(who) = who.filter(|_| self.flow.is(|flow| flow.choice.who.is_none())) {
            self.flow.change(|flow| flow.go(flow.choice.with_who(Who::parse(&who))));
        }
        self.set_fields(fields);
        let Some(place) = self.place() else { return };
        if !capability.is_empty() {
            crate::manage::open(self, &capability);
        } else {
            crate::watch::refresh(self);
            if kept.is_object() {
                crate::take::keep(self, &place, kept);
            }
        }
        self.note(&place, self.flow.look(Flow::step));
    }

    /// A link or a button was pressed.
    pub fn click(&self, event: &Event) {
        let Some(pressed) = self.pressed(event) else { return };
        event.prevent_default();
        let of = |name: &str| pressed.get_attribute(name).unwrap_or_default();
        match of("data-act").as_str() {
            "go" => self.go(Choice::of_address(&of("href"))),
            "month" => self.reach(&of("data-day")),
            "take" => crate::take::take(self, &of("value"), false),
            "again" => self.again(),
            "join" => self.alter(|flow| flow.turn(Phase::Joining)),
            "discard" => crate::resume::discard(self),
            act => crate::manage::act(self, act),
        }
    }

    /// What has an act; not where the visitor wants a link in another tab.
    fn pressed(&self, event: &Event) -> Option<Element> {
        let held = crate::keys::modified(event);
        let target: Element = json::get(event, "target").dyn_into().ok()?;
        let found = target.closest("[data-act]").ok().flatten()?;
        (!held || found.tag_name() != "A").then_some(found)
    }

    /// A key was pressed.
    pub fn key(&self, event: &Event) {
        crate::keys::press(self, event);
    }

    /// Asks once more for what could not be had.
    fn again(&self) {
        match self.flow.look(Flow::opening) {
            capability if capability.is_empty() => crate::watch::refresh(self),
            capability => crate::manage::open(self, &capability),
        }
    }

    /// Whether an answer with free slots is still to come.
    pub(crate) fn is_looking(&self) -> bool {
        self.looked.get() < self.looks.get()
    }

    /// Goes where a link leads; not while a booking is on its way.
    pub(crate) fn go(&self, choice: Choice) {
        if self.flow.is(Flow::is_sending) {
            return;
        }
        let of_day = choice.day.is_some();
        let before = (self.flow.look(Flow::step), self.service());
        self.let_go();
        self.change(|flow| flow.go(choice));
        if self.flow.is(|flow| flow.slots.is_none()) {
            crate::watch::refresh(self);
        }
        // The times of another day stand below the calendar: on a phone out of sight.
        if of_day && before == (self.flow.look(Flow::step), self.service()) {
            self.after_update(|booking| booking.focus("[id=day]"));
        }
    }

    /// Moves the calendar's cursor, and shows the month it is in.
    pub(crate) fn reach(&self, day: &str) {
        if let Ok(day) = crm_protocol::check::date::parse(day) {
            self.change(|flow| flow.reach(day.to_unix()));
        }
    }

    /// Back to the first question. An appointment that was made stays made.
    pub fn reset(&self) {
        if self.flow.is(Flow::is_sending) {
            return;
        }
        self.forms.iter().for_each(|(_, form)| form.change(FormState::reset));
        self.let_go();
        self.alter(Flow::restart);
        crate::watch::refresh(self);
    }

    /// Hands back what is kept. What a waitlist offers is given up by a button of its own alone.
    fn let_go(&self) {
        if let Some(held) = self.flow.look(Flow::held).filter(|_| self.flow.is(|flow| flow.waiting.is_none()))
        {
            crate::take::release(self, held);
        }
    }

    pub(crate) fn place(&self) -> Option<Rc<Place>> {
        self.place.get().cloned()
    }

    /// Changes the state. The focus goes to the title of a new step, else it stays where it was though its element is
    /// built anew.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Flow)) {
        let mut change = Some(change);
        self.change_at(&mut |flow| change.take().into_iter().for_each(|change| change(flow)));
    }

    /// The same for what needs nothing else.
    #[inline(never)]
    pub(crate) fn alter(&self, change: fn(&mut Flow)) {
        self.change_at(&mut |flow| change(flow));
    }

    /// Compiled once, and not once for each change.
    #[inline(never)]
    fn change_at(&self, change: &mut dyn FnMut(&mut Flow)) {
        let focused = self.place().and_then(|place| place.host.find(":focus")).map(|element| element.id());
        let step = self.flow.look(Flow::step);
        self.flow.change(|flow| change(flow));
        self.after_update(move |booking| booking.refocus(step, focused));
    }

    fn refocus(&self, step: &str, focused: Option<String>) {
        let Some(place) = self.place() else { return };
        let now = self.flow.look(Flow::step);
        self.note(&place, now);
        if now != step {
            place.host.emit("crm-step", &json::object(&[("step", now.into())]));
            return self.focus("[id=title]");
        }
        let lost = || place.host.find(":focus").is_none();
        if let Some(id) = focused.filter(|id| lost() && !id.is_empty()) {
            self.focus(&["[id=\"", &id, "\"]"].concat());
            // What had it is gone: a time that somebody else took, the link to a month after the last.
            if lost() {
                self.focus("[id=title]");
            }
        }
    }

    /// Tells the loader what is shown, for the page's history.
    fn note(&self, place: &Place, step: &str) {
        let [address, capability] =
            self.flow.look(|flow| [crate::view::address(flow, &flow.choice), flow.capability()]);
        place.host.call("visit", &[step.into(), address.into(), capability.into()]);
    }

    /// Goes to the step of an address in the page's history. False where something is on its way that has to end first.
    pub fn visit(&self, address: &str) -> bool {
        let free = !self.flow.is(Flow::is_busy);
        if free {
            // An appointment stays as it is, also where it was to be moved.
            self.alter(|flow| flow.turn(Phase::Choosing));
            self.go(Choice::of_address(address));
        }
        free
    }

    pub(crate) fn focus(&self, selector: &str) {
        if let Some(place) = self.place() {
            place.host.focus(selector);
        }
    }

    /// Runs once the view shows the new state.
    pub(crate) fn after_update(&self, then: impl FnOnce(&Self) + 'static) {
        let booking = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            time::settle().await;
            then(&booking);
        });
    }

    /// What was asked for was refused; by nobody where the answer could not be read.
    pub fn refuse(&self, refused: Option<Refused>) {
        let refused =
            refused.unwrap_or_else(|| Refused { code: "internal".to_owned(), alternatives: Vec::new() });
        self.change(|flow| flow.refuse(&refused.code, &refused.alternatives));
        // Where it is said is on a phone out of sight.
        self.after_update(|booking| booking.focus("[id=said]"));
        self.error(&refused.code);
        crate::watch::refresh(self);
    }

    /// Tells the host that something went wrong.
    pub(crate) fn error(&self, code: &str) {
        if let Some(place) = self.place() {
            place.host.emit("crm-error", &json::object(&[("code", code.into())]));
        }
    }
}
