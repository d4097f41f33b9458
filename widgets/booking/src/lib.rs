//! The `<crm-booking>` element.
//!
//! # Layout
//!
//! - [`choice`] what was chosen so far, as it stands in an address
//! - [`free`] the free slots by day and time
//! - [`state`] where a booking is on its way; plain and tested natively; [`phase`] what is shown of it
//! - [`booking`] one element in a page: what its links and buttons do; [`mod@form`] its form; [`keys`] the calendar's keys
//! - [`ask`] questions to the gateway; [`watch`] free slots as they change, and the kept slot's clock
//! - [`take`] keeping a slot, [`send`] booking it, [`resume`] what could not be sent, [`manage`] coming back
//! - [`mod@view`] the views
//! - [`render`] the same as HTML, for the gateway

// A panic in WebAssembly kills the element silently.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

pub mod ask;
pub mod booking;
pub mod choice;
pub mod form;
pub mod free;
pub mod keys;
pub mod manage;
pub mod phase;
pub mod resume;
pub mod send;
pub mod state;
pub mod take;
pub mod view;
pub mod watch;

use crm_protocol::check::FieldError;
use crm_protocol::draft::Draft;
use leptos::prelude::{Owner, RenderHtml};

use crate::booking::Booking;
use crate::state::Flow;

/// The HTML inside `<div part="base">`. `draft` and `errors` are of a form that is shown again. Needs `leptos/ssr`.
pub fn render(flow: Flow, draft: &Draft, errors: &[FieldError]) -> String {
    let owner = Owner::new();
    owner.with(|| {
        let booking = Booking::new(flow);
        if let Some(form) = booking.form() {
            form.change(|form| {
                form.fill(draft);
                if !errors.is_empty() {
                    form.refuse(errors.to_vec());
                }
            });
        }
        view::view(&booking).to_html()
    })
}
