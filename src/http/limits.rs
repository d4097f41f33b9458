//! Token buckets per visitor and per site in a table of fixed size.
//!
//! A table of fixed size can't be filled up by made-up addresses: in each small set the bucket that was used longest
//! ago gives way. Losing a bucket means starting with a full one, so at worst a limit is not noticed, never the
//! opposite: nobody is refused for what somebody else did.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::config;
use crate::http::problem::Refusal;
use crate::http::visitor::Visitor;

/// 8,192 sets of 8 buckets of 24 bytes: about 1.6 MB.
const SETS: usize = 8_192;
const WAYS: usize = 8;

/// What is counted. Each purpose has buckets of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Submissions.
    Submission,
    /// Slots that are kept.
    Hold,
    /// Uploads.
    Upload,
    /// Challenges.
    Challenge,
}

/// How much a bucket holds, and how fast it fills. One that holds nothing is no limit.
#[derive(Clone, Copy, Debug)]
struct Rate {
    most: f32,
    per_minute: f32,
}

impl Rate {
    /// A minute's worth.
    fn minutely(rate: u32) -> Self {
        Self { most: rate as f32, per_minute: rate as f32 }
    }
}

/// All buckets.
#[derive(Debug)]
pub struct Limits {
    rates: config::Limits,
    sets: Box<[Mutex<[Bucket; WAYS]>]>,
    hasher: RandomState,
    started: Instant,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// Hash of who and what; 0 when unused.
    tag: u64,
    /// Seconds since the start at which it was used last.
    used: f64,
    /// Tokens left then.
    tokens: f32,
}

impl Limits {
    /// Full buckets for everyone.
    pub fn new(rates: config::Limits) -> Self {
        Self {
            rates,
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            started: Instant::now(),
        }
    }

    /// Counts a submission of a visitor to a site.
    ///
    /// # Errors
    /// 429 with the seconds until the next token.
    pub fn submission(&self, visitor: Visitor, site: &str, site_rate: Option<u32>) -> Result<(), Refusal> {
        self.sent(visitor, 1.0, site, site_rate)
    }

    /// Counts a submission that comes without proof of work, from a hosted page: it weighs five.
    ///
    /// # Errors
    /// As [`Limits::submission`].
    pub fn hosted(&self, visitor: Visitor, site: &str, site_rate: Option<u32>) -> Result<(), Refusal> {
        self.sent(visitor, 5.0, site, site_rate)
    }

    /// Counts a slot that is kept for so many seconds. Nothing is given back for one that is booked or let go, so an
    /// address keeps at most twice as many as it is allowed.
    ///
    /// # Errors
    /// As [`Limits::submission`].
    pub fn hold(&self, visitor: Visitor, seconds: u32) -> Result<(), Refusal> {
        let most = self.rates.visitor_holds;
        let rate = Rate { most: most as f32, per_minute: most as f32 * 60.0 / seconds.max(1) as f32 };
        self.take((Purpose::Hold, visitor), rate, 1.0)
    }

    /// Counts an upload.
    ///
    /// # Errors
    /// As [`Limits::submission`].
    pub fn upload(&self, visitor: Visitor) -> Result<(), Refusal> {
        self.take((Purpose::Upload, visitor), Rate::minutely(self.rates.visitor_uploads), 1.0)
    }

    /// Counts a challenge and says how many bits harder it should be: 0 up to half a minute's worth, then more, at
    /// most 6. A busy address works more, it is not refused.
    pub fn challenge(&self, visitor: Visitor) -> u8 {
        let rate = Rate::minutely(self.rates.visitor_challenges);
        if rate.most == 0.0 {
            return 0;
        }
        let left = self.draw((Purpose::Challenge, visitor), rate, 1.0).max(0.0) / rate.most;
        if left >= 0.5 { 0 } else { ((0.5 - left) * 12.0).ceil() as u8 }
    }

