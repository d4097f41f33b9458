//! Fifty practitioners and four weeks in one answer.

use brotli::enc::BrotliEncoderParams;
use crm_widgets::booking::{Interval, Occupied, Window};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::clinic::{Clinic, at, window};

const PRACTITIONERS: usize = 50;
const DAYS: i64 = 28;
/// Quarters of an hour: sixteen in the morning and fourteen in the afternoon.
const SLOTS_A_DAY: i64 = 30;

/// A clinic that is half full, at random.
fn clinic() -> Clinic {
    let keys: Vec<String> = (0..PRACTITIONERS).map(|at| format!("practitioner-{at}")).collect();
    let practitioners: Vec<Value> = keys.iter().map(|key| json!({"key": key, "name": key})).collect();
    let hours = json!([{"from": "08:00", "to": "12:00"}, {"from": "13:30", "to": "17:00"}]);
    let schedule = |key: &String| json!({"who": key, "place": "lakeside", "days": ["daily"], "hours": hours});
    let schedules: Vec<Value> = keys.iter().map(schedule).collect();
    let mut clinic = Clinic::new()
        .service(json!({"minutes": 15, "practitioners": keys}))
        .with(json!({"practitioners": practitioners, "schedules": schedules}));
    let midnight = at("2026-11-22T16:00:00Z").as_millisecond();
    let slots = PRACTITIONERS * (DAYS * SLOTS_A_DAY) as usize;
    let taken = prop::collection::vec(any::<bool>(), slots).new_tree(&mut TestRunner::deterministic());
    let taken = taken.expect("booleans").current();
    let interval = |(at, _): (usize, bool)| {
        let (who, slot) = (at / (DAYS * SLOTS_A_DAY) as usize, at as i64 % (DAYS * SLOTS_A_DAY));
        let (day, quarter) = (slot / SLOTS_A_DAY, slot % SLOTS_A_DAY);
        let minute = if quarter < 16 { 8 * 60 + quarter * 15 } else { 13 * 60 + 30 + (quarter - 16) * 15 };
        let from = midnight + (day * 1_440 + minute) * 60_000;
        (keys[who].clone(), Interval { from, to: from + 15 * 60_000, until: None })
    };
    clinic.occupied = Occupied::new(taken.into_iter().enumerate().filter(|(_, taken)| *taken).map(interval));
    clinic
}

fn month() -> Window {
    window("2026-11-23", "2026-12-20")
}

#[test]
fn fifty_practitioners_and_four_weeks_are_at_most_40_kilobytes() {
    let clinic = clinic();
    let slots = clinic.ask(|asked| asked.slots(&clinic.booking.services[0], None, month()));
    let all: usize = slots.rows.iter().flat_map(|row| &row.ranges).map(|range| range.seats.len()).sum();
    assert_eq!(all, PRACTITIONERS * (DAYS * SLOTS_A_DAY) as usize);
    let free = slots.free().count();
    assert!((all * 45 / 100..all * 55 / 100).contains(&free), "{free} of {all}");
    let body = serde_json::to_vec(&slots).expect("JSON");
    let mut compressed = Vec::new();
    let parameters = BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut body.as_slice(), &mut compressed, &parameters).expect("compressed");
    eprintln!("{all} slots, {free} free: {} bytes, {} after brotli 5", body.len(), compressed.len());
    assert!(compressed.len() <= 40 * 1_024);
}
