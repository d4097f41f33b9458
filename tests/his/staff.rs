//! What staff does at a site whose slots are a hospital's.

use serde_json::{Value, json};

use super::{Clinic, wanted};
use crate::on_both_engines;
use crate::staff::Staff;
use crate::support::database::Database;
use crate::support::his::fake::{Hospital, Manner, Mishap};
use crate::support::his::{text, until};

on_both_engines!(
    what_staff_books_is_booked_once_the_hospital_has_it,
    what_the_hospital_has_yet_to_answer_is_not_confirmed_by_staff,
    what_the_hospital_will_never_answer_is_confirmed_by_staff,
);

async fn what_staff_books_is_booked_once_the_hospital_has_it(database: Database) {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    let clinic = Clinic::with(database, &hospital.fhir, &ward).await;
    let staff = Staff::chief(&clinic.gateway).await;
    let booked =
        staff.post("appointments", "key-of-what-staff-books", &wanted(&ward, 1, &ward.starts[0])).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    assert_eq!(booked.json()["status"], "requested", "the hospital has not agreed yet");
    sees(&staff, &text(&booked.json()["id"]), "booked").await;
    assert_eq!(hospital.fhir.status(&ward.slots[0]).await, "busy");
    assert_eq!(hospital.fhir.appointments(&ward.slots[0]).await.len(), 1);

    // Given away at the hospital's own counter.
    hospital.fhir.set(&ward.slots[1], "busy").await;
    let late = staff.post("appointments", "key-of-what-comes-late", &wanted(&ward, 2, &ward.starts[1])).await;
    assert_eq!(late.status, 201, "{}", late.text());
    sees(&staff, &text(&late.json()["id"]), "cancelled").await;
    clinic.gateway.stop().await;
}

async fn what_the_hospital_has_yet_to_answer_is_not_confirmed_by_staff(database: Database) {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(2).await;
    let clinic = Clinic::with(database, &hospital.fhir, &ward).await;
    let staff = Staff::chief(&clinic.gateway).await;
    hospital.mishap([Mishap::Refuse(503)]);
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    let path = format!("appointments/{}", own.id);
    let refused = staff.patch(&path, json!({"status": "booked"})).await;
    assert_eq!((refused.status, refused.problem().as_str()), (409, "wrong-status"), "{}", refused.text());
    assert_eq!(
        refused.json()["detail"],
        "The hospital has not answered yet. It is confirmed or cancelled by itself once it has."
    );
    clinic.sees(&own, "booked").await;
    assert_eq!(hospital.fhir.appointments(&ward.slots[0]).await.len(), 1);
    let again = staff.patch(&path, json!({"status": "booked"})).await;
    assert_eq!(again.status, 200, "confirmed already: {}", again.text());
    clinic.gateway.stop().await;
}

async fn what_the_hospital_will_never_answer_is_confirmed_by_staff(database: Database) {
    let hospital = Hospital::start().await;
    hospital.behave(Manner::Careless);
    let ward = hospital.fhir.ward(2).await;
    let clinic = Clinic::with(database, &hospital.fhir, &ward).await;
    let staff = Staff::chief(&clinic.gateway).await;
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.rests().await;
    let confirmed = staff.patch(&format!("appointments/{}", own.id), json!({"status": "booked"})).await;
    assert_eq!(
        (confirmed.status, &confirmed.json()["status"]),
        (200, &json!("booked")),
        "{}",
        confirmed.text()
    );
    assert_eq!(hospital.fhir.appointments(&ward.slots[0]).await.len(), 0);
    clinic.gateway.stop().await;
}

/// Waits until staff sees it in that state.
async fn sees(staff: &Staff<'_>, id: &str, status: &str) -> Value {
    let path = format!("appointments/{id}");
    until(async || staff.get(&path).await, |seen| seen["status"] == status).await
}
