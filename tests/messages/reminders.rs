//! Reminders: once each, late rather than never, and never for what is over.

use std::sync::Arc;

use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, EventId};
use crm_widgets::booking::{Candidate, Taking};
use crm_widgets::bus::Bus;
use crm_widgets::definitions::booking::{Blocks, Limits};
use crm_widgets::delivery::Reminders;
use crm_widgets::sites::Sites;
use crm_widgets::store::Store;
use crm_widgets::store::booking::{Book, Booked, Cancel, Move, Names, NewAppointment, NewEvent};
use crm_widgets::store::deliveries::{Deliveries, Filter};
use crm_widgets::store::sites::Apply;
use crm_widgets::store::submissions::Accept;

use super::journey::{gateway, site, wait_for};
use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::smtp::Smtp;

on_both_engines!(
    each_reminder_is_sent_once_whoever_sweeps,
    a_gateway_that_was_away_reminds_late_and_once,
    what_is_over_cancelled_or_unconfirmed_is_not_reminded_of,
    a_moved_appointment_is_reminded_of_at_its_new_time,
    who_booked_after_the_reminder_was_due_is_not_reminded,
    who_booked_a_service_that_is_gone_is_reminded_and_holds_up_nobody,
    a_reminder_reaches_the_person,
);

pub(super) const HOUR: i64 = 3_600_000;
/// 2026-12-01T00:00:00Z.
const NOW: i64 = 1_796_083_200_000;
/// When the appointments start.
const START: i64 = NOW + 72 * HOUR;

/// The site's gateway, as far as it reminds.
pub(super) async fn reminders(store: &Store) -> Reminders {
    store.run(Apply { sites: vec![("clinic".into(), site().to_string())] }).await.unwrap();
    let sites = Arc::new(Sites::load(store.clone()).await.unwrap());
    Reminders::new(store.clone(), sites, Bus::local())
}

pub(super) fn slot(start: i64) -> Candidate {
    let end = start + HOUR / 2;
    let takings = vec![Taking { resource: "li".into(), from: start, to: end, seats: 1 }];
    Candidate { practitioner: "li".into(), place: "lakeside".into(), start, end, takings }
}

pub(super) fn event(number: u128, kind: &str) -> NewEvent {
    NewEvent {
        id: EventId::from_u128(number),
        r#type: kind.into(),
        deliveries: vec![],
        names: Names::default(),
        reason: None,
    }
}

/// An appointment of that number at `start`, made at `now`.
pub(super) async fn book(store: &Store, number: u128, start: i64, now: i64, status: Status) {
    book_of(store, "checkup", number, slot(start), now, status).await;
}

/// The same of that service and slot.
async fn book_of(store: &Store, service: &str, number: u128, slot: Candidate, now: i64, status: Status) {
    let id = AppointmentId::from_u128(number);
    let submission = crate::delivery::submission(&[]);
    let body = r#"{"answers": {"name": "Wang Fang", "mail": "wang@example.com"},
                   "fields": [{"name": "mail", "type": "email", "label": "E-mail"}]}"#;
    let submission = Accept {
        submission: crm_widgets::store::submissions::Submission {
            form: "visit".into(),
            body: body.into(),
            ..submission.submission
        },
        answer: id.to_string(),
        ..submission
    };
    let appointment = NewAppointment {
        id,
        service: service.into(),
        department: "dentistry".into(),
        candidates: vec![slot],
        day: "2026-12-04".into(),
        status,
        patient_sha256: [u8::try_from(number).unwrap(); 32],
        limits: Limits::default(),
        per_day: Default::default(),
        overbook: None,
    };
    let book =
        Book { accept: submission, appointment, hold: None, event: event(number, "appointment.booked"), now };
    assert!(matches!(store.run(book).await.unwrap(), Booked::Stored(_)));
}

/// How many reminders are on their way to the person.
async fn told(store: &Store) -> usize {
    store.run(Deliveries { filter: Filter::default(), limit: 100 }).await.unwrap().len()
}

async fn each_reminder_is_sent_once_whoever_sweeps(database: Database) {
    let store = database.open().await;
    let [one, two] = [reminders(&store).await, reminders(&database.open().await).await];
    for number in 1..=5 {
        book(&store, number, START + i64::try_from(number).unwrap() * HOUR, NOW, Status::Booked).await;
    }
    assert_eq!(one.sweep(START - 24 * HOUR).await.unwrap(), 0, "not before it is due");
    for now in [START - 19 * HOUR, START - 10 * HOUR] {
        let (first, second) = tokio::join!(one.sweep(now), two.sweep(now));
        let expected = if now == START - 19 * HOUR { 5 } else { 0 };
        assert_eq!(first.unwrap() + second.unwrap(), expected);
        assert_eq!(told(&store).await, 5);
    }
    assert_eq!(one.sweep(START - HOUR / 2).await.unwrap(), 1, "two hours before the first");
    // As after a crash: what has been written is not written again.
    assert_eq!(reminders(&store).await.sweep(START - HOUR / 2).await.unwrap(), 0);
    assert_eq!(told(&store).await, 6);
}

