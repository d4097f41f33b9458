//! `<crm-booking>`.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use crm_booking::booking::{Booking, FirstView};
use crm_booking::state::{Around, Flow};
use crm_booking::view;
use crm_element::host::Host;
use crm_element::json;
use crm_element::tag::TagsState;
use leptos::mount::{UnmountHandle, mount_to};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// Takes over the base of a `<crm-booking>`: adopts the first view that is in it. `undefined` where `first` is not one.
#[wasm_bindgen]
pub fn take_over_booking(base: HtmlElement, first: JsValue, options: JsValue) -> Option<BookingHandle> {
    let FirstView { offer, choice } = json::from_js(first)?;
    let made = Rc::new(OnceCell::new());
    let kept = Rc::clone(&made);
    let mounted = mount_to(base.clone(), move || {
        let booking = Booking::new(Flow::new(Arc::new(offer), choice, Around::default()));
        let shown = view::view(&booking);
        _ = kept.set(booking);
        shown
    });
    let booking = made.get()?.clone();
    booking.live(Host::new(base, options));
    Some(BookingHandle { booking, _mounted: mounted })
}

/// One element in the page, as the loader holds it.
#[wasm_bindgen]
pub struct BookingHandle {
    booking: Booking,
    _mounted: UnmountHandle<TagsState>,
}

#[wasm_bindgen]
impl BookingHandle {
    /// As if the submit button was pressed.
    pub fn submit(&self) {
        self.booking.submit();
    }

    /// Back to the first question.
    pub fn reset(&self) {
        self.booking.reset();
    }

    /// Sets answers by field name.
    pub fn set_fields(&self, fields: JsValue) {
        self.booking.set_fields(fields);
    }

    /// The answers so far, by field name.
    pub fn get_data(&self) -> JsValue {
        self.booking.data()
    }

    /// Goes to the step of an address in the page's history; tells whether it went.
    pub fn visit(&self, address: &str) -> bool {
        self.booking.visit(address)
    }

    /// A second went by; `seen` tells whether somebody sees the element and it can ask.
    pub fn tick(&self, seen: bool) {
        crm_booking::watch::tick(&self.booking, seen);
    }

    /// Says that something did not work.
    pub fn fail(&self) {
        self.booking.refuse(None);
    }

    /// Sends again what an earlier page could not, see [`crm_booking::resume`].
    pub fn resume(&self, entry: JsValue, held: JsValue) {
        crm_booking::resume::resume(&self.booking, &entry, held);
    }

    /// Takes the element out of the page.
    pub fn dispose(self) {}
}
