//! The outbox worker: claims what is due, has it delivered, records what came of it, and tries again for days.
//!
//! # Layout
//!
//! - [`worker`] sweeps the outbox and gives every connection a lane of its own
//! - `lane` one connection, never more at the same time than it allows; `attempt` one delivery: claimed, tried, recorded
//! - [`ledger`] what an attempt writes down while it works; `message` what it delivers
//! - [`schedule`] when a delivery is tried again; [`pause`] when a connection is left alone
//!
//! The database is the point of truth: a delivery that was claimed by a process which then died is due again when its
//! lease ends, a few seconds after the longest time an attempt may take.

mod attempt;
mod lane;
pub mod ledger;
mod message;
pub mod pause;
pub mod reminders;
pub mod schedule;
pub mod worker;

pub use pause::PauseRule;
pub use reminders::Reminders;
pub use schedule::Schedule;
pub use worker::Worker;

use std::time::Duration;

use jiff::Timestamp;

/// That much later than now, in Unix milliseconds.
fn in_future(pause: Duration) -> i64 {
    Timestamp::now().as_millisecond().saturating_add(millis(pause))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
