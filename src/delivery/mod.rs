//! The outbox worker: claims what is due, has it delivered, records what came of it, and tries again for days.
//!
//! # Layout
//!
//! - [`worker`] sweeps the outbox and gives every connection a lane of its own
//! - `lane` one connection: claim, deliver, record, never more at the same time than the connection allows
//! - [`ledger`] what an attempt writes down while it works; `message` what it delivers
//! - [`schedule`] when a delivery is tried again
//!
//! The database is the point of truth: a delivery that was claimed by a process which then died is due again when its
//! lease ends, a few seconds after the longest time an attempt may take.

mod lane;
pub mod ledger;
mod message;
pub mod schedule;
pub mod worker;

pub use schedule::Schedule;
pub use worker::Worker;
