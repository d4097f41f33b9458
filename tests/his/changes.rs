//! Moving and cancelling at a hospital that has changed meanwhile.

use crm_widgets::store::booking::FindAppointment;
use serde_json::json;

use super::{Clinic, site};
use crate::staff::Staff;
use crate::support::database::Database;
use crate::support::his::fake::{Hospital, Mishap};
use crate::support::his::{Ward, text, until};

crate::on_both_engines!(
    who_cannot_go_back_is_told_that_it_is_cancelled,
    who_goes_back_is_back_on_the_day_it_was,
    what_is_cancelled_before_the_hospital_had_it_shows_as_the_hospital_has_it,
);

/// A clinic that reads what the hospital has when it is told to.
async fn quiet(database: Database, hospital: &Hospital, ward: &Ward) -> Clinic {
    let mut site = site(&hospital.fhir.base);
    site["booking"]["his"]["every"] = json!(1_440);
    let clinic = Clinic::of(database, site).await;
    until(async || clinic.free(ward).await.len(), |free| *free > 0).await;
    clinic
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_the_hospital_has_deleted_can_be_left() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    let clinic = quiet(Database::sqlite(), &hospital, &ward).await;
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
    hospital.remove(&format!("Slot/{}", ward.slots[0]));
    assert_eq!(clinic.own("PATCH", &own, Some(json!({"start": ward.starts[1]}))).await.status, 200);
    clinic.sees(&own, "booked").await;
    assert_eq!(hospital.fhir.status(&ward.slots[1]).await, "busy");
    // Longer than it takes until a gateway knows what has changed.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(clinic.free(&ward).await, ward.starts[2..]);
    hospital.remove(&format!("Slot/{}", ward.slots[1]));
    assert_eq!(clinic.own("DELETE", &own, None).await.status, 200);
    clinic.rests().await;
    let appointments = hospital.fhir.appointments(&ward.slots[1]).await;
    assert_eq!((appointments.len(), text(&appointments[0]["status"]).as_str()), (1, "cancelled"));
    assert_eq!(hospital.complaints(), [""; 0]);
}

async fn who_cannot_go_back_is_told_that_it_is_cancelled(database: Database) {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    let clinic = quiet(database, &hospital, &ward).await;
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
    // Between the first try of the move and the second, the hospital has given the new slot away and deleted the old one.
    hospital.mishap([Mishap::Refuse(503)]);
    assert_eq!(clinic.own("PATCH", &own, Some(json!({"start": ward.starts[1]}))).await.status, 200);
    until(async || hospital.transactions(), |sent| *sent == 2).await;
    hospital.fhir.set(&ward.slots[1], "busy").await;
    hospital.remove(&format!("Slot/{}", ward.slots[0]));
    let said = clinic.command(&["his", "import", "clinic"]).await;
    assert!(said.ends_with("1 slots changed, 1 gone\n"), "{said}");
    clinic.sees(&own, "cancelled").await;
    clinic.rests().await;
    let seen = Staff::chief(&clinic.gateway).await.get(&format!("appointments/{}", own.id)).await;
    let kinds: Vec<String> =
        seen["history"].as_array().expect("a history").iter().map(|one| text(&one["type"])).collect();
    let wanted =
        ["appointment.requested", "appointment.booked", "appointment.moved", "appointment.cancelled"];
    assert_eq!(kinds, wanted);
    let appointments = hospital.fhir.appointments(&ward.slots[0]).await;
    assert_eq!((appointments.len(), text(&appointments[0]["status"]).as_str()), (1, "cancelled"));
    clinic.gateway.stop().await;
}

async fn who_goes_back_is_back_on_the_day_it_was(database: Database) {
    let hospital = Hospital::start().await;
    let mut ward = hospital.fhir.ward(1).await;
    hospital.fhir.add_slot(&mut ward, 48, 30).await;
    let clinic = quiet(database, &hospital, &ward).await;
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
    let store = clinic.gateway.database.open().await;
    let find = FindAppointment { site: "clinic".into(), id: own.id.parse().expect("an id") };
    let day = async || store.run(find.clone()).await.expect("a read").expect("an appointment").day;
    let before = day().await;
    hospital.fhir.set(&ward.slots[1], "busy").await;
    assert_eq!(clinic.own("PATCH", &own, Some(json!({"start": ward.starts[1]}))).await.status, 200);
    assert_ne!(day().await, before);
    clinic.sees(&own, "booked").await;
    assert_eq!(day().await, before);
    clinic.gateway.stop().await;
}

async fn what_is_cancelled_before_the_hospital_had_it_shows_as_the_hospital_has_it(database: Database) {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(2).await;
    let clinic = quiet(database, &hospital, &ward).await;
    hospital.mishap([Mishap::Refuse(503)]);
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    until(async || hospital.transactions(), |sent| *sent == 1).await;
    hospital.fhir.set(&ward.slots[0], "busy").await;
    clinic.command(&["his", "import", "clinic"]).await;
    assert_eq!(clinic.own("DELETE", &own, None).await.status, 200);
    clinic.rests().await;
    // Longer than it takes until a gateway knows what has changed.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(clinic.free(&ward).await, ward.starts[1..]);
    clinic.gateway.stop().await;
}
