//! What every element needs of its page. The only place with unchecked casts.
//!
//! # Layout
//!
//! - [`control`] controls of a form: reading and writing what the visitor typed
//! - [`host`] one element in a page: its options, its events, its focus
//! - [`json`] JSON through the browser's own parser
//! - [`shared`] state that views follow
//! - [`tag`] HTML elements as Leptos views of one type
//! - [`time`] now, today, and waiting
//! - [`page`] the page around: address, language, storage
//!
//! `js/` holds the loader, the only JavaScript class.

// A panic in WebAssembly kills the element silently.
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

pub mod control;
pub mod host;
pub mod json;
pub mod page;
pub mod shared;
pub mod tag;
pub mod time;