async fn a_gateway_that_was_away_reminds_late_and_once(database: Database) {
    let store = database.open().await;
    let reminders = reminders(&store).await;
    book(&store, 1, START, NOW, Status::Booked).await;
    assert_eq!(reminders.sweep(START - HOUR).await.unwrap(), 1, "both were due, one says it");
    assert_eq!(reminders.sweep(START - HOUR / 2).await.unwrap(), 0);
}

async fn what_is_over_cancelled_or_unconfirmed_is_not_reminded_of(database: Database) {
    let store = database.open().await;
    let reminders = reminders(&store).await;
    book(&store, 1, START - 20 * HOUR, NOW, Status::Booked).await;
    book(&store, 2, START, NOW, Status::Booked).await;
    book(&store, 3, START + HOUR, NOW, Status::Requested).await;
    let cancel = Cancel {
        site: "clinic".into(),
        id: AppointmentId::from_u128(2),
        late: false,
        blocks: Blocks::default(),
        closed: false,
        expected_sequence: None,
        event: event(12, "appointment.cancelled"),
        now: NOW + HOUR,
    };
    store.run(cancel).await.unwrap();
    assert_eq!(reminders.sweep(START - 20 * HOUR).await.unwrap(), 0);
}

async fn a_moved_appointment_is_reminded_of_at_its_new_time(database: Database) {
    let store = database.open().await;
    let reminders = reminders(&store).await;
    book(&store, 1, START, NOW, Status::Booked).await;
    assert_eq!(reminders.sweep(START - 24 * HOUR).await.unwrap(), 1);
    let relocate = Move {
        site: "clinic".into(),
        id: AppointmentId::from_u128(1),
        candidates: vec![slot(START + 48 * HOUR)],
        day: "2026-12-06".into(),
        limits: Limits::default(),
        per_day: Default::default(),
        overbook: None,
        expected_sequence: None,
        event: event(12, "appointment.moved"),
        now: START - 20 * HOUR,
    };
    store.run(relocate).await.unwrap();
    assert_eq!(reminders.sweep(START - 2 * HOUR).await.unwrap(), 0, "nothing at the old time");
    assert_eq!(reminders.sweep(START + 24 * HOUR).await.unwrap(), 1);
}

async fn who_booked_after_the_reminder_was_due_is_not_reminded(database: Database) {
    let store = database.open().await;
    let reminders = reminders(&store).await;
    book(&store, 1, START, START - 23 * HOUR, Status::Booked).await;
    assert_eq!(reminders.sweep(START - 22 * HOUR).await.unwrap(), 0);
    assert_eq!(reminders.sweep(START - 2 * HOUR).await.unwrap(), 1, "the next one");
}

async fn who_booked_a_service_that_is_gone_is_reminded_and_holds_up_nobody(database: Database) {
    let store = database.open().await;
    let reminders = reminders(&store).await;
    // More than are found at a time, and the last one of a service there is.
    for number in 1..=102_u32 {
        let service = if number == 102 { "checkup" } else { "gone" };
        let start = START + i64::from(number) * HOUR / 6;
        let short = |slot: Candidate| {
            let end = start + HOUR / 6;
            let takings = slot.takings.into_iter().map(|taking| Taking { to: end, ..taking }).collect();
            Candidate { end, takings, ..slot }
        };
        book_of(&store, service, number.into(), short(slot(start)), NOW, Status::Booked).await;
    }
    assert_eq!(reminders.sweep(START - 2 * HOUR).await.unwrap(), 102);
    assert_eq!(reminders.sweep(START - 2 * HOUR).await.unwrap(), 0);
}

async fn a_reminder_reaches_the_person(database: Database) {
    let smtp = Smtp::start().await;
    let now = jiff::Timestamp::now().as_millisecond();
    let start = (now / 300_000) * 300_000 + HOUR;
    book(&database.open().await, 1, start, now - 72 * HOUR, Status::Booked).await;
    let gateway = gateway(database, &smtp).await;
    let [mail] = &wait_for(&smtp, 1).await[..] else { panic!("not one mail") };
    assert_eq!(mail.to, ["wang@example.com"]);
    assert!(mail.header("subject").unwrap().starts_with("就诊提醒：口腔检查，"), "{mail:?}");
    assert!(mail.text().contains("\n请携带：医保卡\n"));
    gateway.stop().await;
}
