//! Many want one slot at the same moment: one of them gets it, on either engine, from one gateway or from several.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crm_widgets::store::booking::{Booked, Held};
use crm_widgets::store::{Op, Store, StoreError, Tx};
use tokio::sync::Barrier;

use super::{Count, book, booked, hold, slot};
use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::report;

on_both_engines!(
    of_many_who_book_one_slot_at_once_one_gets_it,
    of_many_who_want_slots_that_overlap_one_gets_it,
    the_key_alone_refuses_a_second_owner,
);

/// How large a race is.
#[derive(Clone, Copy)]
struct Race {
    racers: u128,
    rounds: u128,
    /// Minutes by which the starts differ, in turn.
    starts: &'static [i64],
}

impl Race {
    /// `CRM_RACES=1000x100` for the long run.
    fn of(starts: &'static [i64]) -> Self {
        let given = std::env::var("CRM_RACES").ok();
        let parsed = given.as_deref().and_then(|size| size.split_once('x'));
        let size = parsed.and_then(|(racers, rounds)| Some((racers.parse().ok()?, rounds.parse().ok()?)));
        let (racers, rounds) = size.unwrap_or((200, 5));
        Self { racers, rounds, starts }
    }
}

const EQUAL: &[i64] = &[0];

/// Starts that are not equal, of slots that all have ten minutes in common.
const UNEQUAL: &[i64] = &[0, 5, 10];

/// What came of a race.
#[derive(Debug, Default)]
struct Tally {
    booked: u64,
    refused: u64,
    busy: u64,
}

/// The racers of a round book their slots at the same moment, shared out among the gateways. Who is told that the
/// database is busy comes again, as a page does.
async fn race(stores: &[Store], race: Race) -> Tally {
    let Race { racers, rounds, starts } = race;
    let mut tally = Tally::default();
    for round in 0..rounds {
        let busy = Arc::new(AtomicU64::new(0));
        let barrier = Arc::new(Barrier::new(racers as usize));
        let tasks: Vec<_> = (0..racers)
            .zip(stores.iter().cycle().cloned())
            .zip(starts.iter().cycle())
            .map(|((racer, store), start)| {
                let book = book(round * racers + racer + 1, slot("li", round as i64 * 60 + start));
                let (busy, barrier) = (busy.clone(), barrier.clone());
                tokio::spawn(async move {
                    barrier.wait().await;
                    patiently(&store, book, &busy).await
                })
            })
            .collect();
        let mut stored = 0;
        for task in tasks {
            match task.await.unwrap() {
                Booked::Stored(_) => stored += 1,
                other => assert_eq!(other, Booked::Taken),
            }
        }
        assert_eq!(stored, 1, "in round {round}");
        tally.booked += stored;
        tally.refused += racers as u64 - stored;
        tally.busy += busy.load(Ordering::Relaxed);
    }
    tally
}

/// Runs it again for as long as the database is busy, and counts how often it was.
pub(super) async fn patiently<O: Op + Clone>(store: &Store, op: O, busy: &AtomicU64) -> O::Out {
    loop {
        match store.run(op.clone()).await {
            Ok(out) => return out,
            Err(StoreError::Busy) => busy.fetch_add(1, Ordering::Relaxed),
            Err(other) => panic!("{other}"),
        };
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How many deadlocks PostgreSQL has found in this database; 0 on SQLite, which has none.
pub(super) async fn deadlocks(store: &Store, database: &Database) -> i64 {
    if database.engine() == "SQLite" {
        return 0;
    }
    // The server's own counters are behind by up to a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    store.run(Count("pg_stat_database where datname = current_database() and deadlocks > 0")).await.unwrap()
}

async fn run(database: &Database, gateways: usize, starts: &'static [i64]) {
    let mut stores = Vec::new();
    for _ in 0..gateways {
        stores.push(database.open().await);
    }
    let size = Race::of(starts);
    let clock = Instant::now();
    let tally = race(&stores, size).await;
    let engine = database.engine();
    let (Race { racers, rounds, .. }, Tally { booked, refused, busy }) = (size, tally);
    report(&format!(
        "{gateways} stores on {engine}, starts {starts:?} races: racers={racers} rounds={rounds} booked={booked} \
         refused={refused} busy={busy} overlaps=0 in {:.1?}",
        clock.elapsed()
    ));
    let rows = stores[0].run(Count("appointments")).await.unwrap();
    assert_eq!((u128::from(booked), rows as u128), (rounds, rounds));
    assert_eq!(deadlocks(&stores[0], database).await, 0);
}

async fn of_many_who_book_one_slot_at_once_one_gets_it(database: Database) {
    run(&database, 1, EQUAL).await;
}

async fn of_many_who_want_slots_that_overlap_one_gets_it(database: Database) {
    run(&database, 1, UNEQUAL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_three_gateways_one_gets_it() {
    run(&Database::postgres().await, 3, EQUAL).await;
    run(&Database::postgres().await, 3, UNEQUAL).await;
}

/// Takes the seat of everybody who has one, without a look at locks and holds.
struct Snatch;

impl Op for Snatch {
    type Out = u64;

    async fn run(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let sql = "insert into buckets (site, resource, bucket, seat, owner) \
                   select site, resource, bucket, seat, 'somebody else' from buckets";
        tx.execute(sql, &[]).await
    }
}

async fn the_key_alone_refuses_a_second_owner(database: Database) {
    let store = database.open().await;
    booked(&store, book(1, slot("li", 0))).await;
    assert!(matches!(store.run(hold(2, slot("li", 30))).await.unwrap(), Held::Stored(_)));
    let refused = store.run(Snatch).await;
    assert!(matches!(refused, Err(StoreError::Statement(_))), "{refused:?}");
    assert_eq!(store.run(Count("buckets where owner = 'somebody else'")).await.unwrap(), 0);
}
