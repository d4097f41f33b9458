//! Deliveries, the outbox: one submission on its way to one connection.
//!
//! # Layout
//!
//! - [`claim`] takes what is due, under a [`lease`]; [`due`] says where something is
//! - [`record`] ends a lease: delivered, to be retried, or exhausted; [`release`] ends one without an attempt
//! - [`list`] shows them with their attempts, [`count`] counts what has not arrived, [`replay`] starts one anew
//! - `shift` the statement that claiming and [`super::hasten`] share

pub mod claim;
pub mod count;
pub mod due;
pub mod lease;
pub mod list;
pub mod record;
pub mod release;
pub mod replay;
pub(super) mod shift;

pub use self::claim::{Claim, Claimed};
pub use self::count::{CountDeliveries, DeliveryCount};
pub use self::due::Due;
pub use self::lease::{Lease, Renew};
pub use self::list::{Deliveries, Delivery, Filter};
pub use self::record::{Next, Record, Recorded};
pub use self::release::Release;
pub use self::replay::{Replay, Which};

use crm_protocol::id::AttemptId;

use super::Millis;

/// What happened later to one thing is not delivered before what happened earlier has arrived there or was given up.
const IN_ORDER: &str = "(event is null or not exists (select 1 from deliveries earlier \
     where earlier.submission = deliveries.submission and earlier.connection = deliveries.connection \
     and earlier.state = 'waiting' \
     and (earlier.created_at, earlier.id) < (deliveries.created_at, deliveries.id)))";

/// One attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// When it started.
    pub started_at: Millis,
    /// How long it took.
    pub duration_ms: i64,
    /// HTTP status, if an answer came.
    pub status: Option<u16>,
    /// In a word what came of it, e.g. `delivered`, `refused`, `timeout`.
    pub outcome: String,
    /// Beginning of the answer's body.
    pub body: Option<String>,
    /// What went wrong, for staff.
    pub error: Option<String>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be delivered, or being delivered.
    Waiting,
    /// It arrived.
    Delivered,
    /// Given up; may be replayed.
    Exhausted,
}

impl State {
    /// The word in the database and in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Exhausted => "exhausted",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Waiting, Self::Delivered, Self::Exhausted]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(())
    }
}
