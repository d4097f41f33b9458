//! Hospitals' slots at real servers: Sekmet, which keeps FHIR's rules, and Medplum's router in memory, which does not
//! undo the rest of a transaction of which it refuses a part.

use crate::his::{bookings, refusals};
use crate::support::database::Database;
use crate::support::fhir;
use crate::support::his::{Fhir, sekmet};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Sekmet: cargo xtask test live"]
async fn a_slot_is_booked_moved_and_cancelled_at_the_hospital() {
    bookings::booked_moved_and_cancelled(Database::sqlite(), &sekmet::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Sekmet: cargo xtask test live"]
async fn a_slot_that_somebody_else_got_there_is_cancelled_here() {
    bookings::taken_at_the_hospital(Database::sqlite(), &sekmet::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Sekmet: cargo xtask test live"]
async fn of_sixteen_gateways_that_want_one_slot_one_gets_it() {
    bookings::sixteen_gateways(&sekmet::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Sekmet: cargo xtask test live"]
async fn a_gateway_that_dies_before_it_hears_the_answer_makes_one_appointment() {
    bookings::dies_before_it_hears(&sekmet::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Sekmet: cargo xtask test live"]
async fn finding_out_changes_nothing_at_a_sound_server() {
    refusals::found_out(&sekmet::server().await).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a FHIR server: cargo xtask test live"]
async fn nothing_is_booked_at_medplums_router_in_memory() {
    let server = Fhir { base: format!("{}{}", fhir::origin(), fhir::BASE) };
    let ward = server.ward(2).await;
    refusals::refused(&server, &ward, "answered 200 to a transaction of which it refused a part").await;
}
