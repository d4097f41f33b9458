//! What a reload would lose: the slot that is kept, and what was typed.

use crm_client::body::answers;
use crm_element::{json, time};
use crm_form::state::FormState;
use crm_protocol::booking::Held;
use wasm_bindgen::JsValue;

use crate::booking::Booking;
use crate::choice::{Choice, Who};
use crate::phase::Phase;
use crate::state::Flow;

/// It as an object for [`restore`]; `undefined` where there is none. What is being sent is in the outbox.
pub fn kept(booking: &Booking) -> JsValue {
    let asks =
        |flow: &Flow| matches!(flow.phase, Phase::Details) && !flow.is_sending() && flow.waiting.is_none();
    let Some(form) = booking.form().filter(|_| booking.flow.look(asks)) else { return JsValue::UNDEFINED };
    let (_, id) = booking.service();
    let ends = booking.flow.look(|flow| flow.hold.as_ref().map(|hold| hold.ends));
    json::object(&[
        ("held", booking.held.borrow().clone()),
        ("ends", ends.unwrap_or_default().into()),
        ("form", id.into()),
        ("answers", answers(&form.look(FormState::keepable))),
    ])
}

/// Takes it up again: the answers, and the slot where it is still kept.
pub(crate) fn restore(booking: &Booking, kept: &JsValue) {
    let id = json::get_text(kept, "form");
    let answers = json::from_js(json::get(kept, "answers")).unwrap_or_default();
    booking
        .forms
        .iter()
        .filter(|(known, _)| *known == id)
        .for_each(|(_, form)| form.change(|form| form.fill(&answers)));
    let left = json::get(kept, "ends").as_f64().unwrap_or_default() - time::now();
    let body = json::get(kept, "held");
    let Some(held) = json::from_js::<Held>(body.clone()).filter(|_| left > 0.0) else { return };
    let held = Held { seconds: (left / 1_000.0) as u32, ..held };
    let (service, who) = (Some(held.service.clone()), Some(Who::One(held.practitioner.clone())));
    booking.held.replace(body);
    booking.change(|flow| {
        flow.go(Choice { service, who, ..Choice::default() });
        flow.keep(held, time::now());
    });
}
