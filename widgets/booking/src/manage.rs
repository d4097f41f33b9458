//! Coming back with a capability: to an appointment, seeing, moving, cancelling it, putting it into a calendar; to a place
//! on the waitlist, seeing what it is offered, leaving it.

use crm_client::place::Place;
use crm_element::{json, time};
use crm_protocol::booking::{Appointment, Turn, Waiting};
use wasm_bindgen::JsValue;

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::choice::{Choice, Who};
use crate::phase::{Busy, Phase, Trouble, Why};

/// How the id of a place on the waitlist begins.
const WAITING: &str = "wait_";

/// Shows what `ID.TOKEN` leads to: the loader has read it from behind the address's `#`, and removed it from there.
pub fn open(booking: &Booking, capability: &str) {
    let Some((id, token)) = capability.split_once('.') else { return };
    booking.change(|flow| flow.turn(Phase::Opening(capability.to_owned())));
    let waits = id.starts_with(WAITING);
    let question = Question { token: token.to_owned(), ..if waits { place_of(id) } else { about(id) } };
    ask(booking, question, move |booking, place, answer| match answer {
        Ok(body) if waits => waited(booking, place, body),
        Ok(body) => match json::from_js::<Appointment>(body) {
            Some(appointment) => show(booking, place, appointment, Why::Opened),
            None => booking.refuse(None),
        },
        Err(refused) if refused.code == "not-found" => booking.refuse(Some(refused)),
        Err(refused) => {
            booking.change(|flow| _ = flow.miss(Trouble::of(&refused.code)));
            booking.error(&refused.code);
        }
    });
}

/// What a button of an appointment does.
pub fn act(booking: &Booking, act: &str) {
    let Some(appointment) = booking.flow.look(|flow| flow.appointment().cloned()) else { return };
    match act {
        "move" => move_it(booking, appointment),
        "move-now" => move_now(booking),
        "cancel" => booking.change(|flow| flow.turn(Phase::Cancelling(appointment))),
        "keep" => booking.change(|flow| flow.turn(Phase::Shown(appointment, Why::Opened))),
        "cancel-now" => {
            let question = Question { method: "DELETE", ..of(&appointment) };
            change(booking, question, Why::Opened, "crm-cancelled");
        }
        "calendar" => save(booking, appointment),
        _ => {}
    }
}

fn about(id: &str) -> Question {
    Question { path: ["appointments/", id].concat(), ..Question::default() }
}

fn of(appointment: &Appointment) -> Question {
    Question { token: appointment.token.clone(), ..about(&appointment.id.text()) }
}

/// Lets another time be chosen, with the same practitioner to begin with.
fn move_it(booking: &Booking, appointment: Appointment) {
    let choice = Choice {
        service: Some(appointment.service.clone()),
        who: Some(Who::One(appointment.practitioner.clone())),
        ..Choice::default()
    };
    booking.change(|flow| {
        flow.turn(Phase::Moving(appointment));
        flow.go(choice);
    });
    crate::watch::refresh(booking);
}

/// Moves the appointment to the slot that was asked about.
fn move_now(booking: &Booking) {
    let Phase::Confirming(appointment, time) = booking.flow.look(|flow| flow.phase.clone()) else { return };
    // Missing, the practitioner would be whom it is with now.
    let body = [("start", time.start().into()), ("practitioner", time.practitioner.into())];
    let question = Question { method: "PATCH", body: json::object(&body), ..of(&appointment) };
    change(booking, question, Why::Moved, "");
}

/// Asks something that answers with an appointment, and shows it. `event` is heard once it succeeded.
fn change(booking: &Booking, question: Question, why: Why, event: &'static str) {
    if booking.flow.look(|flow| flow.busy != Busy::No) {
        return;
    }
    booking.change(|flow| flow.busy(Busy::Asking));
    ask(booking, question, move |booking, place, answer| match answer.map(json::from_js::<Appointment>) {
        Ok(Some(appointment)) => {
            let id = appointment.id.text();
            show(booking, place, appointment, why);
            if !event.is_empty() {
                place.host.emit(event, &json::object(&[("id", id.into())]));
            }
        }
        other => booking.refuse(other.err()),
    });
}

/// Saves the appointment as a calendar file. Its token stays in a header, so a plain link would not do.
fn save(booking: &Booking, appointment: Appointment) {
    let mut question = Question { plain: true, ..of(&appointment) };
    question.path.push_str("/calendar");
    ask(booking, question, move |booking, place, answer: Answer| match answer {
        Ok(text) => _ = place.host.call("save", &[text, [&appointment.code, ".ics"].concat().into()]),
        Err(refused) => booking.refuse(Some(refused)),
    });
}

/// Shows an appointment, with its time on the visitor's own clock.
pub(crate) fn show(booking: &Booking, place: &Place, appointment: Appointment, why: Why) {
    let own = place.host.call("own", &[appointment.start.as_str().into(), appointment.offset.into()]);
    booking.change(|flow| {
        flow.own = own.as_string().unwrap_or_default();
        flow.booked(appointment, why);
    });
}

fn place_of(id: &str) -> Question {
    Question { path: ["waitlist/", id].concat(), ..Question::default() }
}

fn place_shown(booking: &Booking) -> Option<Question> {
    let waiting = booking.flow.look(|flow| flow.waiting.clone())?;
    Some(Question { token: waiting.token, ..place_of(&waiting.id.text()) })
}

/// Looks whether the place on the waitlist that is shown is offered something by now.
pub(crate) fn look_again(booking: &Booking) {
    let Some(question) = place_shown(booking) else { return };
    ask(booking, question, |booking, place, answer| {
        if let (Ok(body), true) = (answer, booking.flow.look(|flow| flow.is_waiting())) {
            waited(booking, place, body);
        }
    });
}

/// Shows a place on the waitlist, where there is news of it.
pub(crate) fn waited(booking: &Booking, place: &Place, body: JsValue) {
    let Some(waiting) = json::from_js::<Waiting>(body) else { return booking.refuse(None) };
    if booking.flow.look(|flow| flow.is_waiting() && flow.waiting.as_ref() == Some(&waiting)) {
        return;
    }
    let detail = waiting.offer.as_ref().map(crate::take::heard);
    booking.change(|flow| flow.wait(waiting, time::now()));
    detail.into_iter().for_each(|detail| _ = place.host.emit("crm-held", &detail));
    crate::watch::refresh(booking);
}

/// Leaves the waitlist; what was offered goes to the next.
pub(crate) fn leave(booking: &Booking) {
    let Some(question) = place_shown(booking) else { return };
    let question = Question { method: "DELETE", ..question };
    booking.change(|flow| flow.busy(Busy::Asking));
    ask(booking, question, |booking, _, answer| match answer {
        Err(refused) if refused.code != "not-found" => booking.refuse(Some(refused)),
        _ => booking.change(|flow| {
            let over = flow.waiting.take().map(|waiting| Waiting { turn: Turn::Over, ..waiting });
            over.into_iter().for_each(|over| flow.wait(over, 0.0));
        }),
    });
}
