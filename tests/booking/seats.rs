//! How many can still book a slot, and what each way to do it takes.

use crm_widgets::booking::{Candidate, Interval, NotOffered, Occupied};
use serde_json::{Value, json};

use super::clinic::{Clinic, at, millis};

const DAY: &str = "2026-11-23";
const NINE: &str = "2026-11-23T01:00:00Z";
const HALF_PAST: &str = "2026-11-23T01:30:00Z";
const TEN: &str = "2026-11-23T02:00:00Z";
const LATE: &str = "2026-11-23T08:00:00Z";
const AFTER: &str = "2026-11-23T08:30:00Z";

/// A chair in each of two places, a second one at the lake, a room for two everywhere; `checkup` needs both.
fn with_needs(needs: Value) -> Clinic {
    Clinic::new().service(json!({"needs": needs})).with(json!({
        "places": [{"key": "lakeside", "name": "Lakeside"}, {"key": "hill", "name": "Hill"}],
        "resources": [
            {"key": "chair-1", "kind": "chair", "place": "lakeside"},
            {"key": "chair-2", "kind": "chair", "place": "lakeside"},
            {"key": "chair-3", "kind": "chair", "place": "hill"},
            {"key": "room", "kind": "room", "seats": 2},
        ],
    }))
}

/// Three practitioners with the same hours, `team` sees ten at once.
fn three(changes: Value) -> Clinic {
    let schedule = |who| json!({"who": who, "place": "lakeside", "days": ["daily"], "hours": [{"from": "09:00", "to": "10:00"}]});
    Clinic::new().service(json!({"practitioners": ["li", "wang", "team"]})).with(changes).with(json!({
        "practitioners": [
            {"key": "li", "name": "Dr. Li"}, {"key": "wang", "name": "Dr. Wang"},
            {"key": "team", "name": "The team", "seats": 10},
        ],
        "schedules": [schedule("li"), schedule("wang"), schedule("team")],
    }))
}

fn who(ways: Result<Vec<Candidate>, NotOffered>) -> Vec<String> {
    ways.expect("offered").into_iter().map(|way| way.practitioner).collect()
}

fn resources(way: &Candidate) -> Vec<&str> {
    way.takings.iter().map(|taking| taking.resource.as_str()).collect()
}

#[test]
fn pauses_before_and_after_have_to_be_free_and_may_reach_over_the_hours() {
    let clinic = Clinic::new().service(json!({"before": 10, "after": 20})).taken(&[("li", HALF_PAST, TEN)]);
    assert_eq!(clinic.slots(DAY, DAY), ["li@lakeside 0 09:00+480 000111"]);
    let edge = Clinic::new().service(json!({"before": 10, "after": 20}));
    let ways = edge.ways(None, NINE).expect("offered");
    assert_eq!((ways[0].start, ways[0].end), (millis(NINE), millis(HALF_PAST)));
    let taking = &ways[0].takings[0];
    assert_eq!(
        (taking.from, taking.to, taking.seats),
        (millis("2026-11-23T00:50:00Z"), millis("2026-11-23T01:50:00Z"), 1)
    );
}

#[test]
fn a_hold_takes_its_seat_until_it_ends() {
    let until = |until: &str| {
        let mut clinic = Clinic::new();
        let interval = Interval { from: millis(NINE), to: millis(HALF_PAST), until: Some(millis(until)) };
        clinic.occupied = Occupied::new([("li".to_owned(), interval)]);
        clinic.slots(DAY, DAY)
    };
    assert_eq!(until("2026-11-22T12:00:00.001Z"), ["li@lakeside 0 09:00+480 011111"]);
    assert_eq!(until("2026-11-22T12:00:00Z"), ["li@lakeside 0 09:00+480 111111"]);
}

#[test]
fn a_wave_has_as_many_seats_as_its_team_and_shows_nine_at_most() {
    let taken = |seats: usize| {
        let clinic = three(json!({})).service(json!({"practitioners": ["team"]}));
        let taken: Vec<_> = (0..seats).map(|_| ("team", NINE, HALF_PAST)).collect();
        clinic.taken(&taken).slots(DAY, DAY)
    };
    assert_eq!(taken(0), ["team@lakeside 0 09:00+480 99"]);
    assert_eq!(taken(3), ["team@lakeside 0 09:00+480 79"]);
    assert_eq!(taken(10), ["team@lakeside 0 09:00+480 09"]);
    // Staff overbooked it.
    assert_eq!(taken(12), ["team@lakeside 0 09:00+480 09"]);
}

