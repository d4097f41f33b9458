//! What goes on by itself: free slots as others take them, and the clock of the slot that is kept.

use crm_element::page::global;
use crm_element::{json, time};

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::phase::{Phase, Trouble};
use crate::state::Flow;

/// Seconds between two looks at the free slots.
const PAUSE: u32 = 10;

/// Looks at the free slots now, and again and again while the page is seen; and counts down what is kept.
pub fn watch(booking: &Booking) {
    refresh(booking);
    let booking = booking.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let mut seconds = 0;
        while !booking.flow.is_gone() {
            time::sleep(1_000).await;
            tick(&booking);
            seconds += 1;
            if seconds % PAUSE == 0 && booking.flow.look(chooses) && is_seen() {
                refresh(&booking);
            }
        }
    });
}

fn is_seen() -> bool {
    json::get_text(&global("document"), "visibilityState") == "visible"
}

/// Whether free slots are shown.
fn chooses(flow: &Flow) -> bool {
    matches!(flow.phase, Phase::Choosing | Phase::Moving(_))
}

/// Lets the clock of the kept slot go on.
fn tick(booking: &Booking) {
    let kept = booking.flow.look(|flow| flow.hold.is_some());
    if kept && booking.flow.change(|flow| flow.tick(time::now())) {
        booking.error("hold-over");
        refresh(booking);
    }
}

/// Asks for the free slots: all of the service's in one answer. The browser keeps the last one and asks only whether it
/// still holds.
pub fn refresh(booking: &Booking) {
    let (service, _) = booking.service();
    if service.is_empty() {
        return;
    }
    let path = ["slots?service=", &service].concat();
    let question = Question { path, plain: true, ..Question::default() };
    ask(booking, question, move |booking, _, answer| {
        // The visitor may look at another service by now.
        if booking.service().0 == service {
            show(booking, answer);
        }
    });
}

fn show(booking: &Booking, answer: Answer) {
    match answer {
        Ok(text) => {
            // What is shown already is neither read, which takes a phone its time, nor built anew.
            let known = booking.seen.replace(text.clone()) == text;
            if !known || booking.flow.look(|flow| flow.slots.is_none() || flow.trouble.is_some()) {
                let slots = text.as_string().and_then(|text| json::parse(&text)).and_then(json::from_js);
                booking.change(|flow| match slots {
                    Some(slots) => flow.show(slots),
                    None => flow.miss(Trouble::Unreachable),
                });
            }
        }
        Err(refused) => {
            let trouble = if refused.code == "offline" { Trouble::Offline } else { Trouble::Unreachable };
            booking.change(|flow| flow.miss(trouble));
            booking.error(&refused.code);
        }
    }
}
