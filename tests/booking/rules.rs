//! From when and until when a slot may be booked.

use crm_widgets::booking::{NotOffered, rules};
use serde_json::json;

use super::clinic::{Clinic, at, window};

fn opens(clinic: &Clinic, from: &str, to: &str) -> Option<String> {
    clinic.ask(|asked| asked.slots(&clinic.booking.services[0], None, window(from, to)).opens)
}

#[test]
fn slots_end_where_the_notice_begins() {
    let clinic = Clinic::new().service(json!({"notice": 60})).now("2026-11-23T01:30:00Z");
    // It is 09:30: 10:30 is the first, to the millisecond.
    assert_eq!(clinic.slots("2026-11-23", "2026-11-23"), ["li@lakeside 0 10:30+480 111"]);
    let later = clinic.now("2026-11-23T01:30:00.001Z");
    assert_eq!(later.slots("2026-11-23", "2026-11-23"), ["li@lakeside 0 11:00+480 11"]);
    assert_eq!(later.ways(None, "2026-11-23T02:30:00Z"), Err(NotOffered));
    assert_eq!(later.ways(None, "2026-11-23T03:00:00Z").map(|ways| ways.len()), Ok(1));
}

#[test]
fn the_window_moves_on_at_the_sites_midnight() {
    let clinic = Clinic::new().service(json!({"window": 2})).now("2026-11-22T15:59:59Z");
    let days = |clinic: &Clinic| clinic.slots("2026-11-23", "2026-11-28").len();
    // Until then it is Sunday in Shanghai: Monday and Tuesday.
    assert_eq!(days(&clinic), 2);
    assert_eq!(clinic.ways(None, "2026-11-25T01:00:00Z"), Err(NotOffered));
    let clinic = clinic.now("2026-11-22T16:00:00Z");
    assert_eq!(days(&clinic), 3);
    assert_eq!(clinic.ways(None, "2026-11-25T01:00:00Z").map(|ways| ways.len()), Ok(1));
    assert_eq!(opens(&clinic, "2026-11-23", "2026-11-28"), None);
}

#[test]
fn a_window_of_no_days_is_today() {
    let clinic = Clinic::new().service(json!({"window": 0})).now("2026-11-23T00:00:00Z");
    assert_eq!(clinic.slots("2026-11-22", "2026-11-28"), ["li@lakeside 1 09:00+480 111111"]);
}

#[test]
fn nothing_is_offered_outside_the_days_that_are_asked_for() {
    let clinic = Clinic::new();
    assert_eq!(clinic.slots("2026-11-21", "2026-11-22"), Vec::<String>::new());
    assert_eq!(clinic.slots("2026-11-25", "2026-11-24"), Vec::<String>::new());
    assert_eq!(clinic.slots("1990-01-01", "2026-11-23"), ["li@lakeside 13475 09:00+480 111111"]);
    assert_eq!(clinic.slots("-009999-01-01", "9999-12-31").len(), 20);
}

#[test]
fn a_days_slots_open_together_at_their_release() {
    let release = json!({"release": {"days": 7, "at": "07:00"}});
    let clinic = Clinic::new().service(release).now("2026-11-22T22:59:59Z");
    let monday = |clinic: &Clinic| clinic.slots("2026-11-30", "2026-11-30");
    assert_eq!(monday(&clinic), Vec::<String>::new());
    assert_eq!(opens(&clinic, "2026-11-30", "2026-11-30").as_deref(), Some("2026-11-22T23:00:00Z"));
    assert_eq!(clinic.ways(None, "2026-11-30T01:00:00Z"), Err(NotOffered));
    let clinic = clinic.now("2026-11-22T23:00:00Z");
    assert_eq!(monday(&clinic), ["li@lakeside 0 09:00+480 111111"]);
    assert_eq!(clinic.ways(None, "2026-11-30T01:00:00Z").map(|ways| ways.len()), Ok(1));
    assert_eq!(opens(&clinic, "2026-11-30", "2026-11-30").as_deref(), Some("2026-11-23T23:00:00Z"));
}

