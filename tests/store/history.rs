//! Random histories of the outbox: whatever happens in whatever order, no fence is used twice and nothing is lost.

use std::collections::{BTreeMap, BTreeSet};

use crm_protocol::id::DeliveryId;
use crm_widgets::store::Store;
use crm_widgets::store::deliveries::{
    Claimed, Deliveries, Filter, Next, Record, Recorded, Replay, State, Which,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{NOW, attempt, claim, submission};
use crate::support::database::Database;

#[derive(Clone, Debug)]
enum Step {
    Accept,
    Claim {
        limit: u32,
    },
    /// One of the claims so far, live or long lost, reports.
    Record {
        holder: usize,
        next: Outcome,
    },
    Wait {
        ms: i64,
    },
    ReplayExhausted,
    ReplayOne {
        delivery: u128,
    },
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Delivered,
    Retry { after_ms: i64 },
    Later { after_ms: i64 },
    Exhausted,
}

fn step() -> impl Strategy<Value = Step> {
    let next = prop_oneof![
        3 => Just(Outcome::Delivered),
        3 => (0..90_000_i64).prop_map(|after_ms| Outcome::Retry { after_ms }),
        2 => (0..90_000_i64).prop_map(|after_ms| Outcome::Later { after_ms }),
        1 => Just(Outcome::Exhausted),
    ];
    prop_oneof![
        3 => Just(Step::Accept),
        4 => (1..4_u32).prop_map(|limit| Step::Claim { limit }),
        5 => (0..64_usize, next).prop_map(|(holder, next)| Step::Record { holder, next }),
        3 => (0..100_000_i64).prop_map(|ms| Step::Wait { ms }),
        1 => Just(Step::ReplayExhausted),
        1 => (1..9_u128).prop_map(|delivery| Step::ReplayOne { delivery }),
    ]
}

/// What the history must agree with.
struct Model {
    store: Store,
    now: i64,
    accepted: u128,
    claims: Vec<(Claimed, i64)>,
    /// Fences that have ended with a record.
    used: BTreeSet<(DeliveryId, i64)>,
    /// The fence that was handed out last, and when its lease ends.
    latest: BTreeMap<DeliveryId, (i64, i64)>,
    attempts: u128,
}

impl Model {
    async fn apply(&mut self, step: &Step) {
        match step {
            Step::Accept => {
                self.accepted += 1;
                let mut accept = submission(self.accepted);
                accept.submission.received_at = self.now;
                self.store.run(accept).await.unwrap();
            }
            Step::Claim { limit } => self.claim(*limit).await,
            Step::Record { holder, next } => self.record(*holder, *next).await,
            Step::Wait { ms } => self.now += ms,
            Step::ReplayExhausted => {
                let which = Which::Exhausted { site: None, connection: None };
                self.store.run(Replay { which, now: self.now }).await.unwrap();
            }
            Step::ReplayOne { delivery } => {
                let which = Which::One(DeliveryId::from_u128(*delivery));
                self.store.run(Replay { which, now: self.now }).await.unwrap();
            }
        }
    }

    async fn claim(&mut self, limit: u32) {
        let claimed = self.store.run(claim(self.now, limit)).await.unwrap();
        assert!(claimed.len() <= limit as usize);
        for claimed in claimed {
            let lease = (claimed.fence, self.now + 60_000);
            if let Some((fence, until)) = self.latest.insert(claimed.delivery, lease) {
                assert!(claimed.fence > fence, "a fence came twice");
                let ended = self.used.contains(&(claimed.delivery, fence));
                assert!(ended || until <= self.now, "claimed under a live lease");
            }
            self.claims.push((claimed, self.now));
        }
    }

    async fn record(&mut self, holder: usize, next: Outcome) {
        if self.claims.is_empty() {
            return;
        }
        let (Claimed { delivery, fence, .. }, _) = self.claims[holder % self.claims.len()];
        let next = match next {
            Outcome::Delivered => Next::Delivered,
            Outcome::Retry { after_ms } => Next::RetryAt(self.now + after_ms),
            Outcome::Later { after_ms } => Next::Later(self.now + after_ms),
            Outcome::Exhausted => Next::Exhausted("no".into()),
        };
        self.attempts += 1;
        let record = Record { delivery, fence, attempt: attempt(self.attempts), next };
        let recorded = self.store.run(record).await.unwrap();
        let holds = self.latest[&delivery].0 == fence && !self.used.contains(&(delivery, fence));
        assert_eq!(recorded == Recorded::Ok, holds, "only the last holder records, and once");
        if holds {
            self.used.insert((delivery, fence));
        }
    }

    /// Delivers what is left: every delivery must turn up.
    async fn finish(&mut self) {
        for _ in 0..200 {
            self.now += 100_000;
            let before = self.claims.len();
            self.claim(50).await;
            for holder in before..self.claims.len() {
                self.record(holder, Outcome::Delivered).await;
            }
        }
        let all = self.store.run(Deliveries { filter: Filter::default(), limit: 1_000 }).await.unwrap();
        assert_eq!(all.len() as u128, self.accepted);
        assert!(all.iter().all(|delivery| delivery.state != State::Waiting), "one never became due");
        let attempts: usize = all.iter().map(|delivery| delivery.attempts.len()).sum();
        assert_eq!(attempts as u128, self.attempts, "every attempt is in the log");
    }
}

async fn live_through(database: &Database, steps: &[Step]) {
    let store = database.open().await;
    let mut model = Model {
        store,
        now: NOW,
        accepted: 0,
        claims: vec![],
        used: BTreeSet::new(),
        latest: BTreeMap::new(),
        attempts: 0,
    };
    for step in steps {
        model.apply(step).await;
    }
    model.finish().await;
    model.store.close().await;
}

fn histories(cases: u32, database: impl AsyncFn() -> Database) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let run = |steps: Vec<Step>| {
        runtime.block_on(async { live_through(&database().await, &steps).await });
        Ok(())
    };
    TestRunner::new(config).run(&prop::collection::vec(step(), 1..60), run).unwrap();
}

#[test]
fn no_fence_is_used_twice_and_nothing_is_lost_sqlite() {
    histories(48, async || Database::memory());
}

#[test]
fn no_fence_is_used_twice_and_nothing_is_lost_postgres() {
    histories(12, Database::postgres);
}
