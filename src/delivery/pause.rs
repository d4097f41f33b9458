//! When a connection is left alone, with all that waits for it: a destination that keeps failing is spared, and no
//! delivery uses up its attempts against it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::schedule::LONGEST;
use super::{in_future, millis};
use crate::connector::{Class, Outcome, Report};
use crate::store::Millis;
use crate::store::pauses::Cause;

/// When a failing connection pauses, and for how long: data, not code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseRule {
    /// That many failed attempts in a row …
    pub failures: u32,
    /// … over at least that time pause it.
    pub over: Duration,
    /// How long before the first probe, the second and so on; the last is repeated.
    pub pauses: Vec<Duration>,
}

impl Default for PauseRule {
    /// Never more than two minutes: a destination that is back has a backlog to take.
    fn default() -> Self {
        let pauses = [30, 60, 120].map(Duration::from_secs).to_vec();
        Self { failures: 20, over: Duration::from_secs(30), pauses }
    }
}

impl PauseRule {
    /// The demo's: short, so that a newcomer sees it happen.
    pub fn demo() -> Self {
        let pauses = [10, 20, 30].map(Duration::from_secs).to_vec();
        Self { failures: 8, over: Duration::from_secs(20), pauses }
    }

    /// The pause after that many probes.
    fn pause(&self, probes: u32) -> Duration {
        let at = usize::try_from(probes).unwrap_or(usize::MAX);
        self.pauses.get(at).or(self.pauses.last()).copied().unwrap_or_default()
    }
}

/// What is to be done about a connection after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It pauses, for this reason in words.
    Pause(Cause, String),
    /// Its pause for failing is over.
    Resume,
}

/// The failed attempts of a connection since its last success, as this gateway has seen them.
#[derive(Debug, Default)]
pub(super) struct Streak(Mutex<Failures>);

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    since: Option<Millis>,
}

impl Streak {
    /// What follows from an attempt that has just ended; `probe` is its number if it was one.
    pub(super) fn change(&self, rule: &PauseRule, report: &Report, probe: Option<u32>) -> Option<Change> {
        // Nothing was tried: the next one is the probe.
        let another = |after| {
            let cause = Cause::Failing { until: in_future(after), probe: probe? };
            Some(Change::Pause(cause, reason(report)))
        };
        let asked = match report.outcome {
            Outcome::Delivered { .. } | Outcome::Taken if report.status.is_none() => {
                return another(Duration::ZERO);
            }
            Outcome::Delivered { .. } | Outcome::Taken => {
                *self.failures() = Failures::default();
                return probe.map(|_| Change::Resume);
            }
            Outcome::Later { after } => return another(after),
            Outcome::Retry { class, after } => asked(class, after),
            Outcome::Permanent(_) => None,
        };
        let failing = |probe| {
            let pause = rule.pause(probe).max(asked.unwrap_or_default());
            Cause::Failing { until: in_future(pause), probe }
        };
        if let Some(probe) = probe {
            return Some(Change::Pause(failing(probe), reason(report)));
        }
        if let Some(since) = self.failed(rule) {
            let reason = format!("{}, failing since {since:.0}", reason(report));
            return Some(Change::Pause(failing(0), reason));
        }
        asked.map(|after| Change::Pause(Cause::Asked { until: in_future(after) }, reason(report)))
    }

