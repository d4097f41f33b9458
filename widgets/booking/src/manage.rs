//! Coming back to an appointment with its capability: seeing, moving, cancelling it, putting it into a calendar.

use crm_client::place::Place;
use crm_element::json;
use crm_protocol::booking::Appointment;
use wasm_bindgen::JsValue;

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::choice::{Choice, Who};
use crate::phase::{Busy, Phase, Why};

/// Shows the appointment that the page's address leads to. The loader has read its id and token from behind `#`, and
/// removed them from there.
pub fn open(booking: &Booking) {
    let Some(place) = booking.place() else { return };
    let capability = place.host.option("capability").as_string().unwrap_or_default();
    if let Some((id, token)) = capability.split_once('.') {
        let question = Question { token: token.to_owned(), ..about(id) };
        change(booking, question, Why::Opened, "");
    }
}

/// What a button of an appointment does.
pub fn act(booking: &Booking, act: &str) {
    let Some(appointment) = booking.flow.look(|flow| flow.appointment().cloned()) else { return };
    match act {
        "move" => move_it(booking, appointment),
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

/// Moves the appointment to a slot.
pub(crate) fn move_to(booking: &Booking, body: JsValue) {
    let Some(appointment) = booking.flow.look(|flow| flow.appointment().cloned()) else { return };
    change(booking, Question { method: "PATCH", body, ..of(&appointment) }, Why::Moved, "");
}

/// Asks something that answers with an appointment, and shows it. `event` is heard once it succeeded.
fn change(booking: &Booking, question: Question, why: Why, event: &'static str) {
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
    let own = place.host.call("own", &[appointment.start.as_str().into()]).as_string().unwrap_or_default();
    booking.change(|flow| {
        flow.own = own;
        flow.booked(appointment, why);
    });
}
