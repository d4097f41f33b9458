//! Keeping a slot for this visitor while they fill in the form, and handing it back.

use crm_client::place::Place;
use crm_element::{json, time};
use crm_protocol::booking::Held;
use wasm_bindgen::JsValue;

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::choice::Who;
use crate::free::Time;
use crate::manage;
use crate::phase::{Busy, Phase};
use crate::state::Hold;

/// Takes a slot: `START` or `START,PRACTITIONER`, as its button says. For an appointment that is being moved it becomes
/// the new time at once.
pub fn take(booking: &Booking, slot: &str) {
    let (start, who) = slot.split_once(',').unwrap_or((slot, ""));
    let chosen = booking.flow.look(|flow| flow.choice.who.as_ref().and_then(Who::key).map(str::to_owned));
    let who = Some(who.to_owned()).filter(|who| !who.is_empty()).or(chosen);
    let Some(time) = booking.flow.look(|flow| flow.time(start, who.as_deref())) else { return };
    if booking.flow.look(|flow| flow.busy != Busy::No) {
        return;
    }
    booking.change(|flow| flow.busy(Busy::Asking));
    let body = json::object(&[("start", start.into())]);
    if booking.flow.look(|flow| matches!(flow.phase, Phase::Moving(_))) {
        // Missing, the practitioner would be whom it is with now.
        json::set(&body, "practitioner", &who.unwrap_or(time.practitioner).into());
        return manage::move_to(booking, body);
    }
    let (service, form) = booking.service();
    json::set(&body, "service", &service.into());
    if let Some(who) = who {
        json::set(&body, "practitioner", &who.into());
    }
    let question = Question { path: "holds".to_owned(), method: "POST", form, body, ..Question::default() };
    ask(booking, question, move |booking, place, answer| kept(booking, place, time, answer));
}

fn kept(booking: &Booking, place: &Place, time: Time, answer: Answer) {
    match answer.map(json::from_js::<Held>) {
        Ok(Some(held)) => {
            let text = |text: &str| JsValue::from_str(text);
            let detail = [
                ("service", text(&held.service)),
                ("practitioner", text(&held.practitioner)),
                ("start", text(&held.start)),
                ("seconds", held.seconds.into()),
            ];
            booking.change(|flow| flow.keep(held, time, time::now()));
            place.host.emit("crm-held", &json::object(&detail));
        }
        other => booking.refuse(other.err()),
    }
}

/// Hands a slot back. Whether that succeeds is nobody's concern: it ends by itself.
pub fn release(booking: &Booking, hold: Hold) {
    let path = ["holds/", &hold.held.id.text()].concat();
    let question = Question { path, method: "DELETE", token: hold.held.token, ..Question::default() };
    ask(booking, question, |booking, _, _| crate::watch::refresh(booking));
}
