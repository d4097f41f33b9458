//! When a delivery is tried again: data, not code.

use std::time::Duration;

use super::PauseRule;

/// The pauses between attempts. When they are used up, the delivery is exhausted: kept, shown and replayable. And the
/// rule by which a whole connection pauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pauses: Vec<Duration>,
    failing: PauseRule,
}

/// The longest pause a destination may ask for with `Retry-After`.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The usual pauses in seconds: 99 hours in all, so at least 72 hours even if every one is cut by the jitter.
const USUAL: [u64; 13] =
    [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 86_400, 86_400];

/// The demo's pauses in seconds: short, so that a newcomer sees the retries happen.
const DEMO: [u64; 40] = {
    let mut pauses = [5; 40];
    pauses[0] = 2;
    pauses[1] = 3;
    pauses
};

impl Default for Schedule {
    fn default() -> Self {
        Self { pauses: USUAL.map(Duration::from_secs).to_vec(), failing: PauseRule::default() }
    }
}

impl Schedule {
    /// The demo's schedule: three minutes in all, besides the connection's pauses.
    pub fn demo() -> Self {
        Self { pauses: DEMO.map(Duration::from_secs).to_vec(), failing: PauseRule::demo() }
    }

    /// The given pauses in milliseconds; none means that nothing is tried twice.
    pub fn from_millis(pauses: &[u64]) -> Self {
        let pauses = pauses.iter().copied().map(Duration::from_millis).collect();
        Self { pauses, failing: PauseRule::default() }
    }

    /// The same, for connections that pause by that rule.
    pub fn with_failing(self, failing: PauseRule) -> Self {
        Self { failing, ..self }
    }

    /// When a connection that keeps failing pauses.
    pub fn failing(&self) -> &PauseRule {
        &self.failing
    }

    /// The pause after the `attempt`-th attempt (from 1) has failed, or `None` when it was the last one.
    ///
    /// `after` is what the destination asked for: it can make the pause longer, up to a day, never shorter.
    /// `random` spreads the pauses by ±20 %, so that what failed together does not come back together.
    pub fn pause(&self, attempt: u32, after: Option<Duration>, random: u32) -> Option<Duration> {
        let base = self.pauses.get(usize::try_from(attempt.checked_sub(1)?).ok()?)?;
        let spread = 0.8 + 0.4 * f64::from(random) / f64::from(u32::MAX);
        let asked = after.unwrap_or_default().min(LONGEST);
        Some(base.mul_f64(spread).max(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn lasts_three_days_at_least() {
        let schedule = Schedule::default();
        let least: Duration = (1..).map_while(|attempt| schedule.pause(attempt, None, 0)).sum();
        assert!(least >= 72 * HOUR, "{least:?}");
    }

    #[test]
    fn spreads_by_a_fifth() {
        let schedule = Schedule::from_millis(&[100_000]);
        assert_eq!(schedule.pause(1, None, 0), Some(Duration::from_secs(80)));
        assert_eq!(schedule.pause(1, None, u32::MAX), Some(Duration::from_secs(120)));
        assert_eq!(schedule.pause(2, None, 0), None);
    }

    #[test]
    fn waits_as_long_as_the_destination_asks_up_to_a_day() {
        let schedule = Schedule::from_millis(&[100_000]);
        let pause = |after| schedule.pause(1, Some(after), u32::MAX / 2);
        assert_eq!(pause(HOUR), Some(HOUR));
        assert_eq!(pause(100 * HOUR), Some(24 * HOUR));
        assert!(pause(Duration::ZERO).is_some_and(|pause| pause > Duration::from_secs(99)));
    }
}
