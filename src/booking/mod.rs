//! Booking: which slots there are, which of them are free, and the rules for taking one.
//!
//! # Layout
//!
//! - [`candidate`] one way to do a slot
//! - [`clock`] times of day as texts

pub mod candidate;
pub mod clock;

pub use self::candidate::{Candidate, Taking};
