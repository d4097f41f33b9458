//! What is imported is what the hospital has, and nothing else.

use serde_json::json;

use super::{Clinic, key, site};
use crate::support::database::Database;
use crate::support::his::fake::Hospital;
use crate::support::his::{text, until};

crate::on_both_engines!(a_hospitals_slots_are_the_ones_that_can_be_booked);

async fn a_hospitals_slots_are_the_ones_that_can_be_booked(database: Database) {
    let hospital = Hospital::start().await;
    hospital.page(3);
    let mut ward = hospital.fhir.ward(8).await;
    hospital.fhir.set(&ward.slots[3], "busy-tentative").await;
    hospital.fhir.set(&ward.slots[4], "entered-in-error").await;
    hospital.fhir.add_slot(&mut ward, 12, 45).await;
    let clinic = Clinic::with(database, &hospital.fhir, &ward).await;
    let of = |numbers: &[usize]| numbers.iter().map(|at| ward.starts[*at].clone()).collect::<Vec<_>>();
    assert_eq!(clinic.free(&ward).await, of(&[0, 1, 2, 5, 6, 7]));
    assert_eq!(clinic.slots(&key(&ward.service, 30), |seats| seats == 0).await, of(&[3]));
    assert_eq!(clinic.slots(&key(&ward.service, 45), |_| true).await, of(&[8]));
    let offer = clinic.gateway.get("/v1/sites/clinic/services", &[]).await.json();
    assert_eq!(offer["departments"][0]["name"], "Dentistry");
    assert_eq!(offer["practitioners"][0]["name"], "Dr Wei Li");
    assert_eq!(offer["practitioners"][0]["title"], "Dentist");
    assert_eq!(offer["places"][0]["name"], "East wing");
    let taken = clinic.book(&ward, 1, &ward.starts[3]).await;
    assert_eq!((taken.status, taken.problem().as_str()), (409, "slot-taken"));
    let between = ward.starts[0].replace(":00:00Z", ":05:00Z");
    let between = clinic.book(&ward, 2, &between).await;
    assert_eq!((between.status, between.problem().as_str()), (422, "not-offered"));
    clinic.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hospital_takes_back_or_frees_follows() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    hospital.fhir.set(&ward.slots[0], "busy").await;
    assert!(
        clinic
            .command(&["his", "import", "clinic"])
            .await
            .ends_with("3 slots (2 free); 1 slots changed, 0 gone\n")
    );
    until(async || clinic.free(&ward).await, |free| *free == ward.starts[1..]).await;
    hospital.fhir.set(&ward.slots[0], "free").await;
    clinic.command(&["his", "import", "clinic"]).await;
    let again = clinic.command(&["his", "import", "clinic"]).await;
    assert!(again.ends_with("3 slots (3 free); 0 slots changed, 0 gone\n"), "{again}");
    until(async || clinic.free(&ward).await, |free| *free == ward.starts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_said_and_not_guessed() {
    let hospital = Hospital::start().await;
    let fhir = &hospital.fhir;
    let mut ward = fhir.ward(1).await;
    fhir.add_slot(&mut ward, 3, 12).await;
    fhir.add_slot(&mut ward, 0, 30).await;
    let nobody = json!({"resourceType": "Schedule", "actor": [{"reference": "Device/scanner"}]});
    let nobody = fhir.create(nobody).await;
    let clinic = Clinic::with(Database::sqlite(), fhir, &ward).await;
    let said = clinic.command(&["his", "import", "clinic"]).await;
    for line in [
        format!("Schedule/{nobody}: no practitioner: name one PractitionerRole or Practitioner as its actor"),
        format!("Slot/{}: it begins or ends between two marks of five minutes", ward.slots[1]),
        format!("Slot/{}: another slot of its practitioner begins at the same time", ward.slots[2]),
    ] {
        assert!(said.contains(&format!("not understood: {line}\n")), "{line}\n{said}");
    }
    assert!(said.contains(" 1 slots (1 free)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_whole_changes_nothing() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(4).await;
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    hospital.end_after(2);
    let said = clinic.command(&["his", "import", "clinic"]).await;
    assert!(said.contains(": 2 of 4 came, and no link to the rest"), "{said}");
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(clinic.free(&ward).await, ward.starts);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_too_long_are_asked_for_in_smaller_ones() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(120).await;
    for slot in &ward.slots {
        let mut resource = hospital.fhir.read(&format!("Slot/{slot}")).await;
        resource["comment"] = json!("x".repeat(8_000));
        let (status, _) = hospital.fhir.send("PUT", &format!("/Slot/{slot}"), None, Some(&resource)).await;
        assert_eq!(status, 200);
    }
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    assert_eq!(clinic.free(&ward).await.len(), 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hospital_that_was_away_is_read_again_soon() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    hospital.end_after(2);
    let mut site = site(&hospital.fhir.base);
    site["booking"]["his"]["every"] = json!(1_440);
    let clinic = Clinic::of(Database::sqlite(), site).await;
    until(async || hospital.asked().len(), |asked| *asked > 3).await;
    hospital.page(100);
    hospital.go_on();
    until(async || clinic.free(&ward).await.len(), |free| *free == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_at_another_server_is_not_what_has_the_same_id_here() {
    let hospital = Hospital::start().await;
    let fhir = &hospital.fhir;
    let mut ward = fhir.ward(1).await;
    let here = fhir.read(&format!("Schedule/{}", ward.schedule)).await;
    let role = text(&here["actor"][0]["reference"]);
    let schedule =
        |base: &str| json!({"resourceType": "Schedule", "actor": [{"reference": format!("{base}/{role}")}]});
    let own = fhir.create(schedule(&fhir.base)).await;
    let foreign = fhir.create(schedule("https://other.example.com/fhir")).await;
    for (number, schedule) in [(4, own), (6, foreign.clone())] {
        ward.schedule = schedule;
        fhir.add_slot(&mut ward, number, 30).await;
    }
    let clinic = Clinic::with(Database::sqlite(), fhir, &ward).await;
    assert_eq!(clinic.free(&ward).await, ward.starts[..2]);
    let said = clinic.command(&["his", "import", "clinic"]).await;
    assert!(said.contains(&format!("not understood: Schedule/{foreign}: no practitioner")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_without_end_is_given_up() {
    let hospital = Hospital::start().await;
    let service =
        json!({"resourceType": "HealthcareService", "name": "Dentistry", "comment": "x".repeat(250_000)});
    hospital.fhir.create(service).await;
    hospital.never_end();
    let mut site = site(&hospital.fhir.base);
    site["booking"]["his"]["every"] = json!(1_440);
    let clinic = Clinic::of(Database::sqlite(), site).await;
    let said = clinic.command(&["his", "import", "clinic"]).await;
    assert!(said.ends_with("HealthcareService?_count=100: it finds more than 32 MiB\n"), "{said}");
}
