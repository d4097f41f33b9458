//! The WebAssembly modules: what the loader calls. Each element has a module of its own, by a feature.
//!
//! # Layout
//!
//! - `contact`, `booking` an element's way into the page, and its handle

// A panic in WebAssembly kills the element silently.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

#[cfg(feature = "booking")]
mod booking;
#[cfg(feature = "contact")]
mod contact;
