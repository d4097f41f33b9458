use crm_protocol::booking::Turn;
use crm_protocol::id::WaitingId;
use crm_widgets::store::booking::{AddException, Added, Exceptions, FindWaiting, NewWaiting, Wait, Waited};
use crm_widgets::store::purge::{ANSWERS_MS, Purge, Purged, UNBOUND_MS};
use crm_widgets::store::submissions::{Accepted, Spent};

use super::uploads::upload;
use super::{NOW, submission};
use crate::on_both_engines;
use crate::support::database::Database;

on_both_engines!(
    what_is_needed_stays_and_what_is_not_goes,
    a_purge_goes_in_batches,
    past_changes_of_the_schedules_go_a_year_later,
    who_waits_until_a_day_waits_until_it_is_past_everywhere,
);

async fn what_is_needed_stays_and_what_is_not_goes(database: Database) {
    let store = database.open().await;
    store.run(upload(1)).await.unwrap();
    store.run(upload(2)).await.unwrap();
    let mut accept = submission(1);
    accept.uploads = vec![upload(1).upload.id];
    accept.spent = Some(Spent { nonce: "00".into(), expires_at: NOW + 600_000 });
    store.run(accept).await.unwrap();

    let nothing =
        Purged { answers: 0, challenges: 0, uploads: 0, past: 0, exceptions: 0, waiting: 0, more: false };
    assert_eq!(store.run(Purge { now: NOW + 600_000 }).await.unwrap(), nothing);
    let day = store.run(Purge { now: NOW + UNBOUND_MS + 1 }).await.unwrap();
    assert_eq!((day.challenges, day.uploads), (1, 1), "the file of the submission stays");
    let three_days = NOW + 72 * 3_600_000;
    assert_eq!(store.run(Purge { now: three_days }).await.unwrap(), nothing);
    let repeated = store.run(submission(1)).await.unwrap();
    assert!(matches!(repeated, Accepted::Repeated { .. }), "{repeated:?}");
    assert_eq!(store.run(Purge { now: NOW + ANSWERS_MS + 1 }).await.unwrap().answers, 1);
}

async fn a_purge_goes_in_batches(database: Database) {
    let store = database.open().await;
    let tasks: Vec<_> = (0..1_100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { store.run(submission(number)).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let later = Purge { now: NOW + ANSWERS_MS + 1 };
    let first = store.run(later).await.unwrap();
    assert_eq!((first.answers, first.more), (1_000, true));
    let second = store.run(later).await.unwrap();
    assert_eq!((second.answers, second.more), (100, false));
}

const HOUR: i64 = 3_600_000;

/// 2026-12-01T00:00:00Z.
const DECEMBER: i64 = 1_796_083_200_000;

async fn past_changes_of_the_schedules_go_a_year_later(database: Database) {
    let store = database.open().await;
    let add = |id: &str, body: &str| AddException {
        site: "clinic".into(),
        id: id.into(),
        body: body.into(),
        now: DECEMBER,
    };
    let hours = r#""hours": {"from": "08:00", "to": "12:00"}"#;
    for (id, body) in [
        ("day", r#"{"closed": {"from": "2026-12-01"}}"#.to_owned()),
        ("days", r#"{"closed": {"from": "2026-12-01", "to": "2026-12-02"}}"#.to_owned()),
        ("open", format!(r#"{{"open": {{"who": "li", "place": "main", "day": "2026-12-03", {hours}}}}}"#)),
        ("damaged", "{}".to_owned()),
    ] {
        assert_eq!(store.run(add(id, &body)).await.unwrap(), Added::Stored);
    }
    let left = async |days: i64| {
        let purged = store.run(Purge { now: DECEMBER + days * 24 * HOUR }).await.unwrap();
        let list = Exceptions { site: "clinic".into(), after: None, limit: 9 };
        let ids: Vec<String> = store.run(list).await.unwrap().into_iter().map(|stored| stored.id).collect();
        (purged.exceptions, ids.join(" "))
    };
    assert_eq!(left(366).await, (0, "damaged day days open".into()));
    assert_eq!(left(367).await, (1, "damaged days open".into()));
    assert_eq!(left(368).await, (1, "damaged open".into()));
    assert_eq!(left(430).await, (1, "damaged".into()), "what nobody understands is for somebody to look at");
}

async fn who_waits_until_a_day_waits_until_it_is_past_everywhere(database: Database) {
    let store = database.open().await;
    for (number, to_day) in [(1, Some("2026-12-01")), (2, Some("2026-12-02")), (3, None)] {
        let waiting = NewWaiting {
            id: WaitingId::from_u128(number),
            service: "checkup".into(),
            practitioner: None,
            from_day: "2026-12-01".into(),
            to_day: to_day.map(str::to_owned),
        };
        let mut patient_sha256 = [0; 32];
        patient_sha256[..16].copy_from_slice(&number.to_be_bytes());
        let wait = Wait { accept: submission(number), waiting, patient_sha256 };
        assert!(matches!(store.run(wait).await.unwrap(), Waited::Stored(_)));
    }
    let turns = async |hours: i64| {
        let now = DECEMBER + hours * HOUR;
        let purged = store.run(Purge { now }).await.unwrap();
        let mut turns = Vec::new();
        for number in 1..=3 {
            let find = FindWaiting { site: "clinic".into(), id: WaitingId::from_u128(number), now };
            turns.push(store.run(find).await.unwrap().unwrap().turn);
        }
        (purged.waiting, turns)
    };
    use Turn::{Over, Waiting};
    // Twelve hours behind UTC the first day ends at noon of the second.
    assert_eq!(turns(35).await, (0, vec![Waiting; 3]));
    assert_eq!(turns(36).await, (1, vec![Over, Waiting, Waiting]));
    assert_eq!(turns(60).await, (1, vec![Over, Over, Waiting]));
    assert_eq!(turns(24 * 365).await, (0, vec![Over, Over, Waiting]), "until whenever");
}
