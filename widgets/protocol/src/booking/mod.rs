//! Booking: what can be booked, which slots are free, and what becomes of one: slot → hold → appointment.
//!
//! # Layout
//!
//! - [`offer`] departments, services, practitioners and places of a site, as a page shows them
//! - [`slots`] the free slots of a window in one compact answer
//! - [`hold`] a slot that is kept for some minutes
//! - [`appointment`] a booked one: the requests and what the visitor sees of it
//! - [`waiting`] a place on a waitlist
//! - `read` all of them from JSON that the browser has parsed
//!
//! Instants are RFC 3339 texts in UTC, to the second (`2026-11-24T01:00:00Z`). Days and clock times are the site's.
//! Tokens travel in `Authorization: Bearer`, never in an address.

pub mod appointment;
pub mod hold;
pub mod offer;
mod read;
pub mod slots;
pub mod waiting;

pub use self::appointment::{Appointment, BookRequest, MoveRequest, Status};
pub use self::hold::{Alternative, Held, HoldRequest};
pub use self::offer::{Department, Offer, Place, Practitioner, Service};
pub use self::slots::{Range, Row, Slot, Slots};
pub use self::waiting::{Turn, WaitRequest, Waiting};
