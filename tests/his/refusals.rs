//! A server that would give a slot to two people is recognised, and nothing is booked there.

use crm_widgets::store::deliveries::{Deliveries, Filter, State};

use super::Clinic;
use crate::support::database::Database;
use crate::support::his::fake::{Hospital, Manner};
use crate::support::his::{Fhir, Ward, until};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_booked_at_a_server_that_ignores_if_match() {
    refused_by_manner(Manner::Careless, "answered 200 to a PUT of Slot/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_booked_at_a_server_that_ignores_if_match_in_transactions() {
    refused_by_manner(Manner::CarelessInTransactions, "answered 200 to a transaction with a PUT of Slot/")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_booked_at_a_server_that_does_transactions_in_part() {
    refused_by_manner(Manner::InPart, "answered 200 to a transaction of which it refused a part").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_booked_at_a_server_that_undoes_no_part_of_a_transaction() {
    refused_by_manner(Manner::Halfway, "answered 412 to a transaction of which it has done a part").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_booked_at_a_server_that_does_not_know_versions() {
    for status in [400, 404, 405, 422, 501] {
        refused_by_manner(Manner::Odd(status), &format!("answered {status} to a PUT of Slot/")).await;
    }
}

async fn refused_by_manner(manner: Manner, why: &str) {
    let hospital = Hospital::start().await;
    hospital.behave(manner);
    let ward = hospital.fhir.ward(2).await;
    refused(&hospital.fhir, &ward, why).await;
    assert_eq!(hospital.transactions(), 0);
}

/// The appointment stays requested, the log of its delivery says why, and the hospital has heard of nothing.
pub async fn refused(fhir: &Fhir, ward: &Ward, why: &str) {
    let clinic = Clinic::with(Database::sqlite(), fhir, ward).await;
    let own = clinic.request(ward, 1, &ward.starts[0]).await;
    let store = clinic.gateway.database.open().await;
    let filter = Filter { state: Some(State::Exhausted), ..Filter::default() };
    let exhausted =
        async || store.run(Deliveries { filter: filter.clone(), limit: 10 }).await.expect("deliveries");
    let given_up = until(exhausted, |all| !all.is_empty()).await;
    let error = given_up[0].attempts[0].error.clone().unwrap_or_default();
    assert!(error.contains(why) && error.contains(&fhir.base), "{error}");
    assert!(error.ends_with("crm-widgets his check clinic, then crm-widgets replay --exhausted"), "{error}");
    clinic.sees(&own, "requested").await;
    assert_eq!(fhir.appointments(&ward.slots[0]).await.len(), 0);
    assert_eq!(fhir.status(&ward.slots[0]).await, "free");
}

#[tokio::test(flavor = "multi_thread")]
async fn finding_out_changes_nothing_at_a_sound_server() {
    found_out(&Hospital::start().await.fhir).await;
}

pub async fn found_out(fhir: &Fhir) {
    let ward = fhir.ward(2).await;
    let clinic = Clinic::with(Database::sqlite(), fhir, &ward).await;
    let slots = async || fhir.search(&format!("Slot?schedule=Schedule/{}", ward.schedule)).await;
    let before = slots().await;
    assert_eq!(clinic.command(&["his", "check", "clinic"]).await, "clinic: it can be written to\n");
    assert_eq!((before.len(), slots().await), (2, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_put_right_is_booked_at_after_a_check() {
    let hospital = Hospital::start().await;
    hospital.behave(Manner::Careless);
    let ward = hospital.fhir.ward(2).await;
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    let said = clinic.command(&["his", "check", "clinic"]).await;
    let line = format!("crm-widgets: {}: it answered 200 to a PUT of Slot/", hospital.fhir.base);
    assert!(said.starts_with(&line) && said.lines().count() == 1, "{said}");
    hospital.behave(Manner::Sound);
    assert_eq!(clinic.command(&["his", "check", "clinic"]).await, "clinic: it can be written to\n");
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
}
