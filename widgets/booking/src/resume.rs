//! What an earlier page of this visitor could not send: shown as it was, sent again, or given up.

use crm_client::entry::Entry;
use crm_client::place::Place;
use crm_element::json;
use crm_protocol::booking::Held;
use wasm_bindgen::JsValue;

use crate::booking::Booking;
use crate::choice::{Choice, Who};
use crate::send::{APPOINTMENTS, WAITLIST, run};

/// Sends it again, where there is something.
pub fn resume(booking: &Booking) {
    let booking = booking.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let Some(place) = booking.place() else { return };
        if let Some(entry) = kept(&booking, &place).await {
            show(&booking, &entry);
            run(booking, place, entry).await;
        }
    });
}

/// Gives up what could not be sent so far. The form keeps what was typed.
pub(crate) fn discard(booking: &Booking) {
    let booking = booking.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let Some(place) = booking.place() else { return };
        if let Some(entry) = kept(&booking, &place).await {
            place.outbox.remove(&entry.key).await;
            booking.lock(&entry.form, false);
            booking.change(|flow| flow.busy(crate::phase::Busy::No));
        }
    });
}

async fn kept(booking: &Booking, place: &Place) -> Option<Entry> {
    let site = booking.flow.look(|flow| flow.offer.site.clone());
    let ours =
        |url: &str| [APPOINTMENTS, WAITLIST].iter().any(|end| url.ends_with(["/", end].concat().as_str()));
    place.outbox.all().await.into_iter().find(|entry| entry.site == site && ours(&entry.url))
}

/// The form with its answers, and what it was sent for.
fn show(booking: &Booking, entry: &Entry) {
    let body = json::parse(&entry.body).unwrap_or_default();
    let text = |name: &str| Some(json::get_text(&body, name)).filter(|text| !text.is_empty());
    let choice =
        Choice { service: text("service"), who: text("practitioner").map(Who::One), ..Choice::default() };
    json::set(&body, "id", &json::get(&body, "hold"));
    json::set(&body, "token", &JsValue::from_str(&entry.token));
    let answers = json::from_js(json::get(&body, "answers")).unwrap_or_default();
    if let Some((_, form)) = booking.forms.iter().find(|(id, _)| *id == entry.form) {
        form.change(|form| form.fill(&answers));
    }
    booking.change(|flow| flow.resume(choice, json::from_js::<Held>(body)));
    booking.lock(&entry.form, true);
}
