//! Who works when.

use serde_json::{Value, json};

use super::clinic::Clinic;

fn schedules(schedules: Value) -> Clinic {
    Clinic::new().with(json!({"schedules": schedules}))
}

fn morning(changes: Value) -> Value {
    let mut schedule = json!({"who": "li", "place": "lakeside", "days": ["weekdays"], "hours": [{"from": "09:00", "to": "10:00"}]});
    for (member, value) in changes.as_object().expect("an object") {
        schedule[member] = value.clone();
    }
    schedule
}

#[test]
fn a_break_is_the_time_between_two_spans() {
    let hours = json!([{"from": "09:00", "to": "10:30"}, {"from": "13:45", "to": "15:00"}]);
    let clinic = schedules(json!([morning(json!({"hours": hours}))]));
    // The last quarter of an hour of the afternoon is too short.
    assert_eq!(
        clinic.slots("2026-11-23", "2026-11-23"),
        ["li@lakeside 0 09:00+480 111", "li@lakeside 0 13:45+480 11"]
    );
}

#[test]
fn starts_are_a_step_apart_and_end_in_time() {
    let clinic = Clinic::new().service(json!({"minutes": 45, "step": 20}));
    // 11:00 is the last: 45 minutes after 11:20 it is past noon.
    assert_eq!(clinic.slots("2026-11-23", "2026-11-23"), ["li@lakeside 0 09:00+480 1111111"]);
}

#[test]
fn a_schedule_holds_from_its_first_day_to_its_last() {
    let clinic = schedules(json!([morning(json!({"from": "2026-11-24", "to": "2026-11-25"}))]));
    assert_eq!(
        clinic.slots("2026-11-23", "2026-11-27"),
        ["li@lakeside 1 09:00+480 11", "li@lakeside 2 09:00+480 11"]
    );
}

#[test]
fn every_other_week_is_counted_in_weeks_from_monday() {
    // The 25th is a Wednesday: Wednesday of that week, then Monday and Wednesday of the week after the next.
    let clinic =
        schedules(json!([morning(json!({"days": ["mon", "wed"], "from": "2026-11-25", "every": 2}))]));
    assert_eq!(
        clinic.slots("2026-11-23", "2026-12-20"),
        ["li@lakeside 2 09:00+480 11", "li@lakeside 14 09:00+480 11", "li@lakeside 16 09:00+480 11"]
    );
}

#[test]
fn days_of_the_week_are_those_of_the_place() {
    for (days, expected) in [
        (json!(["mon"]), vec![0]),
        (json!(["tue", "sun"]), vec![1, 6]),
        (json!(["weekdays"]), vec![0, 1, 2, 3, 4]),
        (json!(["daily"]), vec![0, 1, 2, 3, 4, 5, 6]),
    ] {
        let slots = schedules(json!([morning(json!({"days": days}))])).slots("2026-11-23", "2026-11-29");
        let expected: Vec<_> =
            expected.into_iter().map(|day| format!("li@lakeside {day} 09:00+480 11")).collect();
        assert_eq!(slots, expected);
    }
}

#[test]
fn a_schedule_may_be_for_some_services_only() {
    let clinic = schedules(json!([
        morning(json!({"services": ["other"]})),
        morning(json!({"services": ["checkup"], "hours": [{"from": "14:00", "to": "15:00"}]})),
    ]));
    assert_eq!(clinic.slots("2026-11-23", "2026-11-23"), ["li@lakeside 0 14:00+480 11"]);
}

#[test]
fn what_two_schedules_have_in_common_comes_once() {
    let clinic = schedules(json!([
        morning(json!({"hours": [{"from": "09:30", "to": "11:00"}]})),
        morning(json!({"hours": [{"from": "09:00", "to": "10:30"}]})),
    ]));
    assert_eq!(clinic.slots("2026-11-23", "2026-11-23"), ["li@lakeside 0 09:00+480 1111"]);
}

#[test]
fn nobody_is_at_two_places_at_once() {
    let places = json!([{"key": "lakeside", "name": "Lakeside"}, {"key": "hill", "name": "Hill"}]);
    let clinic = schedules(json!([
        morning(json!({"place": "hill"})),
        morning(json!({"hours": [{"from": "09:00", "to": "11:00"}]})),
    ]))
    .with(json!({"places": places}));
    assert_eq!(
        clinic.slots("2026-11-23", "2026-11-23"),
        ["li@hill 0 09:00+480 11", "li@lakeside 0 10:00+480 11"]
    );
}

#[test]
fn a_holiday_closes_everything() {
    let clinic = Clinic::new().with(json!({"closed": [{"from": "2026-11-23", "to": "2026-11-24"}]}));
    assert_eq!(clinic.slots("2026-11-23", "2026-11-25"), ["li@lakeside 2 09:00+480 111111"]);
}

#[test]
fn a_closure_of_some_hours_cuts_the_slots_it_touches() {
    let hours = json!({"from": "09:45", "to": "10:30"});
    let clinic = Clinic::new().with(json!({"closed": [{"from": "2026-11-23", "hours": hours}]}));
    assert_eq!(
        clinic.slots("2026-11-23", "2026-11-24"),
        ["li@lakeside 0 09:00+480 1", "li@lakeside 0 10:30+480 111", "li@lakeside 1 09:00+480 111111"]
    );
}

#[test]
fn a_closure_may_be_for_one_person_or_one_place() {
    let two = json!({
        "practitioners": [{"key": "li", "name": "Dr. Li"}, {"key": "wang", "name": "Dr. Wang"}],
        "places": [{"key": "lakeside", "name": "Lakeside"}, {"key": "hill", "name": "Hill"}],
        "schedules": [morning(json!({})), morning(json!({"who": "wang", "place": "hill"}))],
    });
    let clinic = || Clinic::new().service(json!({"practitioners": ["li", "wang"]})).with(two.clone());
    let closed =
        |closure: Value| clinic().with(json!({"closed": [closure]})).slots("2026-11-23", "2026-11-23");
    assert_eq!(
        clinic().slots("2026-11-23", "2026-11-23"),
        ["li@lakeside 0 09:00+480 11", "wang@hill 0 09:00+480 11"]
    );
    assert_eq!(closed(json!({"from": "2026-11-23", "who": "li"})), ["wang@hill 0 09:00+480 11"]);
    assert_eq!(closed(json!({"from": "2026-11-23", "place": "hill"})), ["li@lakeside 0 09:00+480 11"]);
    assert_eq!(closed(json!({"from": "2026-11-23", "who": "li", "place": "hill"})).len(), 2);
}

#[test]
fn staff_may_close_and_open_and_the_last_word_counts() {
    let day = "2026-11-23";
    let closed = json!({"closed": {"from": day}});
    let open = json!({"open": {
        "who": "li", "place": "lakeside", "day": day, "hours": {"from": "18:00", "to": "19:00"}
    }});
    let slots = |exceptions| Clinic::new().exceptions(exceptions).slots(day, day);
    assert_eq!(slots(json!([closed])), Vec::<String>::new());
    assert_eq!(slots(json!([open])), ["li@lakeside 0 09:00+480 111111", "li@lakeside 0 18:00+480 11"]);
    assert_eq!(slots(json!([closed, open])), ["li@lakeside 0 18:00+480 11"]);
    assert_eq!(slots(json!([open, closed])), Vec::<String>::new());
    // A holiday of the definitions is said before.
    let holiday = Clinic::new().with(json!({"closed": [{"from": day}]})).exceptions(json!([open]));
    assert_eq!(holiday.slots(day, day), ["li@lakeside 0 18:00+480 11"]);
}
