//! How fast a connection's requests may follow one another, in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Connector;
use super::file::Limits;
use crate::definitions;

/// How long deliveries that work at the same time may make each other wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pace of one connection.
///
/// The generic cell rate algorithm (ITU-T I.371): requests follow one another at an even distance, a tenth of them may
/// come at once after a rest, and no period of that many seconds has more requests than allowed.
#[derive(Debug)]
pub struct Rate(Option<Cells>);

#[derive(Debug)]
struct Cells {
    /// Distance of two requests.
    interval: Duration,
    /// How much earlier than its even place a request may come.
    tolerance: Duration,
    /// The even place of the next request.
    next: Mutex<Instant>,
}

/// This many requests in this many seconds.
pub type Pace = (u32, u32);

impl Rate {
    /// That many requests in that many seconds; as fast as they come where `pace` is missing.
    pub fn new(pace: Option<Pace>) -> Self {
        Self(pace.map(|(requests, seconds)| {
            let requests = requests.max(1);
            let burst = (requests / 10).max(1);
            let interval = Duration::from_secs(seconds.into()) / (requests - burst + 1);
            Cells { interval, tolerance: interval * (burst - 1), next: Mutex::new(Instant::now()) }
        }))
    }

    /// Waits for the next request's turn.
    pub async fn take(&self) {
        if let Some(cells) = &self.0 {
            sleep_until(cells.take()).await;
        }
    }

    /// How long a request would have to wait now.
    pub fn owed(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |cells| cells.turn().saturating_duration_since(Instant::now()))
    }

    /// How many deliveries may work at the same time, so that none waits much longer than a second for its turn.
    pub fn places(&self) -> usize {
        self.0.as_ref().map_or(usize::MAX, |cells| {
            let places = PATIENCE.as_nanos() / cells.interval.as_nanos().max(1);
            usize::try_from(places).unwrap_or(usize::MAX).max(1)
        })
    }

    /// The longest that one request waits where no more deliveries work than [`Rate::places`].
    pub fn longest_wait(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |cells| cells.interval.max(PATIENCE))
    }
}

impl Cells {
    fn take(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (*next).max(Instant::now());
        *next = place + self.interval;
        place.checked_sub(self.tolerance).unwrap_or(place)
    }

    fn turn(&self) -> Instant {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.checked_sub(self.tolerance).unwrap_or(next)
    }
}

/// The paces of all connections.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<(String, String), Known>>);

type Known = (Option<Pace>, Arc<Rate>);

impl Rates {
    /// The pace of a site's connection: its own, but no faster than its connector's file says the CRM allows. All who
    /// ask share it, until it is set up otherwise.
    pub fn of(&self, site: &str, connection: &definitions::Connection, limits: &Limits) -> Arc<Rate> {
        let own = connection.rate.map(|rate| (rate.requests, rate.seconds));
        let pace = slower(own, limits.requests.zip(limits.seconds));
        let mut rates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (site.to_owned(), connection.name.clone());
        let (known, rate) = rates.entry(key).or_insert_with(|| (pace, Arc::new(Rate::new(pace))));
        if *known != pace {
            (*known, *rate) = (pace, Arc::new(Rate::new(pace)));
        }
        rate.clone()
    }
}

impl Connector {
    /// The pace of a site's connection, and how many of its deliveries may work at the same time.
    pub fn limits(&self, site: &str, connection: &definitions::Connection) -> (Arc<Rate>, usize) {
        let limits = self.0.library.get(&connection.connector).map(|file| file.limits).unwrap_or_default();
        let rate = self.0.rates.of(site, connection, &limits);
        let most = limits.concurrency.map_or(connection.concurrency, |most| most.min(connection.concurrency));
        let places = usize::try_from(most).unwrap_or(usize::MAX).min(rate.places());
        (rate, places)
    }
}

