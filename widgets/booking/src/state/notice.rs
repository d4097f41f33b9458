//! What has to be said above everything else.

use crm_protocol::booking::Alternative;

use super::{FEW, Flow};
use crate::free::Time;
use crate::phase::{Busy, Phase};

/// A sentence, with slots to take instead.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Key of the sentence.
    pub key: &'static str,
    /// The slots.
    pub times: Vec<Time>,
}

impl Flow {
    /// Says something above everything else, or no longer.
    pub fn say(&mut self, notice: Option<Notice>) {
        if self.notice.is_some() || notice.is_some() {
            self.notice = notice;
            self.notices += 1;
        }
        self.touch();
    }

    /// Counts the notices.
    pub fn notices(&self) -> u32 {
        self.notices
    }

    /// What was asked for was refused. `alternatives` are the gateway's.
    pub fn refuse(&mut self, code: &str, alternatives: &[Alternative]) {
        (self.busy, self.wanted) = (Busy::No, None);
        let times = alternatives
            .iter()
            .filter_map(|one| self.near(&one.start, &one.practitioner))
            .take(FEW)
            .collect();
        let gone = matches!(code, "slot-taken" | "not-offered" | "hold-over");
        if matches!(self.phase, Phase::Opening(_)) || (gone && matches!(self.phase, Phase::Details)) {
            self.forget();
            self.phase = Phase::Choosing;
        }
        self.say(Some(Notice { key: sentence(code), times }));
    }
}

/// Key of the sentence for a problem's code.
fn sentence(code: &str) -> &'static str {
    match code {
        "slot-taken" => "booking.taken",
        "not-offered" => "booking.not-offered",
        "hold-over" => "booking.hold-over",
        "limit-reached" => "booking.limit",
        "blocked" => "booking.blocked",
        "too-late" => "booking.too-late",
        "not-found" => "booking.not-found",
        "unreachable" | "offline" => "booking.unreachable",
        "too-many-requests" => "booking.many",
        _ => "booking.failed",
    }
}