#[test]
fn a_service_takes_one_resource_of_each_kind_at_its_place() {
    let clinic = with_needs(json!(["chair", "room"]));
    let ways = clinic.ways(None, NINE).expect("offered");
    let taken: Vec<_> = ways.iter().map(resources).collect();
    assert_eq!(taken, [["chair-1", "li", "room"], ["chair-2", "li", "room"]]);
    assert!(
        ways.iter()
            .flat_map(|way| &way.takings)
            .all(|one| one.seats == if one.resource == "room" { 2 } else { 1 })
    );

    let busy =
        clinic.taken(&[("chair-1", NINE, HALF_PAST), ("room", NINE, TEN), ("chair-2", HALF_PAST, TEN)]);
    assert_eq!(busy.slots(DAY, DAY), ["li@lakeside 0 09:00+480 111111"]);
    let ways = busy.ways(None, NINE).expect("offered");
    assert_eq!(ways.iter().map(resources).collect::<Vec<_>>(), [["chair-2", "li", "room"]]);

    let full = busy.taken(&[
        ("chair-1", NINE, HALF_PAST),
        ("chair-2", NINE, TEN),
        ("room", TEN, "2026-11-23T03:00:00Z"),
        ("room", TEN, "2026-11-23T03:00:00Z"),
    ]);
    assert_eq!(full.slots(DAY, DAY), ["li@lakeside 0 09:00+480 010011"]);
    assert_eq!(full.ways(None, NINE), Ok(Vec::new()));
}

#[test]
fn two_of_a_kind_are_two_different_ones() {
    let clinic = with_needs(json!(["chair", "chair"]));
    let ways = clinic.ways(None, NINE).expect("offered");
    let taken: Vec<_> = ways.iter().map(resources).collect();
    assert_eq!(taken, [["chair-1", "chair-2", "li"]]);
    let one_left = clinic.taken(&[("chair-1", NINE, HALF_PAST)]);
    assert_eq!(one_left.slots(DAY, DAY), ["li@lakeside 0 09:00+480 011111"]);
}

#[test]
fn a_resource_works_by_its_own_schedule_where_it_has_one() {
    let hours = json!([{"from": "09:45", "to": "11:30"}]);
    let morning = json!([{"from": "09:00", "to": "12:00"}]);
    let clinic = with_needs(json!(["room"])).with(json!({
        "schedules": [
            {"who": "li", "place": "lakeside", "days": ["daily"], "hours": morning},
            {"who": "room", "place": "lakeside", "days": ["daily"], "hours": hours},
        ],
        "closed": [{"from": DAY, "who": "room", "hours": {"from": "10:40", "to": "10:45"}}],
    }));
    assert_eq!(clinic.slots(DAY, DAY), ["li@lakeside 0 09:00+480 001010"]);
    assert_eq!(clinic.ways(None, "2026-11-23T02:30:00Z"), Ok(Vec::new()));
}

#[test]
fn seats_are_those_of_the_scarcest() {
    let clinic = with_needs(json!(["room"])).with(json!({
        "practitioners": [{"key": "li", "name": "Dr. Li", "seats": 5}],
    }));
    assert_eq!(clinic.slots(DAY, DAY), ["li@lakeside 0 09:00+480 222222"]);
    let two = with_needs(json!(["chair"]))
        .with(json!({"practitioners": [{"key": "li", "name": "Dr. Li", "seats": 5}]}));
    assert_eq!(two.slots(DAY, DAY), ["li@lakeside 0 09:00+480 222222"]);
    assert_eq!(
        two.taken(&[("chair-2", NINE, HALF_PAST)]).slots(DAY, DAY),
        ["li@lakeside 0 09:00+480 122222"]
    );
}

#[test]
fn a_practitioner_sees_so_many_a_day() {
    let clinic = Clinic::new()
        .with(json!({"practitioners": [{"key": "li", "name": "Dr. Li", "seats": 3, "perDay": 3}]}))
        .taken(&[
            ("li", NINE, HALF_PAST),
            ("li", "2026-11-24T01:00:00Z", "2026-11-24T01:30:00Z"),
            ("li", "2026-11-24T01:00:00Z", "2026-11-24T01:30:00Z"),
            ("li", "2026-11-24T02:00:00Z", "2026-11-24T02:30:00Z"),
        ]);
    assert_eq!(
        clinic.slots(DAY, "2026-11-25"),
        [
            "li@lakeside 0 09:00+480 222222",
            "li@lakeside 1 09:00+480 000000",
            "li@lakeside 2 09:00+480 333333"
        ]
    );
    assert_eq!(clinic.ways(None, "2026-11-24T03:00:00Z"), Ok(Vec::new()));
}

