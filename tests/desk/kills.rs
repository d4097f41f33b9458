//! `kill -9` at random moments while people book, move and cancel: what was acknowledged holds, and nothing has two
//! owners or none. `CRM_KILLS=100` makes it as long as you like. The counts are printed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{Visitor, key, patient, site};
use crate::on_both_engines;
use crate::support::caller::{Caller, Reply};
use crate::support::database::Database;
use crate::support::program::Program;
use crate::support::report;

on_both_engines!(
    what_was_acknowledged_holds_and_no_slot_has_two_owners_or_none,
    a_freed_slot_is_offered_to_one_person_at_a_time_in_order,
);

/// People who book at the same time.
const PEOPLE: u32 = 8;
/// Slots they all want, of each of the two practitioners.
const SLOTS: usize = 6;
/// Fewer operations in all would prove little.
const LOAD: u32 = 150;

fn kills() -> u32 {
    std::env::var("CRM_KILLS").map_or(6, |kills| kills.parse().expect("CRM_KILLS is a number"))
}

fn random(below: usize) -> usize {
    getrandom::u32().expect("random numbers") as usize % below
}

/// Who books does so until it is acknowledged or refused, as a page does.
struct Person {
    caller: Caller,
    number: u32,
    slots: Arc<[String]>,
    /// Appointments as they were acknowledged last.
    known: Vec<Value>,
    operations: u32,
}

impl Person {
    async fn persist(&self, method: &str, path: &str, token: &str, key: &str, body: Option<&Value>) -> Reply {
        let token = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json"), ("authorization", token.as_str())];
        headers.extend((!key.is_empty()).then_some(("idempotency-key", key)));
        let body = body.map(Value::to_string).unwrap_or_default();
        loop {
            let path = format!("/v1/sites/clinic/{path}");
            match self.caller.send(method.parse().expect("a method"), &path, &headers, body.clone()).await {
                Some(reply) if reply.status < 500 => return reply,
                _ => sleep(Duration::from_millis(20)).await,
            }
        }
    }

    async fn act(&mut self) {
        self.operations += 1;
        let start = self.slots[random(SLOTS)].clone();
        let practitioner = ["li", "zhao"][random(2)];
        let open = |known: &Value| known["status"] == "booked";
        let mine: Vec<usize> = (0..self.known.len()).filter(|at| open(&self.known[*at])).collect();
        if mine.is_empty() || random(3) == 0 {
            let body = json!({
                "service": "checkup", "practitioner": practitioner, "start": start, "answers": patient(self.number),
            });
            let key = key(self.number * 1_000_000 + self.operations);
            let reply = self.persist("POST", "appointments", "", &key, Some(&body)).await;
            return match reply.status {
                201 => self.known.push(reply.json()),
                status => assert_eq!(status, 409, "{}", reply.text()),
            };
        }
        let at = mine[random(mine.len())];
        let known = &self.known[at];
        let path = format!("appointments/{}", known["id"].as_str().expect("an id"));
        let token = known["token"].as_str().expect("a token");
        let reply = match random(2) {
            0 => self.persist("DELETE", &path, token, "", None).await,
            _ => {
                let body = json!({"practitioner": practitioner, "start": start});
                self.persist("PATCH", &path, token, "", Some(&body)).await
            }
        };
        match reply.status {
            200 => self.known[at] = reply.json(),
            status => assert_eq!(status, 409, "{}", reply.text()),
        }
    }
}