    fn sent(&self, visitor: Visitor, weight: f32, site: &str, site_rate: Option<u32>) -> Result<(), Refusal> {
        self.take((Purpose::Submission, visitor), Rate::minutely(self.rates.visitor_submissions), weight)?;
        let rate = Rate::minutely(site_rate.unwrap_or(self.rates.site_submissions));
        self.take((Purpose::Submission, site), rate, 1.0)
    }

    fn take(&self, key: impl Hash, rate: Rate, cost: f32) -> Result<(), Refusal> {
        if rate.most == 0.0 {
            return Ok(());
        }
        let left = self.draw(key, rate, cost);
        if left >= 0.0 {
            Ok(())
        } else {
            Err(Refusal::too_many((-left * 60.0 / rate.per_minute).ceil() as u32))
        }
    }

    /// Takes `cost` tokens and returns what is left; negative, and nothing taken, where there were too few.
    fn draw(&self, key: impl Hash, rate: Rate, cost: f32) -> f32 {
        let tag = self.hasher.hash_one(key).max(1);
        let now = self.started.elapsed().as_secs_f64();
        let Some(set) = self.sets.get(tag as usize % SETS) else { return 0.0 };
        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bucket) = find(&mut set, tag, rate.most) else { return 0.0 };
        let refilled = bucket.tokens + ((now - bucket.used) * f64::from(rate.per_minute) / 60.0) as f32;
        let left = refilled.min(rate.most) - cost;
        *bucket = Bucket { tag, used: now, tokens: if left < 0.0 { left + cost } else { left } };
        left
    }
}

/// The bucket of that tag, or the one used longest ago, made new.
fn find(set: &mut [Bucket; WAYS], tag: u64, tokens: f32) -> Option<&mut Bucket> {
    if set.iter().any(|bucket| bucket.tag == tag) {
        return set.iter_mut().find(|bucket| bucket.tag == tag);
    }
    let oldest = set.iter_mut().min_by(|a, b| a.used.total_cmp(&b.used))?;
    *oldest = Bucket { tag, used: 0.0, tokens };
    Some(oldest)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn limits() -> Limits {
        Limits::new(config::Limits {
            visitor_submissions: 10,
            visitor_holds: 10,
            visitor_uploads: 10,
            visitor_challenges: 10,
            site_submissions: 0,
        })
    }

    fn visitor(number: u32) -> Visitor {
        Visitor(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn a_minutes_worth_passes_then_the_wait_is_told() {
        let limits = limits();
        for _ in 0..10 {
            assert!(limits.submission(visitor(1), "clinic", None).is_ok());
        }
        let refusal = limits.submission(visitor(1), "clinic", None).expect_err("the bucket is empty");
        assert_eq!(refusal.retry_after, Some(6));
        assert!(limits.submission(visitor(2), "clinic", None).is_ok());
    }

    #[test]
    fn an_address_keeps_so_many_slots_and_as_many_again_while_they_are_kept() {
        let limits = limits();
        for _ in 0..10 {
            assert!(limits.hold(visitor(1), 300).is_ok());
        }
        let refusal = limits.hold(visitor(1), 300).expect_err("the bucket is empty");
        assert_eq!(refusal.retry_after, Some(30));
        assert!(limits.hold(visitor(2), 300).is_ok());
    }

    #[test]
    fn a_busy_address_gets_harder_challenges() {
        let limits = limits();
        let bits: Vec<u8> = (0..12).map(|_| limits.challenge(visitor(1))).collect();
        assert_eq!(bits.first(), Some(&0));
        assert_eq!(bits.last(), Some(&6));
        assert!(bits.is_sorted());
    }

    #[test]
    fn a_million_made_up_addresses_take_no_memory_and_lock_nobody_out() {
        let limits = limits();
        let room = size_of_val(&*limits.sets);
        for number in 0..1_000_000 {
            assert!(limits.upload(visitor(number)).is_ok());
        }
        assert_eq!(size_of_val(&*limits.sets), room);
        assert!(room < 4 << 20, "{room} bytes");
    }
}
