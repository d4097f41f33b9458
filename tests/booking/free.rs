//! What is free.

use serde_json::json;

use super::clinic::{Clinic, at};

#[test]
fn slots_lie_in_the_hours_and_taken_ones_are_shown_as_such() {
    let clinic = Clinic::new().taken(&[("li", "2026-11-23T01:30:00Z", "2026-11-23T02:00:00Z")]);
    let slots = clinic.slots("2026-11-22", "2026-11-24");
    assert_eq!(slots, ["li@lakeside 1 09:00+480 101111", "li@lakeside 2 09:00+480 111111"]);
}

#[test]
fn a_slot_has_its_ways() {
    let clinic = Clinic::new().service(json!({"before": 5, "after": 10}));
    let service = &clinic.booking.services[0];
    let found =
        clinic.ask(|asked| asked.candidates(service, None, at("2026-11-23T01:30:00Z"))).expect("offered");
    assert_eq!(found.len(), 1);
}