fn clinic(database: &Database) -> Program {
    Program::of(
        &database.url,
        &site(),
        vec![("NONE".to_owned(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())],
    )
}

async fn what_was_acknowledged_holds_and_no_slot_has_two_owners_or_none(database: Database) {
    let mut program = clinic(&database);
    program.start_as_usual().await;
    let caller = program.caller();
    let visitor = Visitor(&caller);
    let all: BTreeSet<String> = visitor.free("li").await.into_iter().collect();
    let slots: Arc<[String]> = all.iter().take(SLOTS).cloned().collect();
    let leaving = Arc::new(AtomicBool::new(false));
    let operations = Arc::new(AtomicU32::new(0));
    let mut crowd = JoinSet::new();
    for number in 0..PEOPLE {
        let (leaving, slots, caller) = (leaving.clone(), slots.clone(), program.caller());
        let operations = operations.clone();
        crowd.spawn(async move {
            let mut person = Person { caller, number, slots, known: Vec::new(), operations: 0 };
            while !leaving.load(Ordering::SeqCst) {
                person.act().await;
                operations.fetch_add(1, Ordering::SeqCst);
            }
            person
        });
    }
    let mut kills = 0;
    // A busy machine gets more kills until there was something to lose.
    while kills < self::kills() || operations.load(Ordering::SeqCst) < LOAD {
        sleep(Duration::from_millis(100 + random(700) as u64)).await;
        program.kill();
        program.start_as_usual().await;
        kills += 1;
    }
    leaving.store(true, Ordering::SeqCst);
    let people = crowd.join_all().await;

    let (mut booked, mut cancelled, mut changed) = (BTreeSet::new(), 0, 0);
    for person in &people {
        for known in &person.known {
            let path = format!("appointments/{}", known["id"].as_str().expect("an id"));
            let seen =
                person.persist("GET", &path, known["token"].as_str().expect("a token"), "", None).await;
            assert_eq!(&seen.json(), known, "as it was acknowledged");
            changed += known["sequence"].as_u64().expect("a number");
            match known["status"].as_str() {
                Some("booked") => {
                    let text = |member: &str| known[member].as_str().expect("text").to_owned();
                    assert!(booked.insert((text("practitioner"), text("start"))), "two owners: {known}");
                }
                _ => cancelled += 1,
            }
        }
    }
    for practitioner in ["li", "zhao"] {
        let mut seen: BTreeSet<String> =
            Visitor(&program.caller()).free(practitioner).await.into_iter().collect();
        let own = booked.iter().filter(|(who, _)| who == practitioner).map(|(_, start)| start.clone());
        for start in own {
            assert!(seen.insert(start), "booked and free");
        }
        assert_eq!(seen, all, "each slot is free or somebody's");
    }
    let engine = if database.dir.is_some() { "SQLite" } else { "PostgreSQL" };
    report(&format!(
        "{engine} booking: kills={kills} operations={} open={} cancelled={cancelled} changes={changed} \
         lost=0 overlaps=0 orphans=0",
        operations.load(Ordering::SeqCst),
        booked.len()
    ));
    assert!(cancelled > 0 && changed > 0, "nobody changed anything");
}

async fn a_freed_slot_is_offered_to_one_person_at_a_time_in_order(database: Database) {
    let mut program = clinic(&database);
    program.start_as_usual().await;
    let slot = Visitor(&program.caller()).free("li").await.remove(0);
    let caller = program.caller();
    let new = |number: u32| Person {
        caller: caller.clone(),
        number,
        slots: [slot.clone()].into(),
        known: Vec::new(),
        operations: 0,
    };
    let owner = new(0);
    let body = json!({"service": "checkup", "practitioner": "li", "start": slot, "answers": patient(0)});
    let booked = owner.persist("POST", "appointments", "", &key(0), Some(&body)).await.json();
    let text = |json: &Value, member: &str| json[member].as_str().expect("text").to_owned();
    let mut people = Vec::new();
    for number in 1..=5 {
        let person = new(number);
        let body = json!({"service": "checkup", "answers": patient(number)});
        let waiting = person.persist("POST", "waitlist", "", &key(number), Some(&body)).await.json();
        let path = format!("waitlist/{}", text(&waiting, "id"));
        people.push((person, path, text(&waiting, "token")));
    }
    let path = format!("appointments/{}", text(&booked, "id"));
    // Whose turn it is is given up while the program is killed.
    let mut leaving = (path, text(&booked, "token"));
    let mut kills = 0;
    for at in 0..people.len() {
        let caller = new(0);
        let (path, token) = leaving.clone();
        let left =
            tokio::spawn(async move { caller.persist("DELETE", &path, &token, "", None).await.status });
        for _ in 0..2 {
            sleep(Duration::from_millis(random(600) as u64)).await;
            program.kill();
            program.start_as_usual().await;
            kills += 1;
        }
        // A place on the waitlist that is left already is not found any more.
        assert!([200, 204, 404].contains(&left.await.expect("it ends")));
        let mut turns = Vec::new();
        for _ in 0..100 {
            turns.clear();
            for (person, path, token) in &people {
                turns.push(text(&person.persist("GET", path, token, "", None).await.json(), "turn"));
            }
            assert!(turns.iter().filter(|turn| *turn == "offered").count() <= 1, "{turns:?}");
            if turns[at] == "offered" {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        let expected: Vec<&str> = (0..people.len())
            .map(|other| {
                if other < at {
                    "over"
                } else if other == at {
                    "offered"
                } else {
                    "waiting"
                }
            })
            .collect();
        assert_eq!(turns, expected);
        leaving = (people[at].1.clone(), people[at].2.clone());
    }
    let engine = if database.dir.is_some() { "SQLite" } else { "PostgreSQL" };
    report(&format!("{engine} waitlist: kills={kills} offered={} twice=0 out_of_order=0", people.len()));
}
