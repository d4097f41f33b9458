//! The form engine: what every widget uses that asks something.
//!
//! # Layout
//!
//! - [`state`] what a form knows: draft, page, errors; plain and tested natively
//! - [`upload`] files on their way
//! - [`events`] what the visitor does, copied from the DOM into the state
//! - [`view`] the form as HTML, a file per family of fields

// A panic in WebAssembly kills the element silently.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

pub mod events;
pub mod state;
pub mod upload;
pub mod view;
