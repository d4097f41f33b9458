//! Whose appointment it is at the hospital.

use serde_json::{Value, json};

use super::{Clinic, site, wanted};
use crate::support::database::Database;
use crate::support::his::fake::Hospital;
use crate::support::his::{text, until};

/// The patients of that many appointments, one after the other, by the answers they were booked with.
async fn patients(site: impl Fn(&str) -> Value, answers: &[Value]) -> Vec<String> {
    let hospital = Hospital::start().await;
    let ward = hospital.fhir.ward(answers.len()).await;
    let clinic = Clinic::of(Database::sqlite(), site(&hospital.fhir.base)).await;
    until(async || clinic.free(&ward).await.len(), |free| *free > 0).await;
    let mut patients = Vec::new();
    for (at, answers) in answers.iter().enumerate() {
        let mut wanted = wanted(&ward, 0, &ward.starts[at]);
        wanted["answers"] = answers.clone();
        let own = clinic.request_for(&wanted).await;
        clinic.sees(&own, "booked").await;
        let appointments = hospital.fhir.appointments(&ward.slots[at]).await;
        patients.push(text(&appointments[0]["participant"][0]["actor"]["reference"]));
    }
    assert_eq!(hospital.complaints(), [""; 0]);
    patients
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_with_one_phone_are_two_patients() {
    let someone = |name: &str| json!({"name": name, "phone": "13800138000"});
    let found =
        patients(site, &[someone("Wang Fang"), someone("Wang Xiaoming"), someone(" wang  fang ")]).await;
    assert_ne!(found[0], found[1], "the child's appointment is not the mother's");
    assert_eq!(found[0], found[2], "who comes again is known again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_is_known_by_the_field_that_the_site_names() {
    let with_card = |base: &str| {
        let mut site = site(base);
        let card = json!({"name": "card", "type": "text", "label": "Card number"});
        site["forms"][0]["pages"][0]["fields"].as_array_mut().expect("fields").push(card);
        site["booking"]["his"]["patient"] = json!("card");
        site
    };
    let someone = |name: &str, card: &str| json!({"name": name, "phone": "13800138000", "card": card});
    let all = [someone("Wang Fang", "A 1"), someone("Wang Fang", "A 2"), someone("Wang Fang", "a1 ")];
    let found = patients(with_card, &all).await;
    assert_ne!(found[0], found[1], "two of one name");
    assert_eq!(found[0], found[2]);
}
