//! Random histories: many tasks hold, book, move, cancel, release, squeeze in, wait and sweep, on few resources and with a
//! clock that moves. Whatever happens, an auditor who knows nothing of the store's code finds the books in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crm_protocol::id::{AppointmentId, HoldId, WaitingId};
use crm_widgets::booking::{Candidate, Taking};
use crm_widgets::store::booking::{
    Book, Booked, Cancelled, Held, Hold, Leave, Move, Moved, NewOffer, NewWaiting, Offer, Offered, Release,
    SweepHolds, Wait, Waited,
};
use crm_widgets::store::submissions::Accept;
use crm_widgets::store::{Op, Store};

use super::audit::{Audit, Books};
use super::races::{deadlocks, patiently};
use super::{Count, FIRST, MINUTE, NOW, book, cancel, event, hold, person, relocate};
use crate::store::submission;
use crate::support::database::Database;
use crate::support::report;

/// How many operations a history has; `CRM_HISTORY=1000000` for the long run.
fn length() -> usize {
    std::env::var("CRM_HISTORY").ok().and_then(|length| length.parse().ok()).unwrap_or(20_000)
}

/// Tasks that live at the same time.
const TASKS: usize = 24;

/// Who and what there is, and for how many people.
const PRACTITIONERS: [(&str, u32); 4] = [("li", 1), ("wang", 1), ("zhao", 1), ("team", 3)];
const CHAIRS: [(&str, u32); 3] = [("chair-1", 1), ("chair-2", 1), ("sofa", 2)];

/// How many people `resource` serves at the same time.
pub(super) fn seats(resource: &str) -> u32 {
    let known = PRACTITIONERS.iter().chain(&CHAIRS).find(|(name, _)| *name == resource);
    known.map(|(_, seats)| *seats).unwrap()
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// 10 to 60 minutes within forty hours that begin two days after `now`, of one practitioner and perhaps a chair.
    fn slot(&mut self, now: i64) -> Candidate {
        let ahead = (now - NOW) / (5 * MINUTE) + self.below(480) as i64;
        let start = FIRST + ahead * 5 * MINUTE;
        let end = start + (self.below(11) as i64 + 2) * 5 * MINUTE;
        let practitioner = self.of(&PRACTITIONERS);
        let mut resources = vec![practitioner];
        if self.below(2) == 0 {
            resources.push(self.of(&CHAIRS));
        }
        resources.sort_unstable();
        let taking = |(resource, seats): (&str, u32)| {
            // Five minutes of pause after it.
            Taking { resource: resource.into(), from: start, to: end + 5 * MINUTE, seats }
        };
        Candidate {
            practitioner: practitioner.0.into(),
            place: "lakeside".into(),
            start,
            end,
            takings: resources.into_iter().map(taking).collect(),
        }
    }

    fn slots(&mut self, now: i64) -> Vec<Candidate> {
        (0..=self.below(3)).map(|_| self.slot(now)).collect()
    }
}

/// What all tasks share.
struct World {
    stores: Vec<Store>,
    now: AtomicI64,
    /// What is left to be done.
    left: AtomicUsize,
    numbers: AtomicU64,
    busy: AtomicU64,
    /// Numbers of what was acknowledged and may be gone again.
    holds: Mutex<Vec<u128>>,
    waiting: Mutex<Vec<u128>>,
    /// The last sequence of every appointment that was acknowledged.
    appointments: Mutex<BTreeMap<u128, u32>>,
    tally: Mutex<BTreeMap<String, u64>>,
}

impl World {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn number(&self) -> u128 {
        self.numbers.fetch_add(1, Ordering::SeqCst).into()
    }

    fn count(&self, what: &str) {
        *self.tally.lock().unwrap().entry(what.to_owned()).or_default() += 1;
    }

    fn acknowledged(&self, number: u128, sequence: u32) {
        let mut appointments = self.appointments.lock().unwrap();
        let last = appointments.entry(number).or_default();
        *last = sequence.max(*last);
    }

    fn any(&self, list: &Mutex<Vec<u128>>, random: &mut Random) -> Option<u128> {
        let list = list.lock().unwrap();
        // The latest are the most interesting.
        let recent = &list[list.len().saturating_sub(40)..];
        (!recent.is_empty()).then(|| random.of(recent))
    }

    fn any_appointment(&self, random: &mut Random) -> Option<u128> {
        let appointments = self.appointments.lock().unwrap();
        let recent: Vec<u128> = appointments.keys().rev().take(80).copied().collect();
        (!recent.is_empty()).then(|| random.of(&recent))
    }
}

