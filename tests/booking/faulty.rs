//! Definitions that `apply` would have refused: what cannot be read is not there, and nothing breaks.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::clinic::{Clinic, at, window};

const DAY: &str = "2026-11-23";

fn schedule(changes: Value) -> Value {
    let mut schedule = json!({"who": "li", "place": "lakeside", "days": ["mon"], "hours": [{"from": "09:00", "to": "10:00"}]});
    for (member, value) in changes.as_object().expect("an object") {
        schedule[member] = value.clone();
    }
    schedule
}

#[test]
fn a_schedule_that_cannot_be_read_has_no_slots_and_the_others_have_theirs() {
    let good = schedule(json!({"hours": [{"from": "14:00", "to": "14:30"}]}));
    for wrong in [
        json!({"who": "nobody"}),
        json!({"place": "nowhere"}),
        json!({"place": "moon"}),
        json!({"hours": [{"from": "9", "to": "10"}]}),
        json!({"hours": [{"from": "10:00", "to": "09:00"}]}),
        json!({"from": "2026-11-31"}),
        json!({"to": "tomorrow"}),
        json!({"every": 2}),
        json!({"every": 0, "from": DAY}),
    ] {
        let places = json!([
            {"key": "lakeside", "name": "Lakeside"}, {"key": "moon", "name": "Moon", "timeZone": "Moon/Tranquillity"}
        ]);
        let clinic =
            Clinic::new().with(json!({"places": places, "schedules": [schedule(wrong.clone()), good]}));
        assert_eq!(clinic.slots(DAY, DAY), ["li@lakeside 0 14:00+480 1"], "{wrong}");
    }
}

#[test]
fn a_service_without_a_length_or_with_an_unreadable_release_has_no_slots() {
    for wrong in [
        json!({"minutes": 0}),
        json!({"step": 0}),
        json!({"release": {"days": 1, "at": "7 am"}}),
        json!({"practitioners": ["nobody"]}),
        json!({"needs": ["unknown"]}),
        json!({"minutes": u32::MAX}),
    ] {
        let clinic = Clinic::new().service(wrong.clone());
        assert_eq!(clinic.instants(DAY, DAY), Vec::<String>::new(), "{wrong}");
    }
    assert_eq!(Clinic::new().service(json!({"practitioners": ["li", "li"]})).slots(DAY, DAY).len(), 1);
    assert_eq!(Clinic::new().service(json!({"step": u32::MAX})).slots(DAY, "2026-11-24").len(), 2);
}

#[test]
fn a_closure_that_cannot_be_read_closes_nothing() {
    for wrong in [
        json!({"from": "soon"}),
        json!({"from": DAY, "to": "later"}),
        json!({"from": DAY, "hours": {"from": "10:00", "to": "10:00"}}),
        json!({"from": DAY, "who": "nobody"}),
        json!({"from": DAY, "place": "nowhere"}),
        json!({"from": "2026-11-24", "to": DAY}),
    ] {
        let clinic = Clinic::new().with(json!({"closed": [wrong]})).exceptions(json!([{"closed": wrong}]));
        assert_eq!(clinic.slots(DAY, DAY), ["li@lakeside 0 09:00+480 111111"], "{wrong}");
    }
    let open = json!([{"open": {"who": "li", "place": "nowhere", "day": DAY, "hours": {"from": "18:00", "to": "19:00"}}}]);
    assert_eq!(Clinic::new().exceptions(open).slots(DAY, DAY).len(), 1);
}

proptest! {
    #[test]
    fn no_numbers_and_no_days_break_it(
        numbers: [u32; 7], from: i16, to: i16, release in prop::option::of((any::<u32>(), 0..30_u32)), now: i32,
    ) {
        let [minutes, step, before, after, notice, window_days, per_day] = numbers;
        let release = release.map(|(days, hour)| json!({"days": days, "at": format!("{hour:02}:00")}));
        let day = |year: i16| jiff::civil::Date::new(year.clamp(-9_999, 9_999), 1, 1).expect("a day");
        let clinic = Clinic::new()
            .service(json!({
                // Every minute may be a start: not too many of them.
                "minutes": minutes, "step": step.max(5), "before": before, "after": after, "notice": notice,
                "window": window_days, "release": release,
            }))
            .with(json!({"practitioners": [{"key": "li", "name": "Dr. Li", "seats": per_day, "perDay": per_day}]}))
            .now(&jiff::Timestamp::from_second(i64::from(now)).expect("an instant").to_string());
        let service = &clinic.booking.services[0];
        let asked = crm_widgets::booking::Window { from: day(from), to: day(to) };
        clinic.ask(|availability| {
            availability.slots(service, None, asked);
            availability.slots(service, None, window("-009999-01-01", "9999-12-31"));
            for start in [jiff::Timestamp::MIN, jiff::Timestamp::MAX, at("2026-11-23T01:00:00Z")] {
                let _ = availability.candidates(service, None, start);
                availability.alternatives(service, Some("li"), start, asked, 3);
            }
        });
    }
}
