//! A slot has one owner, here and there.

use serde_json::json;

use super::{Clinic, key, site, wanted};
use crate::staff::Staff;
use crate::support::database::Database;
use crate::support::his::fake::{Hospital, Mishap};
use crate::support::his::{Fhir, text, until};
use crate::support::program::Program;
use crate::support::relay::Relay;

crate::on_both_engines!(
    a_slot_is_booked_at_the_hospital_and_then_here,
    a_slot_that_somebody_else_got_there_is_cancelled_here,
);

async fn a_slot_is_booked_at_the_hospital_and_then_here(database: Database) {
    let hospital = Hospital::start().await;
    booked_moved_and_cancelled(database, &hospital.fhir).await;
    assert_eq!(hospital.complaints(), [""; 0]);
}

/// The whole way, at any server.
pub async fn booked_moved_and_cancelled(database: Database, fhir: &Fhir) {
    let ward = fhir.ward(4).await;
    let clinic = Clinic::with(database, fhir, &ward).await;
    assert_eq!(clinic.free(&ward).await, ward.starts);

    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
    let appointments = fhir.appointments(&ward.slots[0]).await;
    let [appointment] = appointments.as_slice() else { panic!("{appointments:?}") };
    assert_eq!(appointment["status"], "booked");
    assert_eq!(appointment["identifier"][0]["value"], own.id.as_str());
    assert_eq!(fhir.status(&ward.slots[0]).await, "busy");

    let to = json!({"start": ward.starts[2]});
    let moved = clinic.own("PATCH", &own, Some(to)).await;
    assert_eq!((moved.status, moved.json()["status"].as_str()), (200, Some("requested")), "{}", moved.text());
    clinic.sees(&own, "booked").await;
    assert_eq!(fhir.status(&ward.slots[0]).await, "free");
    assert_eq!(fhir.status(&ward.slots[2]).await, "busy");
    assert_eq!(fhir.appointments(&ward.slots[2]).await.len(), 1);
    assert_eq!(fhir.appointments(&ward.slots[0]).await.len(), 0);
    until(async || clinic.free(&ward).await, |free| free.contains(&ward.starts[0])).await;

    assert_eq!(clinic.own("DELETE", &own, None).await.status, 200);
    until(async || fhir.status(&ward.slots[2]).await, |status| status == "free").await;
    let appointments = fhir.appointments(&ward.slots[2]).await;
    assert_eq!((appointments.len(), appointments[0]["status"].as_str()), (1, Some("cancelled")));
    until(async || clinic.free(&ward).await, |free| *free == ward.starts).await;
    clinic.gateway.stop().await;
}

async fn a_slot_that_somebody_else_got_there_is_cancelled_here(database: Database) {
    let hospital = Hospital::start().await;
    taken_at_the_hospital(database, &hospital.fhir).await;
}