/// One of those who live at the same time.
struct Life {
    world: Arc<World>,
    store: Store,
    random: Random,
}

impl Life {
    async fn live(mut self) {
        let take = |left: usize| left.checked_sub(1);
        while self.world.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
            self.step().await;
        }
    }

    async fn step(&mut self) {
        match self.random.below(100) {
            0..25 => self.hold().await,
            25..40 => self.book(None).await,
            40..58 => self.book_held().await,
            58..68 => self.relocate().await,
            68..82 => self.cancel().await,
            82..87 => self.release().await,
            87..89 => self.book(Some("pain")).await,
            89..90 => self.wait().await,
            90..92 => self.leave().await,
            92..96 => self.sweep().await,
            _ => {
                self.world.now.fetch_add(self.random.below(90_000) as i64, Ordering::SeqCst);
            }
        }
    }

    async fn run<O: Op + Clone>(&self, op: O) -> O::Out {
        patiently(&self.store, op, &self.world.busy).await
    }

    async fn hold(&mut self) {
        let (number, now) = (self.world.number(), self.world.now());
        let candidates = self.random.slots(now);
        let expires_at = now + 1 + self.random.below(300_000) as i64;
        let hold = Hold { candidates, now, expires_at, ..hold(number, self.random.slot(now)) };
        match self.run(hold).await {
            Held::Stored(_) => {
                self.world.count("held");
                self.world.holds.lock().unwrap().push(number);
            }
            other => assert_eq!(other, Held::Taken),
        }
    }

    async fn book(&mut self, overbook: Option<&str>) {
        let now = self.world.now();
        let mut book = Book { now, ..book(self.world.number(), self.random.slot(now)) };
        book.appointment.candidates.extend(self.random.slots(now));
        book.appointment.overbook = overbook.map(str::to_owned);
        let number = book.appointment.id.as_u128();
        match self.run(book).await {
            Booked::Stored(_) => {
                self.world.count(if overbook.is_some() { "squeezed_in" } else { "booked" });
                self.world.acknowledged(number, 0);
            }
            other => assert_eq!(other, Booked::Taken),
        }
    }

    async fn book_held(&mut self) {
        let Some(hold) = self.world.any(&self.world.holds, &mut self.random) else { return };
        let now = self.world.now();
        let book = book(self.world.number(), self.random.slot(now));
        let book = Book { hold: Some(HoldId::from_u128(hold)), now, ..book };
        let number = book.appointment.id.as_u128();
        match self.run(book).await {
            Booked::Stored(_) => {
                self.world.count("booked_with_a_hold");
                self.world.acknowledged(number, 0);
            }
            other => {
                assert_eq!(other, Booked::HoldOver);
                self.world.count("hold_over");
            }
        }
    }

    async fn relocate(&mut self) {
        let Some(number) = self.world.any_appointment(&mut self.random) else { return };
        let now = self.world.now();
        let (change, candidates) = (self.world.number(), self.random.slots(now));
        let op = Move { candidates, now, ..relocate(number, change, self.random.slot(now)) };
        match self.run(op).await {
            Moved::Stored(moved) => {
                self.world.count("moved");
                self.world.acknowledged(number, moved.sequence);
            }
            other => assert!(matches!(other, Moved::Taken | Moved::Closed(_) | Moved::Same(_)), "{other:?}"),
        }
    }

    async fn cancel(&mut self) {
        let Some(number) = self.world.any_appointment(&mut self.random) else { return };
        let mut cancel = cancel(number, self.world.number());
        cancel.now = self.world.now();
        match self.run(cancel).await {
            Cancelled::Stored(gone) => {
                self.world.count("cancelled");
                self.world.acknowledged(number, gone.sequence);
            }
            other => assert!(matches!(other, Cancelled::Already(_)), "{other:?}"),
        }
    }

    async fn release(&mut self) {
        let Some(hold) = self.world.any(&self.world.holds, &mut self.random) else { return };
        let id = HoldId::from_u128(hold);
        if self.run(Release { site: "clinic".into(), id, now: self.world.now() }).await {
            self.world.count("released");
        }
    }

    async fn wait(&mut self) {
        let number = self.world.number();
        let practitioner = (self.random.below(2) == 0).then(|| self.random.of(&PRACTITIONERS).0.to_owned());
        let id = WaitingId::from_u128(number);
        let (from_day, to_day) = ("2026-12-01".to_owned(), None);
        let wait = Wait {
            accept: Accept { deliveries: vec![], ..submission(number) },
            waiting: NewWaiting { id, service: "checkup".into(), practitioner, from_day, to_day },
            patient_sha256: person(number),
        };
        assert!(matches!(self.run(wait).await, Waited::Stored(_)));
        self.world.count("waited");
        self.world.waiting.lock().unwrap().push(number);
    }

    async fn leave(&mut self) {
        let Some(number) = self.world.any(&self.world.waiting, &mut self.random) else { return };
        let id = WaitingId::from_u128(number);
        self.run(Leave { site: "clinic".into(), id, now: self.world.now() }).await;
    }

    async fn sweep(&mut self) {
        let now = self.world.now();
        for ended in self.run(SweepHolds { now, after: None, limit: 20 }).await {
            let number = self.world.number();
            let offer = Offer {
                site: "clinic".into(),
                ended: ended.id,
                next: Some(NewOffer {
                    id: HoldId::from_u128(number),
                    expires_at: now + 400_000,
                    per_day: BTreeMap::new(),
                    event: event(number, "waitlist.offered"),
                }),
                now,
            };
            let offered = self.run(offer).await;
            // Not those that were given back and wait for somebody.
            if offered != Offered::Gone && ended.expires_at > 0 {
                self.world.count("expired");
            }
            if let Offered::Stored(_) = offered {
                self.world.count("offered");
                self.world.holds.lock().unwrap().push(number);
            }
        }
    }
}

