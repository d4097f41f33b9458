//! What is shown, why, and what is on its way meanwhile.

use crm_protocol::booking::Appointment;

/// What is shown.
#[derive(Clone, Debug, Default)]
pub enum Phase {
    /// The next question of the choice.
    #[default]
    Choosing,
    /// What a link leads to is on its way: `ID.TOKEN`, as it stood behind `#`.
    Opening(String),
    /// The service's form, for the slot that is kept.
    Details,
    /// The service's form, for a place on the waitlist.
    Joining,
    /// An appointment, and how it came to be shown.
    Shown(Appointment, Why),
    /// Another time is chosen for it.
    Moving(Appointment),
    /// Whether it shall be cancelled is asked.
    Cancelling(Appointment),
    /// A place on the waitlist.
    Waiting,
}

/// Why an appointment is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Why {
    /// It was booked right now.
    #[default]
    Booked,
    /// Its owner came back to it.
    Opened,
    /// It was moved right now.
    Moved,
}

/// What is on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Busy {
    /// Nothing.
    #[default]
    No,
    /// A question to the gateway.
    Asking,
    /// The booking itself.
    Sending,
    /// The booking, which is kept on the device and sent again; whether the device is offline.
    Waiting {
        /// The device has no network.
        offline: bool,
    },
}

/// Why free slots cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The device has no network.
    Offline,
    /// The gateway does not answer.
    Unreachable,
}

impl Trouble {
    /// What a problem's code says of it.
    pub fn of(code: &str) -> Self {
        if code == "offline" { Self::Offline } else { Self::Unreachable }
    }
}
