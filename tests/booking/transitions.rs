//! Every change of the clock in twenty years, with schedules nobody thought of, against an oracle that looks at the wall
//! clock every five minutes.

use std::collections::BTreeSet;

use crm_widgets::booking::Window;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use serde_json::json;

use super::clinic::{Clinic, at};

const ZONES: [&str; 6] = [
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const GRAIN: i64 = 5 * 60_000;

/// Minutes of the day, from and to.
type Hours = Vec<(i64, i64)>;

/// Hours on some days: minutes from and to, and what of each day is closed.
#[derive(Clone, Debug)]
struct Plan {
    schedules: Vec<(Vec<usize>, Hours)>,
    closed: Option<(i64, i64)>,
    minutes: i64,
    step: i64,
    abroad: bool,
}

/// An instant with what the clock shows: day, minute, and minutes ahead of UTC.
type Shown = (i64, Date, i64, i32);

/// A multiple of five minutes, often in the small hours when clocks change.
fn minute() -> impl Strategy<Value = i64> {
    prop_oneof![0..=60_i64, 0..=288_i64].prop_map(|grains| grains * 5)
}

fn span() -> impl Strategy<Value = (i64, i64)> {
    (minute(), minute())
        .prop_filter_map("empty", |(one, other)| (one != other).then_some((one.min(other), one.max(other))))
}

/// Up to three spans of a day in their order, with breaks between them.
fn hours() -> impl Strategy<Value = Hours> {
    prop::collection::btree_set(minute(), 2..=6).prop_map(|minutes| {
        let minutes: Vec<_> = minutes.into_iter().collect();
        minutes.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let days = prop::sample::subsequence((0..7).collect::<Vec<_>>(), 4..=7);
    let schedules = prop::collection::vec((days, hours()), 1..=2);
    (schedules, prop::option::of(span()), 1..=24_i64, 1..=18_i64, any::<bool>()).prop_map(
        |(schedules, closed, minutes, step, abroad)| Plan {
            schedules,
            closed,
            minutes: minutes * 5,
            step: step * 5,
            abroad,
        },
    )
}

/// The changes of the zone's clock from 2016 to 2036; some days of those years where it never changes.
fn changes(zone: &TimeZone) -> (bool, Vec<Timestamp>) {
    let (first, last) = (at("2016-01-01T00:00:00Z"), at("2036-12-31T23:59:59Z"));
    let mut clock = zone.to_offset(first);
    let differs = |change: &jiff::tz::TimeZoneTransition<'_>| {
        let differs = change.offset() != clock;
        clock = change.offset();
        differs
    };
    let found = zone.following(first).take_while(|change| change.timestamp() <= last).filter(differs);
    let found: Vec<_> = found.map(|change| change.timestamp()).collect();
    if !found.is_empty() {
        return (true, found);
    }
    let some =
        (0..40).filter_map(|step| first.checked_add(SignedDuration::from_hours(step * 4_603 + step)).ok());
    (false, some.filter(|at| *at <= last).collect())
}

fn text(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The definitions of the plan. `abroad`: the site's own clock is another.
fn clinic(plan: &Plan, zone: &str, change: Timestamp) -> Clinic {
    let span = |(from, to): &(i64, i64)| json!({"from": text(*from), "to": text(*to)});
    let schedule = |(days, hours): &(Vec<usize>, Hours)| {
        let days: Vec<_> = days.iter().map(|day| DAYS[*day]).collect();
        let hours: Vec<_> = hours.iter().map(span).collect();
        json!({"who": "li", "place": "lakeside", "days": days, "hours": hours})
    };
    let schedules: Vec<_> = plan.schedules.iter().map(schedule).collect();
    let closed: Vec<_> = plan
        .closed
        .iter()
        .map(|hours| json!({"from": "2015-01-01", "to": "2037-12-31", "hours": span(hours)}))
        .collect();
    let place = json!({"key": "lakeside", "name": "Lakeside", "timeZone": plan.abroad.then_some(zone)});
    let now = change.checked_sub(SignedDuration::from_hours(24 * 5)).expect("an instant");
    Clinic::new()
        .service(json!({"minutes": plan.minutes, "step": plan.step}))
        .with(json!({"schedules": schedules, "closed": closed, "places": [place]}))
        .zone(if plan.abroad { "Pacific/Honolulu" } else { zone })
        .now(&now.to_string())
}

/// What the clock shows every five minutes on those days.
fn clock(zone: &TimeZone, window: Window) -> Vec<Shown> {
    let first = window.from.to_zoned(TimeZone::UTC).expect("a day").timestamp().as_millisecond() / GRAIN;
    let shown = |grain: i64| {
        let at = Timestamp::from_millisecond(grain * GRAIN).expect("an instant").to_zoned(zone.clone());
        let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
        (grain * GRAIN, at.date(), minute, at.offset().seconds() / 60)
    };
    let all = (first - 288..first + 288 * 7).map(shown);
    all.filter(|(_, day, ..)| (window.from..=window.to).contains(day)).collect()
}

/// When the service may start, found by looking at the clock: a time on the grid of some hours, all of whose minutes are in
/// those hours of that day, none of them closed.
fn oracle(plan: &Plan, clock: &[Shown]) -> BTreeSet<Shown> {
    let long = (plan.minutes / 5) as usize;
    let starts = |(from, to): (i64, i64), days: &[usize]| {
        let works = |shown: &Shown| {
            let (_, day, minute, _) = *shown;
            let closed = plan.closed.is_some_and(|(from, to)| (from..to).contains(&minute));
            let weekday = day.weekday().to_monday_zero_offset() as usize;
            (from..to).contains(&minute) && days.contains(&weekday) && !closed
        };
        let fits = |(at, slot): (usize, &[Shown])| {
            let (_, day, minute, _) = slot[0];
            let on_grid = (minute - from).rem_euclid(plan.step) == 0;
            (on_grid && slot.iter().all(|shown| shown.1 == day && works(shown))).then(|| clock[at])
        };
        clock.windows(long).enumerate().filter_map(fits).collect::<Vec<_>>()
    };
    plan.schedules
        .iter()
        .flat_map(|(days, hours)| hours.iter().flat_map(|span| starts(*span, days)))
        .collect()
}

/// The engine's slots in the same terms, one after the other.
fn engine(clinic: &Clinic, window: Window) -> Vec<Shown> {
    let service = &clinic.booking.services[0];
    let slots = clinic.ask(|asked| asked.slots(service, None, window));
    let midnight = window.from.to_zoned(TimeZone::UTC).expect("a day").timestamp().as_millisecond();
    let shown = |slot: crm_protocol::booking::Slot| {
        let day = window.from.checked_add(i64::from(slot.day).days()).expect("a day");
        (midnight + slot.instant() * 60_000, day, i64::from(slot.minute), slot.offset)
    };
    slots.free().map(|(_, slot)| shown(slot)).collect()
}

#[test]
fn around_every_change_of_the_clock_no_slot_is_missing_or_comes_twice() {
    let mut tried = Vec::new();
    for name in ZONES {
        let zone = TimeZone::get(name).expect("a zone");
        let (moves, changes) = changes(&zone);
        assert_eq!(moves, !name.starts_with("Asia/"), "{name}");
        tried.push(format!("{name}: {} {}", changes.len(), if moves { "changes" } else { "days" }));
        let around: Vec<_> = changes
            .iter()
            .map(|change| {
                let day = change.to_zoned(zone.clone()).date();
                let window = Window { from: day - 2.days(), to: day + 2.days() };
                (*change, window, clock(&zone, window))
            })
            .collect();
        let config = ProptestConfig { cases: 24, ..ProptestConfig::default() };
        proptest!(config, |(plan in plan())| {
            for (change, window, clock) in &around {
                let slots = engine(&clinic(&plan, name, *change), *window);
                let once: BTreeSet<_> = slots.iter().copied().collect();
                prop_assert!(slots.is_sorted(), "{} {}", name, change);
                prop_assert_eq!(once.len(), slots.len(), "twice: {} {}", name, change);
                let expected = oracle(&plan, clock);
                let wrong = once.symmetric_difference(&expected).next();
                prop_assert_eq!(wrong, None, "{} {}", name, change);
            }
        });
    }
    eprintln!("{}", tried.join(", "));
}
