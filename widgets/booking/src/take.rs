//! Keeping a slot for this visitor while they fill in the form, and handing it back.

use crm_client::place::Place;
use crm_element::{json, time};
use crm_protocol::booking::Held;
use wasm_bindgen::JsValue;

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::choice::Who;
use crate::phase::{Busy, Phase};

/// Takes a slot: `START` or `START,PRACTITIONER`, as its button says. An appointment is moved there once that is confirmed.
pub fn take(booking: &Booking, slot: &str) {
    if booking.flow.look(|flow| flow.busy != Busy::No) {
        return;
    }
    match booking.flow.look(|flow| flow.appointment().cloned()) {
        Some(appointment) => {
            let (start, who) = parts(booking, slot);
            if let Some(time) = booking.flow.look(|flow| flow.time(&start, who.as_deref())) {
                booking.change(|flow| flow.turn(Phase::Confirming(appointment, time)));
            }
        }
        None => hold(booking, slot, false),
    }
}

/// Start and practitioner of a button, who is else whom the choice names.
fn parts(booking: &Booking, slot: &str) -> (String, Option<String>) {
    let (start, who) = slot.split_once(',').unwrap_or((slot, ""));
    let chosen = booking.flow.look(|flow| flow.choice.who.as_ref().and_then(Who::key).map(str::to_owned));
    (start.to_owned(), Some(who.to_owned()).filter(|who| !who.is_empty()).or(chosen))
}

/// Has the gateway keep a slot. `sends`: the form was to be sent when the slot's time was over, and is sent then.
pub(crate) fn hold(booking: &Booking, slot: &str, sends: bool) {
    booking.change(|flow| flow.busy(Busy::Asking));
    let (start, who) = parts(booking, slot);
    let (service, form) = booking.service();
    let body = json::object(&[("service", service.into()), ("start", start.into())]);
    if let Some(who) = who {
        json::set(&body, "practitioner", &who.into());
    }
    let turn = booking.flow.look(|flow| flow.turns());
    let question = Question { path: "holds".to_owned(), method: "POST", form, body, ..Question::default() };
    ask(booking, question, move |booking, place, answer| {
        answer.iter().for_each(|body| _ = booking.held.replace(body.clone()));
        let answer = answer.map(json::from_js::<Held>);
        // The visitor went elsewhere meanwhile.
        if booking.flow.look(|flow| flow.turns()) != turn {
            return answer.ok().flatten().into_iter().for_each(|held| release(booking, &held));
        }
        match answer {
            Ok(Some(held)) => {
                keep(booking, place, held);
                if sends {
                    crate::send::submit(booking);
                }
            }
            other => booking.refuse(other.err()),
        }
    });
}

fn keep(booking: &Booking, place: &Place, held: Held) {
    let detail = heard(&held);
    booking.change(|flow| flow.keep(held, time::now()));
    place.host.emit("crm-held", &detail);
}

/// What the host hears of a slot that is kept.
pub(crate) fn heard(held: &Held) -> JsValue {
    let text = |text: &str| JsValue::from_str(text);
    json::object(&[
        ("service", text(&held.service)),
        ("practitioner", text(&held.practitioner)),
        ("start", text(&held.start)),
        ("seconds", held.seconds.into()),
    ])
}

/// Hands a slot back. Whether that succeeds is nobody's concern: it ends by itself.
pub fn release(booking: &Booking, held: &Held) {
    let path = ["holds/", &held.id.text()].concat();
    let question = Question { path, method: "DELETE", token: held.token.clone(), ..Question::default() };
    ask(booking, question, |booking, _, _: Answer| crate::watch::refresh(booking));
}
