//! Free slots of 28 days and 50 practitioners: how long the answer takes and how long it is.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::gateway::{Gateway, Options};
use super::load;
use super::report::{Amount, Limit, Report};
use super::wire::{self, Wire};

const SITE: &str = "bench";
const PRACTITIONERS: usize = 50;
const DAYS: i64 = 28;
/// Slots of a practitioner on a day: every twenty minutes from 8 to 18.
const SLOTS: i64 = 30;
/// Part of all slots that is booked, at random over days and practitioners: one in so many. A pattern would compress.
const BOOKED: usize = 2;
/// Where the random order begins, so that every run books the same.
const SEED: u64 = 2_026;
/// Requests that are measured.
const COUNT: usize = 200;
const CONNECTIONS: usize = 32;

/// Measures on SQLite with half of all slots booked.
///
/// # Errors
/// When the gateway does not start, or something cannot be booked.
pub async fn run(report: &mut Report) -> Result<()> {
    let mut order = order();
    let after = order.split_off(order.len() / BOOKED);
    report.begin(
        "Slots",
        &format!(
            "{DAYS} days of {PRACTITIONERS} practitioners, {} slots, one in {BOOKED} booked; SQLite",
            order.len() + after.len()
        ),
    );
    let gateway = Gateway::start(&definitions(), Options::default()).await?;
    let bookings = order.iter().map(booking).collect();
    let outcome = load::run(gateway.address, bookings, CONNECTIONS).await?;
    ensure!(outcome.refused.is_empty(), "refused: {:?}", outcome.refused.first());
    report.line("bookings, each with its hold's buckets", Amount::Rate(outcome.rate()), Limit::None);
    report.line("  p99 of their answers", Amount::Time(outcome.percentile(0.99)), Limit::None);

    let path = format!("/v1/sites/{SITE}/slots?service=visit");
    let mut wire = Wire::connect(gateway.address).await?;
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..COUNT {
        let started = Instant::now();
        let answer = wire.get(&path).await?;
        times.push(started.elapsed());
        ensure!(answer.status == 200, "answered by {}", answer.status);
        bytes = answer.body.len();
    }
    report.line("all slots, p50", Amount::Time(median(&mut times)), Limit::AtMost(20.0));
    report.line("  on the wire", Amount::Bytes(bytes as u64), Limit::AtMost(40.0));
    let mut times = Vec::new();
    for slot in after.iter().take(COUNT) {
        ensure!(wire.exchange(&booking(slot)).await?.status == 201, "not booked");
        let started = Instant::now();
        ensure!(wire.get(&path).await?.status == 200, "no slots");
        times.push(started.elapsed());
    }
    report.line("the same after each booking, p50", Amount::Time(median(&mut times)), Limit::AtMost(20.0));
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// One of all slots.
struct Slot {
    practitioner: usize,
    /// Counted over all days.
    number: i64,
}

/// All slots of all practitioners, shuffled.
fn order() -> Vec<Slot> {
    let of = |practitioner| (0..DAYS * SLOTS).map(move |number| Slot { practitioner, number });
    let mut slots: Vec<_> = (0..PRACTITIONERS).flat_map(of).collect();
    let mut random = SEED;
    for last in (1..slots.len()).rev() {
        // Knuth's MMIX; its upper bits are the good ones.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        slots.swap(last, (random >> 33) as usize % (last + 1));
    }
    slots
}

fn booking(slot: &Slot) -> Vec<u8> {
    let Slot { practitioner, number } = slot;
    let midnight = jiff::Timestamp::now().as_second().div_euclid(86_400) * 86_400;
    let start = midnight + (1 + number / SLOTS) * 86_400 + 8 * 3_600 + number % SLOTS * 1_200;
    let start = jiff::Timestamp::from_second(start).unwrap_or_default().to_string();
    // No two slots have the same patient.
    let patient = *practitioner as i64 * DAYS * SLOTS + number;
    let body = json!({
        "service": "visit", "practitioner": format!("p{practitioner}"), "start": start, "version": 1,
        "answers": {"name": format!("王小明 {patient}"), "phone": format!("138{patient:08}")},
    });
    let headers = format!("idempotency-key: bench-{patient:020}\r\n");
    wire::post(&format!("/v1/sites/{SITE}/appointments"), &headers, &body.to_string())
}

fn definitions() -> Value {
    let keys: Vec<String> = (0..PRACTITIONERS).map(|number| format!("p{number}")).collect();
    let practitioner = |key: &String| json!({"key": key, "name": key});
    let schedule = |key: &String| {
        let hours = [json!({"from": "08:00", "to": "18:00"})];
        json!({"who": key, "place": "main", "days": ["daily"], "hours": hours})
    };
    json!({"sites": [{
        "key": SITE, "name": "Riverside Clinic", "timeZone": "UTC", "languages": ["en"],
        "challenge": {"enabled": false}, "limits": {"submissionsPerMinute": 0},
        "forms": [{"id": "visit", "title": "You", "pages": [{"fields": [
            {"name": "name", "type": "text", "label": "Name"},
            {"name": "phone", "type": "phone", "region": "CN", "label": "Phone"},
        ]}]}],
        "booking": {
            "departments": [{"key": "all", "name": "All"}],
            "services": [{
                "key": "visit", "department": "all", "name": "Visit", "minutes": 20, "window": DAYS,
                "practitioners": keys, "form": "visit",
            }],
            "practitioners": keys.iter().map(practitioner).collect::<Vec<_>>(),
            "places": [{"key": "main", "name": "Main"}],
            "schedules": keys.iter().map(schedule).collect::<Vec<_>>(),
        },
    }]})
}
