//! What goes on by itself: free slots as others take them, what a waitlist offers, and the clock of the slot that is kept.

use crm_element::{json, time};

use crate::ask::{Answer, Question, ask};
use crate::booking::Booking;
use crate::phase::{Phase, Trouble};
use crate::state::Flow;

/// Seconds between two looks at the free slots, and the most there are after looks that nobody answered.
pub(crate) const PAUSE: u32 = 10;
const LONGEST: u32 = 160;

/// Seconds between two looks at the waitlist.
const TURN: u32 = 15;

/// Looks at the free slots now, and again and again while they are seen; and counts down what is kept.
pub fn watch(booking: &Booking) {
    refresh(booking);
    let booking = booking.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let (mut idle, mut seen) = (0, true);
        while !booking.flow.is_gone() {
            time::sleep(1_000).await;
            tick(&booking);
            idle += 1;
            // What was not seen for a while is old.
            let back = !std::mem::replace(&mut seen, is_seen(&booking)) && seen;
            let due = |pause| back || (seen && idle >= pause);
            if booking.flow.is(Flow::is_waiting) && due(TURN) {
                idle = 0;
                crate::manage::look_again(&booking);
            } else if booking.flow.is(chooses) && due(booking.pause.get()) && !booking.is_looking() {
                idle = 0;
                refresh(&booking);
            }
        }
    });
}

/// Whether somebody sees the element and it can ask.
fn is_seen(booking: &Booking) -> bool {
    booking.place().is_some_and(|place| place.host.ask("seen").is_truthy())
}

/// Whether free slots are shown.
fn chooses(flow: &Flow) -> bool {
    matches!(flow.phase, Phase::Choosing | Phase::Moving(_))
}

/// Lets the clock of the kept slot go on.
fn tick(booking: &Booking) {
    let Some(held) = booking.flow.look(|flow| flow.hold.as_ref().map(|hold| hold.held.clone())) else {
        return;
    };
    booking.alter(|flow| _ = flow.tick(time::now()));
    if booking.flow.is(|flow| flow.hold.is_none()) {
        booking.error("hold-over");
        // By the gateway's clock it may still be kept.
        crate::take::release(booking, &held);
    }
}

/// Asks for the free slots: all of the service's in one answer. The browser keeps the last one and asks only whether it
/// still holds.
pub fn refresh(booking: &Booking) {
    let (service, _) = booking.service();
    if service.is_empty() {
        return;
    }
    let look = booking.looks.get() + 1;
    booking.looks.set(look);
    let path = ["slots?service=", &service].concat();
    let question = Question { path, plain: true, ..Question::default() };
    ask(booking, question, move |booking, _, answer| {
        // A later look may have been answered first, and the visitor may look at another service by now.
        if booking.looked.get() < look {
            booking.looked.set(look);
            if booking.service().0 == service {
                show(booking, answer);
            }
        }
    });
}

fn show(booking: &Booking, answer: Answer) {
    let pause = if answer.is_ok() { PAUSE } else { LONGEST.min(booking.pause.get() * 2) };
    booking.pause.set(pause);
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
            let trouble = Trouble::of(&refused.code);
            if booking.flow.look(|flow| flow.trouble != Some(trouble)) {
                booking.change(|flow| flow.miss(trouble));
                booking.error(&refused.code);
            }
        }
    }
}
