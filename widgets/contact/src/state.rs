//! Where an enquiry is on its way: a small state machine without clock, network or DOM.

/// Where an enquiry is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// The visitor fills in the form.
    #[default]
    Editing,
    /// Checked and kept on the device; the proof of work is being solved.
    Checking(Key),
    /// On its way to the gateway.
    Sending(Key),
    /// Kept on the device, sent again later.
    Waiting(Key),
    /// Stored at the gateway. The receipt code is empty where the receiver gives none.
    Sent(String),
}

/// The idempotency key of one submission.
pub type Key = String;

/// What the receiver made of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Stored, with this receipt code.
    Accepted(String),
    /// Not taken: the visitor has to change something.
    Refused,
    /// Nobody answered, or not now.
    Later,
}

impl Phase {
    /// The visitor wants to send. True only once per submission: a second click changes nothing.
    pub fn submit(&mut self, key: &str) -> bool {
        let editing = *self == Self::Editing;
        if editing {
            *self = Self::Checking(key.to_owned());
        }
        editing
    }

    /// The submission of that key goes out.
    pub fn send(&mut self, key: &str) {
        if self.key() == Some(key) {
            *self = Self::Sending(key.to_owned());
        }
    }

    /// An answer to the submission of that key. Answers to anything else are too late and change nothing.
    pub fn answer(&mut self, key: &str, answer: Answer) -> bool {
        let ours = self.key() == Some(key);
        if ours {
            *self = match answer {
                Answer::Accepted(receipt) => Self::Sent(receipt),
                Answer::Refused => Self::Editing,
                Answer::Later => Self::Waiting(key.to_owned()),
            };
        }
        ours
    }

    /// Back to an empty form. A submission that is on its way stays in the outbox.
    pub fn reset(&mut self) {
        *self = Self::Editing;
    }

    /// The key of the submission that is under way.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Checking(key) | Self::Sending(key) | Self::Waiting(key) => Some(key),
            Self::Editing | Self::Sent(_) => None,
        }
    }

    /// The receipt code, once there is one.
    pub fn receipt(&self) -> &str {
        match self {
            Self::Sent(receipt) => receipt,
            _ => "",
        }
    }

    /// Whether the submission was stored.
    pub fn is_sent(&self) -> bool {
        matches!(self, Self::Sent(_))
    }

    /// Key of the sentence that says where the submission is.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Editing | Self::Sent(_) => "",
            Self::Checking(_) => "status.checking",
            Self::Sending(_) => "status.sending",
            Self::Waiting(_) => "status.waiting",
        }
    }
}
