//! `kill -9` of the real program at every boundary of every connector's requests.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::setup;
use crate::on_both_engines;
use crate::support::crms::{self, fake::Fake, mishap::Moment};
use crate::support::database::Database;
use crate::support::program::{Person, Program};
use crate::support::report;

on_both_engines!(a_person_is_one_lead_and_a_submission_one_note_under_kills);

/// More than any connector makes for one enquiry of somebody new.
const REQUESTS: usize = 6;

/// How long what is left may take: leases of the dead run out, and CRMs show what they have taken.
const ARRIVAL: Duration = Duration::from_secs(180);

async fn a_person_is_one_lead_and_a_submission_one_note_under_kills(database: Database) {
    let mut all = Vec::new();
    for crm in crms::ALL {
        all.push(Fake::start(crm).await);
    }
    let (connections, environment): (Vec<Value>, Vec<_>) = all.iter().map(setup::for_a_program).unzip();
    let environment = environment.into_iter().flatten().collect();
    let mut program = Program::with(&database.url, json!(connections), environment);
    program.start().await;

    let mut kills = 0;
    let mut submissions = Vec::new();
    for moment in [Moment::Before, Moment::After] {
        for n in 1..=REQUESTS {
            let person = Person::new(kills);
            all.iter().for_each(|crm| crm.hold_at(n, moment));
            submissions.push((program.enquire(&person).await, person.email.clone()));
            until_held(&all).await;
            program.kill();
            kills += 1;
            all.iter().for_each(Fake::calm);
            // No gateway dies so often that a CRM finds it asks for too many tokens.
            all.iter().for_each(Fake::forget_tokens_given);
            program.start().await;
        }
    }
    until_delivered(&program).await;
    report(&format!("connectors={} kills={kills} submissions={}", all.len(), submissions.len()));
    all.iter().for_each(|crm| assert_once(crm, &submissions));
}

/// Until most CRMs hold a request; those that need fewer have none to hold.
async fn until_held(all: &[Fake]) {
    let each = all.iter().map(|crm| tokio::time::timeout(Duration::from_millis(1500), crm.held()));
    futures_util::future::join_all(each).await;
}

/// A note is not the last that a connector makes of an enquiry: until all of it is done, and recorded.
async fn until_delivered(program: &Program) {
    let deadline = Instant::now() + ARRIVAL;
    loop {
        let undelivered = program.undelivered();
        if undelivered.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "not delivered:\n{undelivered}");
        sleep(Duration::from_millis(500)).await;
    }
}

fn assert_once(crm: &Fake, submissions: &[(String, String)]) {
    let (people, notes) = (crm.people(), crm.notes());
    for (id, email) in submissions {
        let persons = people.iter().filter(|person| person.email == *email).count();
        let about = notes.iter().filter(|note| note.text.contains(id)).count();
        assert_eq!((persons, about), (1, 1), "{}: leads and notes of {email}", crm.name());
    }
    assert_eq!(people.len(), submissions.len(), "{}", crm.name());
    assert_eq!(crm.complaints(), Vec::<String>::new(), "{} complains", crm.name());
}