/// Lives through a history, audited all the while, and once more at the end.
async fn live_through(database: &Database, gateways: usize) {
    let mut stores = Vec::new();
    for _ in 0..gateways {
        stores.push(database.open().await);
    }
    let world = Arc::new(World {
        stores,
        now: NOW.into(),
        left: length().into(),
        numbers: 1.into(),
        busy: 0.into(),
        holds: Mutex::default(),
        waiting: Mutex::default(),
        appointments: Mutex::default(),
        tally: Mutex::default(),
    });
    let start = Instant::now();
    let lives: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = world.stores[task % gateways].clone();
            let random = Random(start.elapsed().as_nanos() as u64 ^ (task as u64) << 32);
            tokio::spawn(Life { world: world.clone(), store, random }.live())
        })
        .collect();
    let mut audits = 1;
    while lives.iter().any(|life| !life.is_finished()) {
        tokio::time::sleep(Duration::from_secs(2)).await;
        audit(&world).await;
        audits += 1;
    }
    for life in lives {
        life.await.unwrap();
    }
    let books = audit(&world).await;
    let tally: Vec<_> =
        world.tally.lock().unwrap().iter().map(|(what, count)| format!("{what}={count}")).collect();
    report(&format!(
        "{gateways} stores on {} history: operations={} {} overlaps={} audits={audits} busy={} in {:.1?}",
        database.engine(),
        length() - world.left.load(Ordering::SeqCst),
        tally.join(" "),
        books.overlaps(world.now()),
        world.busy.load(Ordering::SeqCst),
        start.elapsed(),
    ));
    settle(&world, &books).await;
    assert_eq!(deadlocks(&world.stores[0], database).await, 0);
}

async fn audit(world: &World) -> Books {
    let books = world.stores[0].run(Audit).await.unwrap();
    // Nobody can have had a later time before the read.
    books.check(world.now());
    books
}

/// What was acknowledged is there, and each change was told once.
async fn settle(world: &World, books: &Books) {
    let acknowledged = world.appointments.lock().unwrap().clone();
    assert_eq!(books.appointments.len(), acknowledged.len());
    for (number, sequence) in acknowledged {
        let id = AppointmentId::from_u128(number).to_string();
        assert_eq!(books.appointments[&id].sequence, i64::from(sequence), "{id}");
    }
    let told = ["booked", "booked_with_a_hold", "squeezed_in", "moved", "cancelled", "offered"];
    let told: u64 = {
        let tally = world.tally.lock().unwrap();
        told.iter().filter_map(|what| tally.get(*what)).sum()
    };
    for table in ["events", "deliveries"] {
        assert_eq!(world.stores[0].run(Count(table)).await.unwrap() as u64, told, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_the_books_are_in_order() {
    live_through(&Database::sqlite(), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_at_three_gateways_the_books_are_in_order() {
    live_through(&Database::postgres().await, 3).await;
}