    /// Counts a failure. Since when there were only failures, if these are enough to pause the connection.
    fn failed(&self, rule: &PauseRule) -> Option<Timestamp> {
        let now = Timestamp::now().as_millisecond();
        let mut failures = self.failures();
        let since = *failures.since.get_or_insert(now);
        failures.count = failures.count.saturating_add(1);
        if failures.count < rule.failures || now.saturating_sub(since) < millis(rule.over) {
            return None;
        }
        *failures = Failures::default();
        Timestamp::from_millisecond(since).ok()
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, Failures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shortest pause: a destination may ask for none at all.
const SHORTEST: Duration = Duration::from_secs(1);

/// For how long the destination asks everyone to wait, up to a day.
pub(super) fn asked(class: Class, after: Option<Duration>) -> Option<Duration> {
    match class {
        Class::Rate | Class::Quota => Some(after?.clamp(SHORTEST, LONGEST)),
        _ => None,
    }
}

/// The class, and the status if there was an answer: nothing of what the answer says.
fn reason(report: &Report) -> String {
    match report.status {
        Some(status) => format!("{} (status {status})", report.outcome),
        None => report.outcome.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: Outcome, status: Option<u16>) -> Report {
        Report { outcome, status, body: String::new(), error: None }
    }

    fn failed() -> Report {
        report(Outcome::Retry { class: Class::Server, after: None }, Some(503))
    }

    fn rule(over_ms: u64) -> PauseRule {
        let pauses = [30, 60].map(Duration::from_secs).to_vec();
        PauseRule { failures: 3, over: Duration::from_millis(over_ms), pauses }
    }

    /// In how many seconds the pause ends, and the number of its probe.
    fn failing(change: Option<Change>) -> (i64, u32) {
        let Some(Change::Pause(Cause::Failing { until, probe }, _)) = change else { panic!("{change:?}") };
        ((until - Timestamp::now().as_millisecond() + 500) / 1_000, probe)
    }

    #[test]
    fn a_destination_that_is_back_is_noticed_within_two_minutes() {
        let rule = PauseRule::default();
        let pauses: Vec<_> = (0..5).map(|probes| rule.pause(probes).as_secs()).collect();
        assert_eq!(pauses, [30, 60, 120, 120, 120]);
        assert_eq!((rule.failures, rule.over.as_secs()), (20, 30));
    }

    #[test]
    fn failures_in_a_row_pause_a_connection() {
        let streak = Streak::default();
        let delivered = report(Outcome::Delivered { duplicate: false }, Some(200));
        let refused = report(Outcome::Permanent(Class::Auth), Some(401));
        for report in [&failed(), &refused, &delivered, &failed(), &refused] {
            assert_eq!(streak.change(&rule(0), report, None), None);
        }
        let Some(Change::Pause(_, reason)) = streak.change(&rule(0), &failed(), None) else { panic!() };
        assert!(reason.starts_with("server (status 503), failing since 20"), "{reason}");
        assert_eq!(streak.change(&rule(0), &failed(), None), None, "counted anew");
    }

    #[test]
    fn a_burst_of_failures_is_no_reason_yet() {
        let streak = Streak::default();
        for _ in 0..10 {
            assert_eq!(streak.change(&rule(50), &failed(), None), None);
        }
        std::thread::sleep(Duration::from_millis(60));
        assert_eq!(failing(streak.change(&rule(50), &failed(), None)), (30, 0));
    }

    #[test]
    fn a_probe_decides() {
        let streak = Streak::default();
        let delivered = report(Outcome::Delivered { duplicate: true }, Some(409));
        let later = report(Outcome::Later { after: Duration::from_secs(1) }, None);
        assert_eq!(failing(streak.change(&rule(0), &failed(), Some(1))), (60, 1));
        assert_eq!(failing(streak.change(&rule(0), &failed(), Some(9))), (60, 9));
        assert_eq!(failing(streak.change(&rule(0), &later, Some(2))), (1, 2), "nothing was tried");
        assert_eq!(streak.change(&rule(0), &later, None), None);
        let unsent = report(Outcome::Delivered { duplicate: false }, None);
        assert_eq!(failing(streak.change(&rule(0), &unsent, Some(2))), (0, 2), "nothing was sent");
        assert_eq!(streak.change(&rule(0), &unsent, None), None);
        assert_eq!(failing(streak.change(&rule(0), &report(Outcome::Taken, None), Some(2))), (0, 2));
        assert_eq!(streak.change(&rule(0), &delivered, Some(3)), Some(Change::Resume));
    }

    #[test]
    fn a_destination_that_always_asks_is_failing() {
        let streak = Streak::default();
        let asks = |seconds| {
            let after = Some(Duration::from_secs(seconds));
            report(Outcome::Retry { class: Class::Rate, after }, Some(429))
        };
        for _ in 0..2 {
            let change = streak.change(&rule(0), &asks(0), None);
            assert!(matches!(change, Some(Change::Pause(Cause::Asked { .. }, _))), "{change:?}");
        }
        assert_eq!(failing(streak.change(&rule(0), &asks(0), None)), (30, 0));
        assert_eq!(failing(streak.change(&rule(0), &asks(0), Some(1))), (60, 1));
        assert_eq!(failing(streak.change(&rule(0), &asks(600), Some(2))), (600, 2));
    }

    #[test]
    fn a_destination_may_ask_for_a_day_at_most() {
        let streak = Streak::default();
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3_600));
        let cases =
            [(Class::Rate, hours(2), 7_200), (Class::Quota, hours(99), 86_400), (Class::Rate, hours(0), 1)];
        for (class, after, seconds) in cases {
            let streak = Streak::default();
            let report = report(Outcome::Retry { class, after }, Some(429));
            let change = streak.change(&rule(0), &report, None);
            let Some(Change::Pause(Cause::Asked { until }, _)) = change else { panic!("{change:?}") };
            assert_eq!((until - Timestamp::now().as_millisecond() + 500) / 1_000, seconds);
        }
        let server = report(Outcome::Retry { class: Class::Server, after: hours(1) }, Some(503));
        assert_eq!(streak.change(&rule(0), &server, None), None, "that is about one delivery");
    }
}
