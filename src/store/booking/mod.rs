//! Booking: who is taken when. A slot is held, booked, moved and let go, and never has two owners.
//!
//! # Layout
//!
//! - [`hold`] keeps a slot, [`release`] gives it back
//! - [`book`] makes an appointment; [`relocate`] moves it, [`cancel`] ends it, [`mark`] says what became of it
//! - [`appointment`] as it is stored; [`occupations`] what is taken, for computing what is free
//! - [`events`] what connections hear of it; [`reminders`] of what is to come
//! - [`exceptions`] what staff changes in the schedules
//! - `forget` what erasure undoes; `restore` what a purge by a wrong clock undid
//! - [`waiting`] the people who wait for a slot, [`offer`] passes on to them what has become free
//! - [`list`] appointments and people who wait, for staff; [`patients`] who may not book for a while
//! - `resources`, `patients` the locks; `buckets` the key that decides; `limits` how much is allowed; `slot` its columns
//!
//! # Locks
//!
//! In this order, so that nobody waits in a circle: the idempotency key; the appointment or hold that is changed; its
//! patient; its resources, by key; who waits. Once the resources are locked nobody else changes what is taken of them,
//! so choosing a seat is a plain read, and the buckets' primary key is the guarantee behind it.

pub mod appointment;
pub mod book;
mod buckets;
pub mod cancel;
pub mod events;
pub mod exceptions;
pub(super) mod forget;
pub mod hold;
mod limits;
pub mod list;
pub mod mark;
pub mod occupations;
pub mod offer;
pub mod patients;
pub mod release;
pub mod relocate;
pub mod reminders;
mod resources;
pub(super) mod restore;
mod slot;
pub mod waiting;

use std::fmt::Display;

pub use self::appointment::{FindAppointment, StoredAppointment};
pub use self::book::{Book, Booked, NewAppointment};
pub use self::cancel::{Cancel, Cancelled};
pub use self::events::{Happened, Names, NewEvent};
pub use self::exceptions::{
    AddException, Added, AllExceptions, Exceptions, RemoveException, StoredException,
};
pub use self::hold::{FindHold, Held, Hold, StoredHold};
pub use self::list::{
    ListAppointments, ListWaiting, ListedAppointment, ListedWaiting, SeeAppointment, Sought,
};
pub use self::mark::{Mark, Marked};
pub use self::occupations::{Occupation, Occupations, Occupied};
pub use self::offer::{NewOffer, Offer, Offered, SweepHolds};
pub use self::patients::{FindBlock, LiftBlock};
pub use self::release::Release;
pub use self::relocate::{Move, Moved};
pub use self::reminders::{DueReminders, Remind};
pub use self::waiting::{FindWaiting, Leave, NewWaiting, StoredWaiting, Wait, Waited};
use crate::store::{Row, StoreError, Tx};

/// Which of a person's limits is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Open appointments of the service.
    Open,
    /// Open appointments on that day.
    Day,
    /// Open appointments on that day in the department.
    Department,
    /// Open appointments on that day with the practitioner.
    Practitioner,
}

/// How long a bucket is: a time divided by it, rounded down, is the bucket's number.
pub(super) const BUCKET_MS: i64 = 300_000;

/// The words of [`Status::is_open`](crm_protocol::booking::Status::is_open).
const OPEN: &str = "('requested', 'booked')";

/// Reads a row of a site by its id.
async fn find(
    tx: &mut Tx,
    (table, columns): (&str, &str),
    site: &str,
    id: impl Display,
) -> Result<Option<Row>, StoreError> {
    let sql = format!("select {columns} from {table} where site = $1 and id = $2");
    tx.query_one(&sql, &[site.into(), id.to_string().into()]).await
}

/// `$first, …`: so many parameters.
fn numbered(first: usize, count: usize) -> String {
    (first..first + count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}