fn slower(one: Option<Pace>, other: Option<Pace>) -> Option<Pace> {
    let per_second = |(requests, seconds): &Pace| f64::from(*requests) / f64::from(*seconds).max(1.0);
    one.into_iter().chain(other).min_by(|one, other| per_second(one).total_cmp(&per_second(other)))
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use serde_json::json;
    use tokio::time::sleep;

    use super::*;

    /// When each of `count` requests comes, in milliseconds, if all are there at once.
    async fn times(rate: &Rate, count: usize) -> Vec<u128> {
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..count {
            rate.take().await;
            times.push(start.elapsed().as_millis());
        }
        times
    }

    #[tokio::test(start_paused = true)]
    async fn requests_follow_at_an_even_distance() {
        assert_eq!(times(&Rate::new(Some((4, 2))), 4).await, [0, 500, 1_000, 1_500]);
        assert_eq!(times(&Rate::new(Some((1, 60))), 2).await, [0, 60_000]);
        assert_eq!(times(&Rate::new(None), 1_000).await[999], 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_tenth_may_come_at_once_after_a_rest() {
        let rate = Rate::new(Some((30, 28)));
        assert_eq!(times(&rate, 5).await, [0, 0, 0, 1_000, 2_000]);
        sleep(Duration::from_secs(100)).await;
        assert_eq!(times(&rate, 4).await, [0, 0, 0, 1_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_period_has_more_requests_than_allowed() {
        for (requests, seconds) in [(1, 1), (7, 3), (10, 1), (100, 10), (1_000, 60), (15, 2)] {
            let rate = Rate::new(Some((requests, seconds)));
            let mut period = VecDeque::new();
            for number in 0..3_000_u64 {
                rate.take().await;
                let now = Instant::now();
                period.push_back(now);
                // The timer counts in milliseconds.
                let start = Duration::from_secs(seconds.into()) - Duration::from_millis(1);
                while period.front().is_some_and(|first| now - *first >= start) {
                    period.pop_front();
                }
                assert!(period.len() <= requests as usize, "{} of {requests} in {seconds} s", period.len());
                sleep(Duration::from_millis(number * 7_919 % 40)).await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_owed_and_who_may_work_follow_from_the_pace() {
        let rate = Rate::new(Some((5, 1)));
        assert_eq!((rate.places(), rate.longest_wait()), (5, PATIENCE));
        assert_eq!(rate.owed(), Duration::ZERO);
        tokio::time::timeout(Duration::ZERO, times(&rate, 9)).await.expect_err("it has to wait");
        assert_eq!(rate.owed(), Duration::from_millis(400), "one went, one waits");
        let slow = Rate::new(Some((1, 60)));
        assert_eq!((slow.places(), slow.longest_wait()), (1, Duration::from_secs(60)));
        assert_eq!(Rate::new(None).places(), usize::MAX);
    }

    #[tokio::test]
    async fn a_connection_keeps_its_pace_until_it_is_set_up_otherwise() {
        let connection = |members: serde_json::Value| -> definitions::Connection {
            let mut connection = json!({"name": "crm", "connector": "x", "url": "https://crm.example.com"});
            connection.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            serde_json::from_value(connection).unwrap()
        };
        let rates = Rates::default();
        let limits = Limits { requests: Some(10), seconds: Some(1), concurrency: None };
        let fast = connection(json!({"rate": {"requests": 50, "seconds": 1}}));
        let slow = connection(json!({"rate": {"requests": 100, "seconds": 50}}));
        let rate = rates.of("clinic", &fast, &limits);
        assert_eq!(rate.places(), 10, "the CRM allows no more");
        assert!(Arc::ptr_eq(&rate, &rates.of("clinic", &fast, &limits)));
        assert!(!Arc::ptr_eq(&rate, &rates.of("dentist", &fast, &limits)));
        assert_eq!(rates.of("clinic", &slow, &limits).places(), 1);
        assert_eq!(rates.of("clinic", &connection(json!({})), &Limits::default()).places(), usize::MAX);
    }
}
