//! One element in a page: what its buttons and its host do.

use std::cell::{Cell, OnceCell};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crm_client::body::answers;
use crm_client::challenge::Challenges;
use crm_client::place::{self, first_input};
use crm_element::host::Host;
use crm_element::shared::Shared;
use crm_element::{json, page, time};
use crm_form::events;
use crm_form::state::{FormState, Step};
use crm_protocol::draft::Draft;
use crm_protocol::view::FormView;
use wasm_bindgen::JsValue;
use web_sys::Event;

use crate::draft;
use crate::state::Phase;

/// One `<crm-contact>`. Cheap to clone: all clones are the same element.
#[derive(Clone)]
pub struct Contact(Rc<Inner>);

/// What all clones share.
pub struct Inner {
    /// The form's state.
    pub form: Shared<FormState>,
    /// Where the submission is.
    pub phase: Shared<Phase>,
    view: Arc<FormView>,
    place: OnceCell<Rc<Place>>,
}

impl Deref for Contact {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Where the element lives, with what an enquiry alone has.
pub(crate) struct Place {
    at: place::Place,
    pub challenges: Option<Challenges>,
    /// Whether something was typed that the draft does not have yet.
    pub unkept: Cell<bool>,
}

impl Deref for Place {
    type Target = place::Place;

    fn deref(&self) -> &place::Place {
        &self.at
    }
}

/// Milliseconds after which what was typed is kept.
const PAUSE: u32 = 300;

impl Contact {
    /// An element that shows this form.
    pub fn new(view: FormView) -> Self {
        let view = Arc::new(view);
        Self(Rc::new(Inner {
            form: Shared::new(FormState::new(Arc::clone(&view))),
            phase: Shared::new(Phase::Editing),
            view,
            place: OnceCell::new(),
        }))
    }

    /// The definition, with the texts around it.
    pub fn view(&self) -> Arc<FormView> {
        Arc::clone(&self.view)
    }

    /// Takes over the page: what was typed already, then what is known beforehand for fields that are still empty.
    pub fn live(&self, host: Host) {
        let first_input = first_input(&host);
        let challenges = Challenges::new(host.option("challenges"));
        let place = Place { at: place::Place::new(host), challenges, unkept: Cell::new(false) };
        let fields = place.host.option("fields");
        let typed = events::read(place.host.base(), &self.view.form);
        self.form.change(|form| form.take_over(&typed));
        _ = self.place.set(Rc::new(place));
        if let Some(fields) = json::from_js(fields) {
            self.set_missing(&fields);
        }
        self.set_missing(&draft::kept(&self.view));
        if first_input.is_some() {
            self.prepare();
        }
    }

    /// The submit button, or the host's `submit()`. On an earlier page the same as "next".
    pub fn submit(&self) {
        if !self.form.look(FormState::is_last) {
            return self.turn(true);
        }
        crate::submit::submit(self);
    }

    /// Shows the page before or after.
    pub fn turn(&self, forth: bool) {
        let today = time::today();
        let step = self.form.change(|form| if forth { form.next(&today) } else { form.back() });
        match step {
            Step::Refused => self.focus_first_error(),
            Step::Moved => self.moved(),
            Step::Stay => {}
        }
    }

    /// Something was typed.
    pub fn input(&self, event: &Event) {
        let Some(place) = self.place() else { return };
        self.prepare();
        if let Some(field) = events::input(self.form, place.host.base(), event) {
            place.host.emit("crm-change", &json::object(&[("field", field.into())]));
            self.keep_soon(&place);
        }
    }

    /// Keeps what was typed last as a draft, where that has not happened yet.
    pub fn keep(&self) {
        if self.place().is_some_and(|place| place.unkept.take()) {
            self.form.look(draft::keep);
        }
    }

    /// Keeps no draft any more.
    pub(crate) fn forget(&self) {
        if let Some(place) = self.place() {
            place.unkept.set(false);
        }
        draft::forget(&self.view);
    }

    /// Once for all keys of a moment, and not while one is being worked on. Whoever leaves loses nothing.
    fn keep_soon(&self, place: &Place) {
        if place.unkept.replace(true) {
            return;
        }
        let contact = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            time::sleep_or_leave(PAUSE).await;
            contact.keep();
        });
    }

    /// A field lost the focus. It is checked once the pointer is up.
    pub fn leave(&self, event: &Event) {
        let (Some(name), Some(place)) = (events::left(event), self.place()) else { return };
        let form = self.form;
        wasm_bindgen_futures::spawn_local(async move {
            place.released().await;
            events::check(form, &name);
        });
    }

    /// Something was chosen: files are sent at once.
    pub fn change(&self, event: &Event) {
        crate::files::change(self, event);
    }

    /// Moves the focus to a field.
    pub fn focus(&self, name: &str) {
        if let Some(place) = self.place() {
            place.host.focus_control(name);
        }
    }

    /// Moves the focus to the first field with an error.
    pub(crate) fn focus_first_error(&self) {
        let first = self.form.look(|form| form.errors().first().map(|error| error.field.clone()));
        if let Some(name) = first {
            self.after_update(move |contact| contact.focus(&name));
        }
    }

    /// Runs once the view shows the new state.
    pub(crate) fn after_update(&self, then: impl FnOnce(&Self) + 'static) {
        let contact = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            time::sleep(0).await;
            then(&contact);
        });
    }

    /// Copies the receipt code.
    pub fn copy(&self) {
        self.phase.look(|phase| page::copy(phase.receipt()));
    }

    /// Back to an empty form. What is on its way stays in the outbox.
    pub fn reset(&self) {
        self.forget();
        self.phase.change(|phase| *phase = Phase::Editing);
        self.form.change(FormState::reset);
        if let Some(place) = self.place() {
            place.host.reset_form();
            self.after_update(|contact| contact.focus_part("[part=page]:not([hidden]) [part=input]"));
        }
    }

    /// Answers set by the host's code.
    pub fn set_fields(&self, fields: JsValue) {
        if let Some(fields) = json::from_js(fields) {
            self.set(fields);
        }
    }

    /// The answers so far.
    pub fn data(&self) -> JsValue {
        answers(&self.form.look(FormState::answers))
    }

    pub(crate) fn place(&self) -> Option<Rc<Place>> {
        self.place.get().cloned()
    }

    pub(crate) fn focus_part(&self, selector: &str) {
        if let Some(place) = self.place() {
            place.host.focus(selector);
        }
    }

    fn set(&self, draft: Draft) {
        let Some(place) = self.place() else { return };
        let draft = self.form.look(|form| form.admit(draft));
        events::write(place.host.base(), &draft);
        self.form.change(|form| form.fill(&draft));
    }

    fn set_missing(&self, draft: &Draft) {
        let missing = self.form.look(|form| form.missing(draft));
        self.set(missing);
    }

    fn prepare(&self) {
        if let Some(challenges) = self.place().as_ref().and_then(|place| place.challenges.as_ref()) {
            challenges.prepare();
        }
    }

    fn moved(&self) {
        let (page, pages) = self.form.look(FormState::progress);
        if let Some(place) = self.place() {
            place.host.emit(
                "crm-step",
                &json::object(&[("page", (page as u32).into()), ("pages", (pages as u32).into())]),
            );
        }
        self.after_update(|contact| contact.focus_part("[part=page]:not([hidden])"));
    }
}
