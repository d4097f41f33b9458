use crm_widgets::connector::library::Library;
use crm_widgets::store::deliveries::State;

use super::{Outbox, connection, quick};
use crate::on_both_engines;
use crate::support::crm::{Answer, Crm};
use crate::support::database::Database;

on_both_engines!(events_of_one_person_go_one_after_the_other);

/// Makes a person unless it knows one.
const CONNECTOR: &str = r#"
connector: people
title: People
verified: documentation
links:
  person: "{{ answers.phone }}"
steps:
  - stepId: create
    when: "not link.person"
    request: {path: /create, headers: {webhook-id: "create-{{ event.id }}"}, body: {phone: "{{ answers.phone }}"}}
    repeat: safe
    remember: {person: "7"}
  - stepId: note
    request: {path: /note, headers: {webhook-id: "note-{{ event.id }}"}, body: {person: "{{ link.person or 'new' }}"}}
    repeat: safe
"#;

/// The first is made by a gateway while another one has the next.
async fn events_of_one_person_go_one_after_the_other(database: Database) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("people.yaml"), CONNECTOR).unwrap();
    let library = || Library::load(Some(directory.path())).unwrap();
    let crm = Crm::start().await;
    crm.next([Answer::Hang]);
    let mut connection = connection("crm", &crm);
    (connection.connector, connection.secrets) = ("people".into(), Default::default());
    let one = Outbox::with(database.open().await, vec![connection.clone()], quick(), library()).await;
    let two = Outbox::with(database.open().await, vec![connection], quick(), library()).await;
    for _ in 0..4 {
        one.accept(&["crm"]).await;
    }
    two.bus.wake();
    let delivered = one.wait_for(State::Delivered).await;
    let outcomes: Vec<_> =
        delivered.iter().flat_map(|delivery| &delivery.attempts).map(|attempt| &attempt.outcome).collect();
    let timeouts = outcomes.iter().filter(|outcome| **outcome == "timeout").count();
    assert_eq!((timeouts, outcomes.len()), (1, 5), "to wait for another is no attempt: {outcomes:?}");
    let requests = crm.received();
    let made = requests.iter().filter(|request| request.json().get("phone").is_some()).count();
    assert_eq!(made, 2, "once for real, once into the void");
    let notes = requests.iter().filter(|request| request.json()["person"] == "7").count();
    assert_eq!(notes, 3, "the next ones know the person");
}
