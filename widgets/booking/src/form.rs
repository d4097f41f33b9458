//! The form of the service that is chosen: what is typed, checked and sent.

use crm_client::body::answers;
use crm_element::shared::Shared;
use crm_element::{json, time};
use crm_form::events;
use crm_form::state::{FormState, Step};
use crm_protocol::draft::Draft;
use wasm_bindgen::JsValue;
use web_sys::Event;

use crate::booking::Booking;
use crate::phase::Phase;

impl Booking {
    /// The form of the service that is chosen.
    pub fn form(&self) -> Option<Shared<FormState>> {
        let (_, id) = self.service();
        self.forms.iter().find(|(known, _)| *known == id).map(|(_, form)| *form)
    }

    /// Locks the answers while they are on their way.
    pub(crate) fn lock(&self, locked: bool) {
        self.forms.iter().for_each(|(_, form)| form.change(|form| form.lock(locked)));
    }

    /// The submit button, or the host's `submit()`. On an earlier page of a form the same as "next".
    pub fn submit(&self) {
        let Some(form) = self.form() else { return };
        if self.flow.is(|flow| !matches!(flow.phase, Phase::Details | Phase::Joining)) {
            return;
        }
        if !form.look(FormState::is_last) {
            return self.turn(true);
        }
        crate::send::submit(self);
    }

    /// Shows the form's page before or after.
    pub fn turn(&self, forth: bool) {
        let Some(form) = self.form() else { return };
        let today = time::today();
        match form.change(|form| if forth { form.next(&today) } else { form.back() }) {
            Step::Refused => self.focus_first_error(),
            Step::Moved => self.after_update(|booking| booking.focus("[part=page]:not([hidden])")),
            Step::Stay => {}
        }
    }

    /// Something was typed into the form.
    pub fn input(&self, event: &Event) {
        let (Some(place), Some(form)) = (self.place(), self.form()) else { return };
        if let Some(field) = events::input(form, place.host.base(), event) {
            place.host.emit("crm-change", &json::object(&[("field", field.into())]));
        }
    }

    /// A field lost the focus. It is checked once the pointer is up.
    pub fn leave(&self, event: &Event) {
        let (Some(name), Some(form), Some(place)) = (events::left(event), self.form(), self.place()) else {
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            place.released().await;
            events::check(form, &name);
        });
    }

    /// Answers set by the host's code, in every form that asks for them.
    pub fn set_fields(&self, fields: JsValue) {
        let Some(fields) = json::from_js::<Draft>(fields) else { return };
        for (_, form) in &self.forms {
            form.change(|form| form.fill(&form.admit(fields.clone())));
        }
        if let (Some(place), Some(form)) = (self.place(), self.form()) {
            form.look(|form| events::write(place.host.base(), form.draft()));
        }
    }

    /// The answers so far.
    pub fn data(&self) -> JsValue {
        answers(&self.form().map(|form| form.look(FormState::answers)).unwrap_or_default())
    }

    /// Moves the focus to a field.
    pub fn focus_field(&self, name: &str) {
        if let Some(place) = self.place() {
            place.host.focus_control(name);
        }
    }

    /// Moves the focus to the first field with an error.
    pub(crate) fn focus_first_error(&self) {
        let Some(form) = self.form() else { return };
        if let Some(name) = form.look(|form| form.errors().first().map(|error| error.field.clone())) {
            self.after_update(move |booking| booking.focus_field(&name));
        }
    }
}
