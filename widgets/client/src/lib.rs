//! Calls to the gateway, and the page's outbox.
//!
//! # Layout
//!
//! - [`place`] where an element lives
//! - [`entry`] a frozen submission, as the outbox keeps it
//! - [`body`] the body of a submission
//! - [`request`] one request and its answer
//! - [`outbox`] where entries wait; given by the loader
//! - [`send`] one POST of an entry, and what its answer means
//! - [`deliver`] sends an entry until somebody has answered for it
//! - [`challenge`] the proof of work; solved by the loader
//! - [`upload`] sends a file

// A panic in WebAssembly kills the element silently.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

pub mod body;
pub mod challenge;
pub mod deliver;
pub mod entry;
pub mod outbox;
pub mod place;
pub mod request;
pub mod send;
pub mod upload;
