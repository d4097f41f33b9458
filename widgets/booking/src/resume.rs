//! What an earlier page of this visitor could not send: shown as it was, sent again, or given up.

use crm_client::entry::Entry;
use crm_element::json;
use crm_protocol::booking::Held;
use wasm_bindgen::JsValue;

use crate::booking::Booking;
use crate::choice::Choice;
use crate::state::Flow;

/// Sends an entry of the outbox again. Its `address` says what it was sent for, `held` is its slot, where it is of one.
pub fn resume(booking: &Booking, entry: &JsValue, held: JsValue) {
    let Some(place) = booking.place() else { return };
    let choice = Choice::of_address(&json::get_text(entry, "address"));
    booking.change(|flow| flow.resume(choice, json::from_js::<Held>(held)));
    booking.lock(true);
    wasm_bindgen_futures::spawn_local(crate::send::run(booking.clone(), place, Entry::from_js(entry)));
}

/// Gives up what could not be sent so far. The form keeps what was typed.
pub(crate) fn discard(booking: &Booking) {
    if let Some(place) = booking.place() {
        place.host.ask("discard");
        booking.lock(false);
        booking.alter(Flow::give_up);
    }
}
