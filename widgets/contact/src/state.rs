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
    Waiting(Key, Hurdle),
    /// Refused for good though the answers are right; the visitor may try again.
    Failed,
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
    Rejected,
    /// Not taken, and no answer would change that.
    Refused,
    /// Nobody answered, or not now.
    Later(Hurdle),
}

/// Why a submission has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hurdle {
    /// The visitor's device is offline.
    Offline,
    /// The receiver does not answer, or not now.
    Unreachable,
}

impl Phase {
    /// The visitor wants to send. True only once per submission: a second click changes nothing.
    pub fn submit(&mut self, key: &str) -> bool {
        let open = self.is_open();
        if open {
            *self = Self::Checking(key.to_owned());
        }
        open
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
                Answer::Rejected => Self::Editing,
                Answer::Refused => Self::Failed,
                Answer::Later(hurdle) => Self::Waiting(key.to_owned(), hurdle),
            };
        }
        ours
    }

    /// Whether the visitor can edit and send the form.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Editing | Self::Failed)
    }

    /// The key of the submission that is under way.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Checking(key) | Self::Sending(key) | Self::Waiting(key, _) => Some(key),
            Self::Editing | Self::Failed | Self::Sent(_) => None,
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

    /// Whether the submission is being prepared or sent right now.
    pub fn is_moving(&self) -> bool {
        matches!(self, Self::Checking(_) | Self::Sending(_))
    }

    /// The phase as one word, for style sheets and for the host's tests.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Editing => "",
            Self::Failed => "failed",
            Self::Checking(_) | Self::Sending(_) => "sending",
            Self::Waiting(..) => "waiting",
            Self::Sent(_) => "sent",
        }
    }

    /// Key of the sentence that says where the submission is.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Editing | Self::Sent(_) => "",
            Self::Failed => "status.refused",
            Self::Checking(_) | Self::Sending(_) => "status.sending",
            Self::Waiting(_, Hurdle::Offline) => "status.offline",
            Self::Waiting(_, Hurdle::Unreachable) => "status.waiting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sending(key: &str) -> Phase {
        let mut phase = Phase::default();
        assert!(phase.submit(key));
        phase.send(key);
        phase
    }

    #[test]
    fn a_double_click_is_one_submission() {
        let mut phase = Phase::default();
        assert!(phase.submit("first"));
        assert!(!phase.submit("second"));
        assert_eq!(phase.key(), Some("first"));
    }

    #[test]
    fn an_answer_to_another_submission_changes_nothing() {
        let mut phase = sending("mine");
        assert!(!phase.answer("other", Answer::Accepted("CODE".to_owned())));
        assert_eq!(phase, Phase::Sending("mine".to_owned()));
    }

    #[test]
    fn a_waiting_submission_is_still_accepted() {
        let mut phase = sending("mine");
        assert!(phase.answer("mine", Answer::Later(Hurdle::Offline)));
        assert!(!phase.submit("again"));
        assert!(phase.answer("mine", Answer::Accepted("CODE".to_owned())));
        assert_eq!(phase.receipt(), "CODE");
    }

    #[test]
    fn a_rejected_submission_can_be_sent_again_under_another_key() {
        let mut phase = sending("mine");
        assert!(phase.answer("mine", Answer::Rejected));
        assert!(phase.submit("next"));
        assert!(!phase.answer("mine", Answer::Accepted("LATE".to_owned())));
        assert_eq!(phase.key(), Some("next"));
    }
}
