//! The clock put forward and back, in instants that can be looked up.

use serde_json::json;

use super::clinic::Clinic;

/// Half-hours from one time to another, every day.
fn clinic(zone: &str, from: &str, to: &str, minutes: u32, now: &str) -> Clinic {
    let hours = json!([{"from": from, "to": to}]);
    Clinic::new()
        .service(json!({"minutes": minutes}))
        .with(json!({"schedules": [{"who": "li", "place": "lakeside", "days": ["daily"], "hours": hours}]}))
        .zone(zone)
        .now(now)
}

#[test]
fn in_new_york_an_hour_is_skipped_in_spring() {
    let clinic = clinic("America/New_York", "00:00", "06:00", 60, "2026-03-07T12:00:00Z");
    let slots = clinic.slots("2026-03-08", "2026-03-08");
    assert_eq!(slots, ["li@lakeside 0 00:00-300 11", "li@lakeside 0 03:00-240 111"]);
}

#[test]
fn a_slot_may_last_over_the_skipped_hour() {
    let clinic = clinic("America/New_York", "01:30", "04:30", 90, "2026-03-07T12:00:00Z");
    // 01:30 to 04:00, which are 90 minutes that night; then 03:00 is 30 minutes too short.
    let instants = clinic.instants("2026-03-08", "2026-03-08");
    assert_eq!(instants, ["2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z"]);
}

#[test]
fn in_new_york_an_hour_comes_twice_in_autumn() {
    let clinic = clinic("America/New_York", "00:30", "02:30", 30, "2026-10-31T12:00:00Z");
    let slots = clinic.slots("2026-11-01", "2026-11-01");
    assert_eq!(slots, ["li@lakeside 0 00:30-240 111", "li@lakeside 0 01:00-300 111"]);
    let instants = clinic.instants("2026-11-01", "2026-11-01");
    let expected =
        ["04:30", "05:00", "05:30", "06:00", "06:30", "07:00"].map(|time| format!("2026-11-01T{time}:00Z"));
    assert_eq!(instants, expected);
}

#[test]
fn hours_that_end_in_the_hour_that_comes_twice_are_worked_twice_up_to_their_end() {
    let clinic = clinic("America/New_York", "00:30", "01:30", 30, "2026-10-31T12:00:00Z");
    let instants = clinic.instants("2026-11-01", "2026-11-01");
    assert_eq!(instants, ["2026-11-01T04:30:00Z", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"]);
}

#[test]
fn on_lord_howe_island_half_an_hour_is_skipped_in_spring() {
    let clinic = clinic("Australia/Lord_Howe", "01:00", "03:30", 30, "2026-10-02T12:00:00Z");
    let slots = clinic.slots("2026-10-04", "2026-10-04");
    assert_eq!(slots, ["li@lakeside 0 01:00+630 11", "li@lakeside 0 02:30+660 11"]);
    let instants = clinic.instants("2026-10-04", "2026-10-04");
    let expected = ["14:30", "15:00", "15:30", "16:00"].map(|time| format!("2026-10-03T{time}:00Z"));
    assert_eq!(instants, expected);
}

#[test]
fn on_lord_howe_island_half_an_hour_comes_twice_in_autumn() {
    let clinic = clinic("Australia/Lord_Howe", "01:00", "03:00", 30, "2026-04-03T12:00:00Z");
    let slots = clinic.slots("2026-04-05", "2026-04-05");
    assert_eq!(slots, ["li@lakeside 0 01:00+660 11", "li@lakeside 0 01:30+630 111"]);
    let instants = clinic.instants("2026-04-05", "2026-04-05");
    let expected = ["14:00", "14:30", "15:00", "15:30", "16:00"].map(|time| format!("2026-04-04T{time}:00Z"));
    assert_eq!(instants, expected);
}

#[test]
fn in_casablanca_the_clock_goes_back_for_ramadan_and_forward_after_it() {
    let before = clinic("Africa/Casablanca", "01:00", "04:00", 60, "2026-02-13T12:00:00Z");
    let slots = before.slots("2026-02-15", "2026-02-15");
    assert_eq!(slots, ["li@lakeside 0 01:00+60 11", "li@lakeside 0 02:00+0 11"]);
    let instants = before.instants("2026-02-15", "2026-02-15");
    let expected = ["00:00", "01:00", "02:00", "03:00"].map(|time| format!("2026-02-15T{time}:00Z"));
    assert_eq!(instants, expected);

    let after = clinic("Africa/Casablanca", "01:00", "05:00", 60, "2026-03-20T12:00:00Z");
    let slots = after.slots("2026-03-22", "2026-03-22");
    assert_eq!(slots, ["li@lakeside 0 01:00+0 1", "li@lakeside 0 03:00+60 11"]);
    let instants = after.instants("2026-03-22", "2026-03-22");
    let expected = ["01:00", "02:00", "03:00"].map(|time| format!("2026-03-22T{time}:00Z"));
    assert_eq!(instants, expected);
}

#[test]
fn a_place_has_its_own_clock() {
    let clinic = clinic("Asia/Shanghai", "09:00", "10:00", 30, "2026-11-22T12:00:00Z")
        .with(json!({"places": [{"key": "lakeside", "name": "Lakeside", "timeZone": "Asia/Urumqi"}]}));
    assert_eq!(clinic.slots("2026-11-23", "2026-11-23"), ["li@lakeside 0 09:00+360 11"]);
    assert_eq!(clinic.instants("2026-11-23", "2026-11-23"), ["2026-11-23T03:00:00Z", "2026-11-23T03:30:00Z"]);
    let service = &clinic.booking.services[0];
    let window = super::clinic::window("2026-11-23", "2026-11-23");
    assert_eq!(clinic.ask(|asked| asked.slots(service, None, window)).time_zone, "Asia/Shanghai");
}
