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

/// A second went by: counts down what is kept, and looks again at what is shown, while it is seen.
pub fn tick(booking: &Booking, seen: bool) {
    count_down(booking);
    let idle = booking.idle.get() + 1;
    // What was not seen for a while is old.
    let back = !booking.seen_last.replace(seen) && seen;
    let due = |pause| back || (seen && idle >= pause);
    booking.idle.set(idle);
    if booking.flow.is(Flow::is_waiting) && due(TURN) {
        booking.idle.set(0);
        crate::manage::look_again(booking);
    } else if booking.flow.is(chooses) && due(booking.pause.get()) && !booking.is_looking() {
        booking.idle.set(0);
        refresh(booking);
    }
}

/// Whether free slots are shown.
fn chooses(flow: &Flow) -> bool {
    matches!(flow.phase, Phase::Choosing | Phase::Moving(_))
}

/// Lets the clock of the kept slot go on.
fn count_down(booking: &Booking) {
    let Some(held) = booking.flow.look(Flow::held) else { return };
    booking.alter(|flow| _ = flow.tick(time::now()));
    if booking.flow.is(|flow| flow.hold.is_none()) {
        booking.error("hold-over");
        // By the gateway's clock it may still be kept.
        crate::take::release(booking, held);
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
            if !known || booking.flow.is(|flow| flow.slots.is_none() || flow.trouble.is_some()) {
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
