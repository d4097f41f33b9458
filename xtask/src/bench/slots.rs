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
/// Part of all slots that is booked, spread evenly and without a pattern: one in so many.
const BOOKED: usize = 2;
/// Requests that are measured.
const COUNT: usize = 200;
const CONNECTIONS: usize = 32;

/// Measures on SQLite with every second slot booked.
///
/// # Errors
/// When the gateway does not start, or something cannot be booked.
pub async fn run(report: &mut Report) -> Result<()> {
    let days = DAYS as usize * SLOTS as usize * PRACTITIONERS;
    report.begin(
        "Slots",
        &format!(
            "{DAYS} days of {PRACTITIONERS} practitioners, {days} slots, one in {BOOKED} booked; SQLite"
        ),
    );
    let gateway = Gateway::start(&definitions(), Options::default()).await?;
    let outcome = load::run(gateway.address, bookings(), CONNECTIONS).await?;
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
    let (mut times, mut numbers) = (Vec::new(), 1_000_000..);
    for (at, start) in starts().enumerate().filter(|(at, _)| at % BOOKED == 1).take(COUNT) {
        let number = numbers.next().unwrap_or_default();
        ensure!(
            wire.exchange(&booking(number, at % PRACTITIONERS, &start)).await?.status == 201,
            "not booked"
        );
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

/// The bookings made beforehand.
fn bookings() -> Vec<Vec<u8>> {
    let chosen = starts().enumerate().filter(|(at, _)| at % BOOKED == 0);
    chosen.map(|(at, start)| booking(at, at % PRACTITIONERS, &start)).collect()
}

/// Starts in an order without a pattern, each of the practitioner that its place in the order says.
fn starts() -> impl Iterator<Item = String> {
    let total = DAYS * SLOTS * PRACTITIONERS as i64;
    let midnight = jiff::Timestamp::now().as_second().div_euclid(86_400) * 86_400;
    (0..total).filter_map(move |at| {
        // A prime that is no divisor of the number of slots visits each once.
        let slot = (at / PRACTITIONERS as i64 * 7_919).rem_euclid(DAYS * SLOTS);
        let start = midnight + (1 + slot / SLOTS) * 86_400 + 8 * 3_600 + slot % SLOTS * 1_200;
        jiff::Timestamp::from_second(start).ok().map(|start| start.to_string())
    })
}

fn booking(number: usize, practitioner: usize, start: &str) -> Vec<u8> {
    let body = json!({
        "service": "visit", "practitioner": format!("p{practitioner}"), "start": start, "version": 1,
        "answers": {"name": format!("王小明 {number}"), "phone": format!("138{:08}", number % 100_000_000)},
    });
    let headers = format!("idempotency-key: bench-{number:020}\r\n");
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
