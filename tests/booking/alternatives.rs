//! Where to send somebody whose slot is gone.

use serde_json::json;

use super::clinic::{Clinic, at, window};

const TEN: &str = "2026-11-23T02:00:00Z";

/// Two doctors with the same hours, `checkup` done by both.
fn two() -> Clinic {
    let schedule = |who| json!({"who": who, "place": "lakeside", "days": ["daily"], "hours": [{"from": "09:00", "to": "11:30"}]});
    Clinic::new().service(json!({"practitioners": ["li", "wang"]})).with(json!({
        "practitioners": [{"key": "li", "name": "Dr. Li"}, {"key": "wang", "name": "Dr. Wang"}],
        "schedules": [schedule("li"), schedule("wang")],
    }))
}

fn near(clinic: &Clinic, practitioner: Option<&str>, start: &str, count: usize) -> Vec<String> {
    let (service, window) = (&clinic.booking.services[0], window("2026-11-22", "2026-11-23"));
    let found = clinic.ask(|asked| asked.alternatives(service, practitioner, at(start), window, count));
    found.into_iter().map(|one| format!("{} {}", one.practitioner, one.start)).collect()
}

#[test]
fn the_same_practitioner_comes_first_and_of_two_as_near_the_earlier() {
    let clinic = two().taken(&[("li", TEN, "2026-11-23T03:00:00Z"), ("wang", "2026-11-23T01:00:00Z", TEN)]);
    assert_eq!(
        near(&clinic, Some("li"), TEN, 10),
        [
            "li 2026-11-23T01:30:00Z",
            "li 2026-11-23T01:00:00Z",
            "li 2026-11-23T03:00:00Z",
            "wang 2026-11-23T02:00:00Z",
            "wang 2026-11-23T02:30:00Z",
            "wang 2026-11-23T03:00:00Z",
        ]
    );
    assert_eq!(near(&clinic, Some("li"), TEN, 2).len(), 2);
    assert_eq!(
        near(&clinic, Some("li"), "2026-11-23T02:15:00Z", 2),
        ["li 2026-11-23T01:30:00Z", "li 2026-11-23T03:00:00Z"]
    );
}

#[test]
fn where_nobody_was_asked_for_each_time_comes_once() {
    let clinic = two().taken(&[
        ("li", "2026-11-23T01:30:00Z", "2026-11-23T02:30:00Z"),
        ("wang", TEN, "2026-11-23T02:30:00Z"),
    ]);
    assert_eq!(
        near(&clinic, None, TEN, 3),
        ["wang 2026-11-23T01:30:00Z", "li 2026-11-23T02:30:00Z", "li 2026-11-23T01:00:00Z"]
    );
}

#[test]
fn nobody_is_sent_to_the_slot_they_asked_for() {
    // As when it was taken a moment after the list was read.
    let found = near(&two(), Some("li"), TEN, 20);
    assert!(!found.contains(&format!("li {TEN}")));
    assert!(found.contains(&format!("wang {TEN}")));
    assert!(!near(&two(), None, TEN, 20).iter().any(|found| found.ends_with(TEN)));
}

#[test]
fn a_full_window_has_none() {
    let clinic = two().taken(&[
        ("li", "2026-11-23T00:00:00Z", "2026-11-23T12:00:00Z"),
        ("wang", "2026-11-23T00:00:00Z", "2026-11-23T12:00:00Z"),
    ]);
    assert_eq!(near(&clinic, None, TEN, 3), Vec::<String>::new());
}
