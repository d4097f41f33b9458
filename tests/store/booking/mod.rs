//! Slots that are held, booked, moved and let go, each promise on both engines.

mod appointments;
mod audit;
mod erased;
mod events;
mod history;
mod holds;
mod limits;
mod races;
mod waitlist;

use std::collections::BTreeMap;

use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, DeliveryId, EventId, HoldId};
use crm_widgets::booking::{Candidate, Taking};
use crm_widgets::definitions::booking::{Blocks, Limits};
use crm_widgets::store::booking::{
    Book, Booked, Cancel, Cancelled, FindAppointment, Held, Hold, Move, Names, NewAppointment, NewEvent,
    Occupations, Release, StoredAppointment, StoredHold, SweepHolds,
};
use crm_widgets::store::submissions::{Accept, NewDelivery};
use crm_widgets::store::{Op, Store, StoreError, Tx};

use super::submission;

const MINUTE: i64 = 60_000;

/// The time at which everything starts: 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200_000;

/// When the first slot is: two days later.
const FIRST: i64 = NOW + 48 * 60 * MINUTE;

/// A hold of five minutes.
const HOLD: i64 = 5 * MINUTE;

/// Half an hour of a practitioner, so many minutes after [`FIRST`].
fn slot(practitioner: &str, minutes: i64) -> Candidate {
    with(practitioner, &[], minutes, 1)
}

/// The same with rooms or devices, all for so many people at the same time.
fn with(practitioner: &str, needs: &[&str], minutes: i64, seats: u32) -> Candidate {
    let (from, to) = (FIRST + minutes * MINUTE, FIRST + (minutes + 30) * MINUTE);
    let mut resources: Vec<&str> = needs.iter().copied().chain([practitioner]).collect();
    resources.sort_unstable();
    let taking = |resource: &str| Taking { resource: resource.into(), from, to, seats };
    Candidate {
        practitioner: practitioner.into(),
        place: "lakeside".into(),
        start: from,
        end: to,
        takings: resources.into_iter().map(taking).collect(),
    }
}

fn hold(number: u128, slot: Candidate) -> Hold {
    Hold {
        id: HoldId::from_u128(number),
        site: "clinic".into(),
        service: "checkup".into(),
        candidates: vec![slot],
        day: "2026-12-03".into(),
        per_day: BTreeMap::new(),
        now: NOW,
        expires_at: NOW + HOLD,
        key: format!("hold-{number}"),
        body_sha256: [number as u8; 32],
        spent: None,
    }
}

/// Every number is another person.
fn book(number: u128, slot: Candidate) -> Book {
    let id = AppointmentId::from_u128(number);
    Book {
        accept: Accept { answer: id.to_string(), deliveries: vec![], ..submission(number) },
        appointment: NewAppointment {
            id,
            service: "checkup".into(),
            department: "dentistry".into(),
            candidates: vec![slot],
            day: "2026-12-03".into(),
            status: Status::Booked,
            patient_sha256: person(number),
            limits: Limits::default(),
            per_day: BTreeMap::new(),
            overbook: None,
        },
        hold: None,
        event: event(number, "appointment.booked"),
        now: NOW,
    }
}

/// With the hold of the same number.
fn book_held(number: u128) -> Book {
    let mut book = book(number, slot("li", 0));
    book.appointment.candidates.clear();
    book.hold = Some(HoldId::from_u128(number));
    book
}

fn person(number: u128) -> [u8; 32] {
    let mut sha256 = [0; 32];
    sha256[..16].copy_from_slice(&number.to_be_bytes());
    sha256
}

/// One event for a number, to connection `crm`.
fn event(number: u128, kind: &str) -> NewEvent {
    NewEvent {
        id: EventId::from_u128(number),
        r#type: kind.into(),
        deliveries: vec![NewDelivery { id: DeliveryId::from_u128(number), connection: "crm".into() }],
        names: Names {
            time_zone: "Asia/Shanghai".into(),
            zones: BTreeMap::new(),
            service: "口腔检查".into(),
            practitioners: [("li".into(), "李医生".into())].into(),
            places: [("lakeside".into(), "湖滨诊所".into())].into(),
        },
        reason: None,
    }
}

fn relocate(number: u128, change: u128, slot: Candidate) -> Move {
    Move {
        site: "clinic".into(),
        id: AppointmentId::from_u128(number),
        candidates: vec![slot],
        day: "2026-12-03".into(),
        limits: Limits::default(),
        per_day: BTreeMap::new(),
        overbook: None,
        expected_sequence: None,
        event: event(change, "appointment.moved"),
        now: NOW,
    }
}

fn cancel(number: u128, change: u128) -> Cancel {
    Cancel {
        site: "clinic".into(),
        id: AppointmentId::from_u128(number),
        late: false,
        closed: false,
        expected_sequence: None,
        blocks: Blocks::default(),
        event: event(change, "appointment.cancelled"),
        now: NOW,
    }
}

fn release(number: u128) -> Release {
    Release { site: "clinic".into(), id: HoldId::from_u128(number), now: NOW }
}

/// All holds of the clinic that have ended by then.
fn ended_holds(now: i64) -> SweepHolds {
    SweepHolds { now, after: None, limit: 100 }
}

async fn held(store: &Store, hold: Hold) -> StoredHold {
    match store.run(hold).await.unwrap() {
        Held::Stored(hold) => hold,
        other => panic!("{other:?}"),
    }
}

async fn booked(store: &Store, book: Book) -> StoredAppointment {
    match store.run(book).await.unwrap() {
        Booked::Stored(appointment) => appointment,
        other => panic!("{other:?}"),
    }
}

async fn cancelled(store: &Store, cancel: Cancel) -> StoredAppointment {
    match store.run(cancel).await.unwrap() {
        Cancelled::Stored(appointment) => appointment,
        other => panic!("{other:?}"),
    }
}

async fn find(store: &Store, number: u128) -> StoredAppointment {
    let find = FindAppointment { site: "clinic".into(), id: AppointmentId::from_u128(number) };
    store.run(find).await.unwrap().unwrap()
}

/// What is taken of a resource: (minutes after [`FIRST`], how many minutes, a hold's end).
async fn taken(store: &Store, resource: &str) -> Vec<(i64, i64, Option<i64>)> {
    let occupations = Occupations {
        site: "clinic".into(),
        since: Default::default(),
        from: FIRST - 600 * MINUTE,
        to: FIRST + 6_000 * MINUTE,
        except: None,
    };
    let found = store.run(occupations).await.unwrap();
    let found = found.into_iter().find(|found| found.resource == resource);
    let of = found.map(|found| found.occupations).unwrap_or_default();
    of.into_iter().map(|of| ((of.from - FIRST) / MINUTE, (of.to - of.from) / MINUTE, of.until)).collect()
}

/// Counts the rows of a table.
struct Count(&'static str);

impl Op for Count {
    type Out = i64;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<i64, StoreError> {
        let row = tx.query_one(&format!("select count(*) from {}", self.0), &[]).await?;
        row.unwrap().int(0)
    }
}