#[test]
fn days_without_slots_do_not_open() {
    // Friday evening: what opens next is not Saturday's but Monday's.
    let clinic =
        Clinic::new().service(json!({"release": {"days": 7, "at": "07:00"}})).now("2026-11-27T12:00:00Z");
    assert_eq!(opens(&clinic, "2026-11-27", "2026-12-31").as_deref(), Some("2026-11-29T23:00:00Z"));
    let over = json!({"schedules": [
        {"who": "li", "place": "lakeside", "days": ["daily"], "hours": [{"from": "09:00", "to": "12:00"}], "to": "2026-12-04"}
    ]});
    assert_eq!(opens(&clinic.with(over), "2026-11-27", "2026-12-31"), None);
}

#[test]
fn a_release_in_the_skipped_hour_is_when_that_hour_would_have_come() {
    let clinic = |now| {
        let daily = json!([{"who": "li", "place": "lakeside", "days": ["daily"], "hours": [{"from": "09:00", "to": "10:00"}]}]);
        Clinic::new()
            .zone("America/New_York")
            .with(json!({"schedules": daily}))
            .service(json!({"release": {"days": 1, "at": "02:30"}}))
            .now(now)
    };
    // 02:30 is skipped on 2026-03-08: half an hour after the jump it is 03:30.
    let before = clinic("2026-03-08T07:29:59Z");
    assert_eq!(before.slots("2026-03-08", "2026-03-12"), ["li@lakeside 0 09:00-240 11"]);
    assert_eq!(opens(&before, "2026-03-08", "2026-03-12").as_deref(), Some("2026-03-08T07:30:00Z"));
    let after = clinic("2026-03-08T07:30:00Z");
    assert_eq!(after.slots("2026-03-09", "2026-03-12"), ["li@lakeside 0 09:00-240 11"]);
    // The day after it is 02:30 again.
    assert_eq!(opens(&after, "2026-03-08", "2026-03-12").as_deref(), Some("2026-03-09T06:30:00Z"));
}

#[test]
fn a_release_in_the_hour_that_comes_twice_is_in_the_first() {
    let service =
        Clinic::new().service(json!({"release": {"days": 3, "at": "01:30"}})).booking.services[0].clone();
    let zone = jiff::tz::TimeZone::get("America/New_York").expect("a zone");
    let day = crm_widgets::booking::days::parse("2026-11-04").expect("a day");
    assert_eq!(rules::opening(&service, &zone, day), Some(at("2026-11-01T05:30:00Z")));
}

#[test]
fn a_release_at_24_is_the_next_midnight() {
    let clinic =
        Clinic::new().service(json!({"release": {"days": 2, "at": "24:00"}})).now("2026-11-22T15:59:59Z");
    assert_eq!(clinic.slots("2026-11-23", "2026-11-28").len(), 1);
    assert_eq!(opens(&clinic, "2026-11-23", "2026-11-28").as_deref(), Some("2026-11-22T16:00:00Z"));
    let clinic = clinic.now("2026-11-22T16:00:00Z");
    assert_eq!(clinic.slots("2026-11-23", "2026-11-28").len(), 2);
}

#[test]
fn a_release_opens_nothing_before_it_is_in_the_window() {
    let clinic = Clinic::new().service(json!({"window": 1, "release": {"days": 7, "at": "07:00"}}));
    assert_eq!(clinic.slots("2026-11-22", "2026-12-31").len(), 1);
    assert_eq!(opens(&clinic, "2026-11-22", "2026-12-31").as_deref(), Some("2026-11-22T16:00:00Z"));
}

#[test]
fn an_appointment_may_be_moved_and_cancelled_until_its_deadlines() {
    let service = Clinic::new().service(json!({"cancel": 1_440, "move": 60})).booking.services[0].clone();
    let start = at("2026-11-24T01:00:00Z");
    let cancel = |now| rules::cancellable_until(&service, start, at(now));
    assert_eq!(cancel("2026-11-23T01:00:00Z"), Some(at("2026-11-23T01:00:00Z")));
    assert_eq!(cancel("2026-11-23T01:00:00.001Z"), None);
    let change = |now| rules::movable_until(&service, start, at(now));
    assert_eq!(change("2026-11-23T01:00:01Z"), Some(at("2026-11-24T00:00:00Z")));
    assert_eq!(change("2026-11-24T00:00:01Z"), None);
}
