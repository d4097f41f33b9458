//! Booking: which slots there are, which of them are free, and the rules for taking one.
//!
//! # Layout
//!
//! - [`clock`] times of day as texts

pub mod clock;
