//! Coming back with a capability: to an appointment, seeing, moving, cancelling it; to a place on the waitlist, seeing what
//! it is offered, leaving it.

use crm_client::place::Place;
use crm_element::{json, time};
use crm_protocol::booking::{Appointment, Waiting};
use wasm_bindgen::JsValue;

use crate::ask::{Question, ask};
use crate::booking::Booking;
use crate::phase::{Busy, Phase, Trouble, Why};
use crate::state::Flow;

/// How the id of a place on the waitlist begins.
const WAITING: &str = "wait_";

/// Shows what `ID.TOKEN` leads to: the loader has read it from behind the address's `#`, and removed it from there.
pub fn open(booking: &Booking, capability: &str) {
    booking.change(|flow| flow.turn(Phase::Opening(capability.to_owned())));
    ask(booking, of(capability), |booking, place, answer| match answer {
        // Its visitor went elsewhere meanwhile.
        _ if booking.flow.look(Flow::opening).is_empty() => {}
        Ok(body) => opened(booking, place, body, Why::Opened, ""),
        Err(refused) if refused.code == "not-found" => booking.refuse(Some(refused)),
        Err(refused) => {
            booking.change(|flow| flow.miss(Trouble::of(&refused.code)));
            booking.error(&refused.code);
        }
    });
}

/// What a button of an appointment, or of a place on the waitlist, does.
pub fn act(booking: &Booking, act: &str) {
    match act {
        "move" => {
            booking.alter(Flow::start_move);
            crate::watch::refresh(booking);
        }
        "move-now" => change(booking, "PATCH", Why::Moved, ""),
        "cancel" => booking.alter(|flow| flow.change_to(Phase::Cancelling)),
        "keep" => booking.alter(|flow| flow.change_to(|one| Phase::Shown(one, Why::Opened))),
        "cancel-now" => change(booking, "DELETE", Why::Opened, "crm-cancelled"),
        "leave" => leave(booking),
        _ => {}
    }
}

/// About what a capability is for.
fn of(capability: &str) -> Question {
    let (id, token) = capability.split_once('.').unwrap_or_default();
    let noun = if id.starts_with(WAITING) { "waitlist/" } else { "appointments/" };
    Question { path: [noun, id].concat(), token: token.to_owned(), ..Question::default() }
}

/// Asks something that answers with an appointment, and shows it. `event` is heard once it succeeded.
fn change(booking: &Booking, method: &'static str, why: Why, event: &'static str) {
    if booking.flow.is(Flow::is_busy) {
        return;
    }
    let mut question = Question { method, ..of(&booking.flow.look(Flow::capability)) };
    booking.flow.look(|flow| {
        if let Some(time) = &flow.wanted {
            // Missing, the practitioner would be whom it is with now.
            let practitioner = time.practitioner.as_str().into();
            question.body = json::object(&[("start", time.start().into()), ("practitioner", practitioner)]);
        }
    });
    booking.alter(|flow| flow.busy(Busy::Asking));
    ask(booking, question, move |booking, place, answer| match answer {
        Ok(body) => opened(booking, place, body, why, event),
        Err(refused) => booking.refuse(Some(refused)),
    });
}

/// Shows an appointment, or a place on the waitlist, where there is news of it.
pub(crate) fn opened(booking: &Booking, place: &Place, body: JsValue, why: Why, event: &str) {
    if let Some(appointment) = json::from_js::<Appointment>(body.clone()) {
        booking.change(|flow| flow.booked(appointment, why));
        if !event.is_empty() {
            place.host.emit(event, &body);
        }
        return;
    }
    let Some(waiting) = json::from_js::<Waiting>(body.clone()) else { return booking.refuse(None) };
    // The same again is no news, and the focus stays.
    if json::get_text(&body, "turn") != "waiting" || !booking.flow.is(Flow::is_waiting) {
        let offer = json::get(&body, "offer");
        booking.change(|flow| flow.wait(waiting, time::now()));
        crate::watch::refresh(booking);
        if offer.is_object() {
            place.host.emit("crm-held", &offer);
        }
    }
}

/// Looks whether the place on the waitlist that is shown is offered something by now.
pub(crate) fn look_again(booking: &Booking) {
    ask(booking, of(&booking.flow.look(Flow::capability)), |booking, place, answer| {
        if let (Ok(body), true) = (answer, booking.flow.is(Flow::is_waiting)) {
            opened(booking, place, body, Why::Opened, "");
        }
    });
}

/// Leaves the waitlist; what was offered goes to the next.
fn leave(booking: &Booking) {
    if booking.flow.is(Flow::is_busy) {
        return;
    }
    booking.alter(|flow| flow.busy(Busy::Asking));
    let question = Question { method: "DELETE", ..of(&booking.flow.look(Flow::capability)) };
    ask(booking, question, |booking, _, answer| match answer {
        Err(refused) if refused.code != "not-found" => booking.refuse(Some(refused)),
        _ => booking.alter(Flow::left),
    });
}
