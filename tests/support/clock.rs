//! A time machine: what a database says about deliveries is moved into the past, as if that time had gone by. The
//! gateway that works on it stays as it is, and makes every attempt that has become due.

use std::time::{Duration, Instant};

use crm_widgets::store::{Op, Store, StoreError, Tx};
use jiff::Timestamp;
use tokio::time::sleep;

use super::database::Database;

/// An hour in milliseconds.
pub const HOUR: i64 = 3_600_000;

/// Every time that delivery goes by. When a submission was received is part of what is delivered, and stays.
const TIMES: [(&str, &[&str]); 4] = [
    ("deliveries", &["due_at", "created_at", "finished_at"]),
    ("pauses", &["since", "until"]),
    ("reservations", &["until"]),
    ("steps", &["at"]),
];

/// Longest wait for an attempt that is due: a sweep, and the lease of a gateway that was killed.
const PATIENCE: Duration = Duration::from_secs(60);

/// The time that has gone by in a database.
pub struct Clock {
    store: Store,
    passed: i64,
}

impl Clock {
    /// Stands at zero.
    pub async fn of(database: &Database) -> Self {
        Self { store: database.open().await, passed: 0 }
    }

    /// Lets the time pass up to `end`, in milliseconds from the beginning: from one attempt that is due to the next.
    pub async fn pass_until(&mut self, end: i64) {
        loop {
            match self.due_in().await {
                Some(pause) if self.passed + pause < end => self.pass(pause).await,
                _ => return self.pass(end - self.passed).await,
            }
        }
    }

    /// Lets as much time pass as it takes until nothing waits any more.
    pub async fn pass_until_delivered(&mut self) {
        while let Some(pause) = self.due_in().await {
            self.pass(pause).await;
        }
    }

    /// Milliseconds from the beginning.
    pub fn passed(&self) -> i64 {
        self.passed
    }

    async fn pass(&mut self, pause: i64) {
        self.passed += pause;
        self.store.run(Pass(pause)).await.expect("the time passes");
    }

    /// When the next attempt is due, once those that are due have been made; `None` if nothing waits.
    async fn due_in(&self) -> Option<i64> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Waiting { due_at, leased } = self.store.run(LoadWaiting).await.expect("what waits");
            let pause = due_at? - Timestamp::now().as_millisecond();
            if !leased && pause > 0 {
                return Some(pause);
            }
            assert!(Instant::now() < deadline, "nobody makes an attempt that is due");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

struct Pass(i64);

impl Op for Pass {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        for (table, columns) in TIMES {
            let set: Vec<String> = columns.iter().map(|column| format!("{column} = {column} - $1")).collect();
            tx.execute(&format!("update {table} set {}", set.join(", ")), &[self.0.into()]).await?;
        }
        Ok(())
    }
}

/// What waits in the outbox.
struct Waiting {
    /// When the first of it may be tried.
    due_at: Option<i64>,
    /// Whether an attempt is under way.
    leased: bool,
}

struct LoadWaiting;

impl Op for LoadWaiting {
    type Out = Waiting;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Waiting, StoreError> {
        let sql = "select (select min(due_at) from deliveries where state = 'waiting'), \
                   (select max(until) from pauses), \
                   (select count(*) from deliveries where state = 'waiting' and leased = 1)";
        let Some(mut row) = tx.query_one(sql, &[]).await? else {
            return Ok(Waiting { due_at: None, leased: false });
        };
        let (due_at, until) = (row.optional_int(0)?, row.optional_int(1)?);
        let due_at = due_at.map(|due_at| due_at.max(until.unwrap_or_default()));
        Ok(Waiting { due_at, leased: row.int(2)? > 0 })
    }
}
