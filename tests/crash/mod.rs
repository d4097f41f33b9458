//! `kill -9` at random moments under load: what was acknowledged arrives, and takes effect once.
//!
//! Six kills on each engine as a test; `CRM_KILLS=100` makes them as many as you like. The counts are printed.

mod durability;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crm_protocol::submission::Receipt;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use crate::on_both_engines;
use crate::support::crm::{Answer, Crm};
use crate::support::database::Database;
use crate::support::program::{Program, Visitor};
use crate::support::report;

on_both_engines!(nothing_acknowledged_is_lost_or_done_twice);

/// How many send at the same time.
const VISITORS: usize = 8;

/// A start after a crash takes no longer, recovery of the database included.
const READY: Duration = Duration::from_secs(2);

/// How long what is left may take to arrive: leases of the dead run out, and pauses end.
const ARRIVAL: Duration = Duration::from_secs(120);

async fn nothing_acknowledged_is_lost_or_done_twice(database: Database) {
    let kills = std::env::var("CRM_KILLS").map_or(6, |kills| kills.parse().expect("CRM_KILLS is a number"));
    let crm = Crm::start().await;
    crm.mix(moods());
    let connection = json!([{
        "name": "crm", "connector": "webhook", "url": crm.url, "secrets": {"signing": {"env": "CRM_SECRET"}},
        "allowPrivate": true, "timeoutSeconds": 1, "concurrency": 64
    }]);
    let mut program = Program::new(&database.url, connection);
    let mut slowest = program.start().await;

    let crowd = Crowd::gather(&program);
    for _ in 0..kills {
        sleep(Duration::from_millis(100 + u64::from(getrandom::u32().unwrap() % 1_000))).await;
        program.kill();
        slowest = slowest.max(program.start().await);
    }
    sleep(Duration::from_millis(500)).await;
    let acked = crowd.leave().await;

    crm.always(Answer::Accept(200));
    let arrived = arrival(&crm, acked.len()).await;
    let lost = acked.difference(&arrived.keys().cloned().collect()).count();
    let duplicate_effects = arrived.values().filter(|effects| **effects > 1).count();
    let unknown = arrived.keys().filter(|id| !acked.contains(*id)).count();
    let repeats = crm.received().len() - crm.effects().len();
    report(&format!(
        "{} kills={kills} acked={} lost={lost} duplicate_effects={duplicate_effects} repeats={repeats} ready_ms max={}",
        if database.dir.is_some() { "sqlite" } else { "postgres" },
        acked.len(),
        slowest.as_millis(),
    ));
    assert!(acked.len() > 50, "there was no load");
    assert_eq!((lost, duplicate_effects, unknown), (0, 0, 0));
    assert!(slowest <= READY, "ready after {slowest:?}");
}

/// What the CRM does in turn while the gateway is killed. A repeated id is answered 409 whatever the turn.
fn moods() -> Vec<Answer> {
    let mut moods = vec![Answer::Accept(200); 18];
    let bad = [
        Answer::Status(500),
        Answer::Lose,
        Answer::TooMany(Some(1)),
        Answer::Reset,
        Answer::Hang,
        Answer::TooMany(None),
    ];
    for (at, mood) in bad.into_iter().enumerate() {
        moods[at * 3] = mood;
    }
    moods
}

/// How often each submission took effect, once `expected` have or time is up.
async fn arrival(crm: &Crm, expected: usize) -> BTreeMap<String, usize> {
    let deadline = Instant::now() + ARRIVAL;
    while crm.effects().len() < expected && Instant::now() < deadline {
        sleep(Duration::from_millis(100)).await;
    }
    // What would come twice gets the time to.
    sleep(Duration::from_secs(2)).await;
    let submissions: BTreeMap<String, String> =
        crm.received().iter().map(|request| (request.id().to_owned(), submission(&request.json()))).collect();
    let mut arrived = BTreeMap::new();
    for (delivery, effects) in crm.effects() {
        *arrived.entry(submissions[&delivery].clone()).or_default() += effects;
    }
    arrived
}

fn submission(event: &serde_json::Value) -> String {
    event["data"]["id"].as_str().expect("a submission's id").to_owned()
}

/// Visitors who never give up, as the page's outbox does not.
struct Crowd {
    leaving: Arc<AtomicBool>,
    acked: Arc<Mutex<BTreeSet<String>>>,
    visitors: JoinSet<()>,
}

impl Crowd {
    fn gather(program: &Program) -> Self {
        let mut crowd = Self { leaving: Arc::default(), acked: Arc::default(), visitors: JoinSet::new() };
        for _ in 0..VISITORS {
            let (visitor, leaving, acked) = (program.visitor(), crowd.leaving.clone(), crowd.acked.clone());
            crowd.visitors.spawn(async move {
                while !leaving.load(Ordering::SeqCst) {
                    let id = submit(&visitor).await;
                    assert!(acked.lock().unwrap().insert(id), "two keys got one submission");
                    sleep(Duration::from_millis(10)).await;
                }
            });
        }
        crowd
    }

    /// Lets everyone finish, and returns the ids of the submissions they were promised.
    async fn leave(mut self) -> BTreeSet<String> {
        self.leaving.store(true, Ordering::SeqCst);
        while let Some(visitor) = self.visitors.join_next().await {
            visitor.expect("a visitor was refused");
        }
        std::mem::take(&mut *self.acked.lock().unwrap())
    }
}

/// Sends one enquiry until it is acknowledged, then once more: the answer must be the same.
async fn submit(visitor: &Visitor) -> String {
    let key = Uuid::new_v4().to_string();
    let acknowledged = until_acknowledged(visitor, &key).await;
    if getrandom::u32().unwrap().is_multiple_of(4) {
        assert_eq!(until_acknowledged(visitor, &key).await, acknowledged);
    }
    serde_json::from_slice::<Receipt>(&acknowledged).expect("a receipt").id.to_string()
}

async fn until_acknowledged(visitor: &Visitor, key: &str) -> bytes::Bytes {
    loop {
        if let Some(answer) = visitor.send(key, "请回电").await {
            return answer;
        }
        sleep(Duration::from_millis(20)).await;
    }
}
