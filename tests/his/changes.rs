//! Moving and cancelling at a hospital that has changed meanwhile.

use serde_json::json;

use super::{Clinic, site};
use crate::support::database::Database;
use crate::support::his::fake::Hospital;
use crate::support::his::{Ward, text, until};

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
    hospital.remove(&format!("Slot/{}", ward.slots[1]));
    assert_eq!(clinic.own("DELETE", &own, None).await.status, 200);
    clinic.rests().await;
    let appointments = hospital.fhir.appointments(&ward.slots[1]).await;
    assert_eq!((appointments.len(), text(&appointments[0]["status"]).as_str()), (1, "cancelled"));
    assert_eq!(hospital.complaints(), [""; 0]);
}
