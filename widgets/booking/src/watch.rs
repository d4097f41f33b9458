//! What goes on by itself: free slots as others take them, what a waitlist offers, and the clock of the slot that is kept.

use crm_client::place::Place;
use crm_element::page::{global, is_online};
use crm_element::{json, time};
use crm_protocol::booking::Slots;

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
            if booking.flow.look(Flow::is_waiting) && due(TURN) {
                idle = 0;
                crate::manage::look_again(&booking);
            } else if booking.flow.look(chooses) && due(booking.pause.get()) && !booking.is_looking() {
                idle = 0;
                refresh(&booking);
            }
        }
    });
}

/// Whether somebody sees the element and it can ask: in a page that is shown, in its window.
fn is_seen(booking: &Booking) -> bool {
    let Some(place) = booking.place() else { return false };
    let shown = json::get_text(&global("document"), "visibilityState") == "visible";
    let edges = json::call(place.host.base(), "getBoundingClientRect", &[]);
    let number = |edge: &str| json::get(&edges, edge).as_f64().unwrap_or_default();
    let height = global("innerHeight").as_f64().unwrap_or_default();
    shown && is_online() && number("top") < height && number("bottom") > 0.0
}

/// Whether free slots are shown.
fn chooses(flow: &Flow) -> bool {
    matches!(flow.phase, Phase::Choosing | Phase::Moving(_))
}

/// Lets the clock of the kept slot go on.
fn tick(booking: &Booking) {
    let Some(hold) = booking.flow.look(|flow| flow.hold.clone()) else { return };
    let mut over = false;
    booking.change(|flow| over = flow.tick(time::now()));
    if over {
        booking.error("hold-over");
        // By the gateway's clock it may still be kept.
        crate::take::release(booking, &hold.held);
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
    ask(booking, question, move |booking, place, answer| {
        // A later look may have been answered first, and the visitor may look at another service by now.
        if booking.looked.get() < look {
            booking.looked.set(look);
            if booking.service().0 == service {
                show(booking, place, answer);
            }
        }
    });
}

/// Now on the visitor's own clock, where that differs from that of the slots.
fn own(place: &Place, slots: &Slots) -> String {
    let range = slots.rows.iter().find_map(|row| row.ranges.first());
    let offset = range.map_or(slots.offset, |range| range.offset);
    place.host.call("own", &["".into(), offset.into()]).as_string().unwrap_or_default()
}

fn show(booking: &Booking, place: &Place, answer: Answer) {
    let pause = if answer.is_ok() { PAUSE } else { LONGEST.min(booking.pause.get() * 2) };
    booking.pause.set(pause);
    match answer {
        Ok(text) => {
            // What is shown already is neither read, which takes a phone its time, nor built anew.
            let known = booking.seen.replace(text.clone()) == text;
            if !known || booking.flow.look(|flow| flow.slots.is_none() || flow.trouble.is_some()) {
                let slots =
                    text.as_string().and_then(|text| json::parse(&text)).and_then(json::from_js::<Slots>);
                let own = slots.as_ref().map(|slots| own(place, slots)).unwrap_or_default();
                booking.change(|flow| match slots {
                    Some(slots) => {
                        if flow.appointment().is_none() {
                            flow.own = own;
                        }
                        flow.show(slots);
                    }
                    None => _ = flow.miss(Trouble::Unreachable),
                });
            }
        }
        Err(refused) => {
            let trouble = Trouble::of(&refused.code);
            if booking.flow.look(|flow| flow.trouble != Some(trouble)) {
                booking.change(|flow| _ = flow.miss(trouble));
                booking.error(&refused.code);
            }
        }
    }
}
