//! Keeping a slot for this visitor while they fill in the form, and handing it back.

use crm_client::place::Place;
use crm_element::{json, time};
use crm_protocol::booking::Held;
use wasm_bindgen::JsValue;

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::choice::Who;
use crate::phase::Busy;
use crate::state::Flow;

/// Takes a slot: `START` or `START,PRACTITIONER`, as its button says. An appointment is moved there once that is confirmed.
/// `sends`: the form was to be sent when the slot's time was over, and is sent then.
pub fn take(booking: &Booking, slot: &str, sends: bool) {
    if booking.flow.is(Flow::is_busy) {
        return;
    }
    let (start, who) = slot.split_once(',').unwrap_or((slot, ""));
    let chosen = booking.flow.look(|flow| flow.choice.who.as_ref().and_then(Who::key).map(str::to_owned));
    let who = Some(who.to_owned()).filter(|who| !who.is_empty()).or(chosen);
    if !booking.flow.look(Flow::capability).is_empty() {
        return booking.change(|flow| flow.confirm(start, who.as_deref()));
    }
    booking.change(|flow| flow.busy(Busy::Asking));
    let (service, form) = booking.service();
    let body = json::object(&[("service", service.into()), ("start", start.into())]);
    if let Some(who) = who {
        json::set(&body, "practitioner", &who.into());
    }
    let turn = booking.flow.look(Flow::turns);
    let question = Question { path: "holds".to_owned(), method: "POST", form, body, ..Question::default() };
    ask(booking, question, move |booking, place, answer| {
        // Where the visitor went elsewhere meanwhile, it is kept for nobody.
        let wanted = booking.flow.look(Flow::turns) == turn;
        match answer {
            Ok(body) if !wanted => {
                release(booking, (json::get_text(&body, "id"), json::get_text(&body, "token")))
            }
            Ok(body) => {
                keep(booking, place, body);
                if sends && booking.flow.is(|flow| flow.hold.is_some()) {
                    crate::send::submit(booking);
                }
            }
            Err(refused) if wanted => booking.refuse(Some(refused)),
            Err(_) => {}
        }
    });
}

/// A slot is kept: as the gateway's answer says, or as one before a reload.
pub(crate) fn keep(booking: &Booking, place: &Place, body: JsValue) {
    match json::from_js::<Held>(body.clone()) {
        Some(held) => {
            booking.change(|flow| flow.keep(held, time::now()));
            place.host.emit("crm-held", &body);
        }
        None => booking.refuse(None),
    }
}

/// Hands a slot back. Whether that succeeds is nobody's concern: it ends by itself.
pub fn release(booking: &Booking, (id, token): (String, String)) {
    let path = ["holds/", &id].concat();
    let question = Question { path, method: "DELETE", token, ..Question::default() };
    ask(booking, question, |booking, _, _: Answer| crate::watch::refresh(booking));
}
