//! Booking: which slots there are, which of them are free, and the rules for taking one. Nothing here asks a database, a
//! clock or the network: what is taken and the time are given.
//!
//! # Layout
//!
//! - [`calendar`] a site's definitions compiled: who works when; [`shift`] one set of working hours, or of closed ones
//! - [`availability`] which slots are free; [`candidate`] a way to do one, [`candidates`] every way; [`alternatives`] the nearest to one
//! - [`occupied`] what is taken; [`closed`] whether a closure meets it
//! - [`rules`] from when and until when a slot may be booked, moved and cancelled
//! - [`offer`] the definitions in one language; [`words`] what an appointment is called; [`ics`] one as a file for calendars
//! - `starts` at which instants a service may start, `needs` which resources are free for it then
//! - [`wall`] which instants show which times of a day; [`runs`] stretches of working time
//! - [`days`] days as numbers; [`clock`] times of day as texts
//!
//! Times of day are a place's. Working hours are the instants at which its clock shows them, so a time that is skipped in
//! spring is nobody's, and one that comes twice in autumn is worked twice.

pub mod alternatives;
pub mod availability;
pub mod calendar;
pub mod candidate;
pub mod candidates;
pub mod clock;
pub mod closed;
pub mod days;
pub mod ics;
mod needs;
pub mod occupied;
pub mod offer;
pub mod rules;
pub mod runs;
pub mod shift;
mod starts;
pub mod wall;
pub mod words;

pub use self::availability::{Availability, Window};
pub use self::calendar::Calendar;
pub use self::candidate::{Candidate, Taking};
pub use self::candidates::NotOffered;
pub use self::occupied::{Interval, Occupied};
pub use self::words::Words;