#[test]
fn whoever_has_least_to_do_that_day_comes_first() {
    assert_eq!(who(three(json!({})).ways(None, NINE)), ["li", "wang", "team"]);
    let clinic = three(json!({})).taken(&[("li", LATE, AFTER)]);
    assert_eq!(who(clinic.ways(None, NINE)), ["wang", "team", "li"]);
    // Two of ten seats are less than one of one; another day counts nothing.
    let clinic = three(json!({})).taken(&[
        ("li", LATE, AFTER),
        ("team", LATE, AFTER),
        ("team", LATE, AFTER),
        ("wang", "2026-11-24T01:00:00Z", "2026-11-24T09:00:00Z"),
    ]);
    assert_eq!(who(clinic.ways(None, NINE)), ["wang", "team", "li"]);
    assert_eq!(who(clinic.ways(Some("li"), NINE)), ["li"]);
    assert_eq!(clinic.ways(Some("nobody"), NINE), Err(NotOffered));
}

#[test]
fn a_start_that_is_in_no_schedule_is_not_offered() {
    let clinic = Clinic::new();
    for start in
        ["2026-11-23T01:15:00Z", "2026-11-23T04:00:00Z", "2026-11-23T01:00:00.001Z", "2026-11-21T01:00:00Z"]
    {
        assert_eq!(clinic.ways(None, start), Err(NotOffered), "{start}");
    }
    assert_eq!(clinic.taken(&[("li", NINE, HALF_PAST)]).ways(None, NINE), Ok(Vec::new()));
}

#[test]
fn no_more_ways_are_given_than_the_store_may_lock() {
    let chairs: Vec<_> = (0..30).map(|at| json!({"key": format!("chair-{at}"), "kind": "chair"})).collect();
    let rooms: Vec<_> = (0..30).map(|at| json!({"key": format!("room-{at}"), "kind": "room"})).collect();
    let clinic = three(json!({"resources": ([chairs, rooms].concat())}));
    let most = crm_widgets::booking::candidates::MOST;
    // Nine hundred choices for each of three practitioners; then thirty, of which the third has four.
    let ways = |needs: Value| who(clinic.clone().service(json!({"needs": needs})).ways(None, NINE));
    assert_eq!(ways(json!(["chair", "room"])), vec!["li"; most]);
    let shared = ways(json!(["chair"]));
    assert_eq!(shared, [vec!["li"; 30], vec!["wang"; 30], vec!["team"; most - 60]].concat());
}

#[test]
fn an_appointment_is_not_in_its_own_way() {
    let clinic = with_needs(json!(["chair"]));
    let way = clinic.ways(None, NINE).expect("offered").remove(0);
    let own = way
        .takings
        .iter()
        .map(|taking| (taking.resource.clone(), Interval { from: taking.from, to: taking.to, until: None }));
    let occupied = Occupied::new(own.clone().chain(own));
    let taken = |occupied: &Occupied| occupied.taken("li", millis(NINE), millis(TEN), millis(NINE));
    assert_eq!(taken(&occupied), 2);
    // One of the two that look the same.
    assert_eq!(taken(&occupied.without(&way.takings)), 1);
    assert_eq!(taken(&occupied.without(&way.takings).without(&way.takings)), 0);
    assert_eq!(taken(&occupied), 2);
}

#[test]
fn slots_and_ways_agree() {
    let clinic = three(json!({})).taken(&[("li", NINE, HALF_PAST), ("wang", NINE, TEN)]);
    let all = ["2026-11-23T00:30:00Z", NINE, HALF_PAST, TEN]
        .map(|start| clinic.ways(None, start).map(|ways| ways.len()));
    assert_eq!(all, [Err(NotOffered), Ok(1), Ok(2), Err(NotOffered)]);
    assert_eq!(
        clinic.slots(DAY, DAY),
        ["li@lakeside 0 09:00+480 01", "wang@lakeside 0 09:00+480 00", "team@lakeside 0 09:00+480 99"]
    );
    assert_eq!(at(NINE).as_millisecond(), clinic.ways(None, NINE).expect("offered")[0].start);
}
