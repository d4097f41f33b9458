//! The `<crm-contact>` element.
//!
//! # Layout
//!
//! - [`state`] where an enquiry is on its way; plain and tested natively
//! - [`contact`] one element in a page: what its buttons do
//! - [`submit`] a submission's way out of the page
//! - [`draft`] what is kept on the device while the visitor types
//! - [`files`] files, sent as soon as they are chosen
//! - [`mod@view`] title, form, status, thanks
//! - [`render`] the first view, for the gateway

// A panic in WebAssembly kills the element silently.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

pub mod contact;
pub mod draft;
pub mod files;
pub mod state;
pub mod submit;
pub mod view;

use crm_form::upload::UploadState;
use crm_protocol::check::FieldError;
use crm_protocol::draft::Draft;
use crm_protocol::view::FormView;
use leptos::prelude::*;

use crate::contact::Contact;
use crate::state::Phase;

/// What only the gateway knows when it renders a hosted page. Empty for the public, cacheable first view.
#[derive(Clone, Debug, Default)]
pub struct Plain {
    /// Signed proof that the gateway made this page; the form is then marked `data-plain` and posts natively.
    pub ticket: Option<String>,
    /// What was typed before, when the page is shown again.
    pub draft: Draft,
    /// What was wrong with it.
    pub errors: Vec<FieldError>,
    /// Files that were taken before and wait to be sent with the rest, as (field, id, name).
    pub files: Vec<(String, String, String)>,
    /// The receipt code: shows the thank-you instead of the form.
    pub receipt: Option<String>,
}

/// The HTML inside `<div part="base">`. Needs `leptos/ssr`.
pub fn render(view: FormView, plain: &Plain) -> String {
    let owner = Owner::new();
    owner.with(|| {
        let contact = Contact::new(view);
        contact.form.change(|form| {
            form.fill(&plain.draft);
            for (field, id, name) in &plain.files {
                let number = form.uploads.add(field, name.clone());
                form.set_file(field, number, UploadState::Stored(id.clone()));
            }
            if !plain.errors.is_empty() {
                form.refuse(plain.errors.clone());
            }
        });
        if let Some(receipt) = &plain.receipt {
            contact.phase.change(|phase| *phase = Phase::Sent(receipt.clone()));
        }
        view::view(&contact, plain).to_html()
    })
}