pub async fn taken_at_the_hospital(database: Database, fhir: &Fhir) {
    let ward = fhir.ward(3).await;
    let clinic = Clinic::with(database, fhir, &ward).await;
    fhir.set(&ward.slots[1], "busy").await;
    let own = clinic.request(&ward, 1, &ward.starts[1]).await;
    clinic.sees(&own, "cancelled").await;
    assert_eq!(fhir.appointments(&ward.slots[1]).await.len(), 0);
    until(async || clinic.free(&ward).await, |free| !free.contains(&ward.starts[1])).await;
    let reply = clinic.book(&ward, 2, &ward.starts[1]).await;
    assert_eq!((reply.status, reply.problem().as_str()), (409, "slot-taken"));
    assert!(
        reply.json()["alternatives"].as_array().is_some_and(|others| others.len() == 2),
        "{}",
        reply.text()
    );
    clinic.gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hospital_gave_away_sends_a_move_back_to_where_it_was() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
    hospital.fhir.set(&ward.slots[1], "busy").await;
    let moved = clinic.own("PATCH", &own, Some(json!({"start": ward.starts[1]}))).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    let seen = clinic.sees(&own, "booked").await;
    assert_eq!(seen["start"], ward.starts[0].as_str());
    assert_eq!(hospital.fhir.appointments(&ward.slots[0]).await.len(), 1);
    assert_eq!(hospital.fhir.appointments(&ward.slots[1]).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_gateways_that_want_one_slot_one_gets_it() {
    let hospital = Hospital::start().await;
    hospital.gather(16);
    sixteen_gateways(&hospital.fhir).await;
    assert_eq!(hospital.complaints(), [""; 0]);
}

/// Gateways with a database each know nothing of one another: the hospital decides.
pub async fn sixteen_gateways(fhir: &Fhir) {
    let ward = fhir.ward(1).await;
    let mut clinics = Vec::new();
    for _ in 0..16 {
        clinics.push(Clinic::with(Database::sqlite(), fhir, &ward).await);
    }
    let requests =
        clinics.iter().zip(1..).map(|(clinic, number)| clinic.request(&ward, number, &ward.starts[0]));
    let owns = futures_util::future::join_all(requests).await;
    let mut booked = 0;
    for (clinic, own) in clinics.iter().zip(&owns) {
        let ask = async || text(&clinic.own("GET", own, None).await.json()["status"]);
        booked += u32::from(until(ask, |status| status != "requested").await == "booked");
    }
    let appointments = fhir.appointments(&ward.slots[0]).await;
    assert_eq!((booked, appointments.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_an_outage_and_silence_make_one_appointment() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(3).await;
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    for (at, mishap) in [Mishap::Lose(502), Mishap::Refuse(503), Mishap::Hang].into_iter().enumerate() {
        hospital.mishap([mishap]);
        let own = clinic.request(&ward, at as u32, &ward.starts[at]).await;
        clinic.sees(&own, "booked").await;
        assert_eq!(hospital.fhir.appointments(&ward.slots[at]).await.len(), 1, "{mishap:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_that_comes_while_it_is_asked_again_is_the_appointments_own() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(2).await;
    let clinic = Clinic::with(Database::sqlite(), &hospital.fhir, &ward).await;
    for (at, after) in ["Slot", "Appointment"].into_iter().enumerate() {
        hospital.mishap([Mishap::Late(after)]);
        let own = clinic.request(&ward, at as u32, &ward.starts[at]).await;
        let ask = async || text(&clinic.own("GET", &own, None).await.json()["status"]);
        assert_eq!(until(ask, |status| status != "requested").await, "booked", "after {after}");
        assert_eq!(hospital.fhir.appointments(&ward.slots[at]).await.len(), 1, "after {after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_hospital_has_deleted_is_taken_also_where_nothing_was_booked_before() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(2).await;
    let mut site = site(&hospital.fhir.base);
    site["booking"]["his"]["every"] = json!(1_440);
    let clinic = Clinic::of(Database::sqlite(), site).await;
    until(async || clinic.free(&ward).await.len(), |free| *free > 0).await;
    hospital.remove(&format!("Slot/{}", ward.slots[0]));
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "cancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_hospital_is_asked_once() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(2).await;
    let mut site = site(&hospital.fhir.base);
    site["booking"]["his"]["every"] = json!(1_440);
    let clinic = Clinic::of(Database::sqlite(), site).await;
    until(async || clinic.free(&ward).await.len(), |free| *free > 0).await;
    hospital.slow(std::time::Duration::from_millis(1_700));
    let own = clinic.request(&ward, 1, &ward.starts[0]).await;
    clinic.sees(&own, "booked").await;
    let deliveries = clinic.rests().await;
    assert!(deliveries.iter().all(|one| one.attempts.len() == 1), "{deliveries:?}");
    assert_eq!(hospital.transactions(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_of_its_own_is_none_of_the_hospitals_business() {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(1).await;
    let mut site = site(&hospital.fhir.base);
    site["booking"]["his"]["every"] = json!(1_440);
    let own = json!({
        "departments": [{"key": "shop", "name": "Shop"}],
        "services": [{"key": "glasses", "department": "shop", "name": "Glasses", "minutes": 30, "practitioners": ["ann"],
                      "form": "visit", "approval": true}],
        "practitioners": [{"key": "ann", "name": "Ann"}], "places": [{"key": "hall", "name": "Hall"}],
        "schedules": [{"who": "ann", "place": "hall", "days": ["daily"], "hours": [{"from": "08:00", "to": "18:00"}]}],
    });
    site["booking"].as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
    let clinic = Clinic::of(Database::sqlite(), site).await;
    until(async || clinic.free(&ward).await.len(), |free| *free > 0).await;
    let start = clinic.slots("glasses", |seats| seats > 0).await.pop().expect("a slot");
    let mut glasses = wanted(&ward, 1, &start);
    glasses["service"] = json!("glasses");
    let before = hospital.asked().len();
    let own = clinic.request_for(&glasses).await;
    let [delivery] = &clinic.rests().await[..] else { panic!("not one delivery") };
    assert_eq!(delivery.attempts[0].outcome, "delivered");
    assert_eq!(
        delivery.attempts[0].error.as_deref(),
        Some("nothing was sent: it is no slot of the hospital's")
    );
    let asked = hospital.asked().split_off(before);
    assert!(asked.iter().all(|one| !one.contains("/") && !one.ends_with("Appointment")), "{asked:?}");
    assert_eq!(
        clinic.own("GET", &own, None).await.json()["status"],
        "requested",
        "staff has yet to confirm it"
    );
    let staff = Staff::chief(&clinic.gateway).await;
    let confirmed = staff.patch(&format!("appointments/{}", own.id), json!({"status": "booked"})).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    assert_eq!(clinic.own("GET", &own, None).await.json()["status"], "booked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_dies_before_it_hears_the_answer_makes_one_appointment() {
    dies_before_it_hears(&Hospital::start().await.fhir).await;
}

/// Killed between the effect at the hospital and the record here.
pub async fn dies_before_it_hears(fhir: &Fhir) {
    let ward = fhir.ward(2).await;
    let (origin, path) = fhir.base.split_at(fhir.base.rfind('/').expect("a path"));
    let relay = Relay::start(origin).await;
    let mut definition = site(&format!("{}{path}", relay.url()));
    // Nothing but the booking is on its way while an answer is held.
    definition["booking"]["his"]["every"] = json!(1_440);
    let database = Database::sqlite();
    let mut program = Program::of(&database.url, &definition, Vec::new());
    program.say(&["his", "import", "clinic"]);
    program.say(&["his", "check", "clinic"]);
    program.start().await;
    // The first reading after the start.
    let read = async || program.ask("GET", "/v1/sites/clinic/services", &[], "").await.1;
    until(read, |offer| !offer["services"].as_array().is_none_or(Vec::is_empty)).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;

    // Mine, the slot, its schedule: the fourth request books.
    relay.hold_answer(4);
    let body = json!({
        "service": key(&ward.service, 30), "start": ward.starts[0],
        "answers": {"name": "Patient", "phone": "13800138000"},
    });
    let idempotency = [("idempotency-key", "key-of-the-only-booking")];
    let (status, booked) =
        program.ask("POST", "/v1/sites/clinic/appointments", &idempotency, &body.to_string()).await;
    assert_eq!(status, 201, "{booked}");
    tokio::time::timeout(std::time::Duration::from_secs(30), relay.held()).await.expect("it is sent");
    assert_eq!(fhir.appointments(&ward.slots[0]).await.len(), 1, "the effect is there");
    program.kill();
    relay.calm();
    program.start().await;

    let path = format!("/v1/sites/clinic/appointments/{}", text(&booked["id"]));
    let token = format!("Bearer {}", text(&booked["token"]));
    let headers = [("authorization", token.as_str())];
    let see = async || text(&program.ask("GET", &path, &headers, "").await.1["status"]);
    until(see, |status| status == "booked").await;
    assert_eq!(fhir.appointments(&ward.slots[0]).await.len(), 1);
}
