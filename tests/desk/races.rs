//! However many ask for a slot at the same moment, one gets it.

use std::sync::Arc;
use std::time::Duration;

use crm_widgets::config::Settings;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Visitor, key, site};
use crate::on_both_engines;
use crate::support::database::Database;
use crate::support::gateway::Gateway;
use crate::support::report;

on_both_engines!(of_all_who_ask_for_one_slot_one_gets_it_and_the_others_alternatives);

/// How often a visitor asks who is told to come again.
const TRIES: u32 = 30;

/// Visitors at the same time, and how often; `CRM_RACES=1000x100` for the long run.
fn size() -> (u32, u32) {
    let given = std::env::var("CRM_RACES").ok();
    let parsed = given.as_deref().and_then(|size| size.split_once('x'));
    parsed.and_then(|(racers, rounds)| Some((racers.parse().ok()?, rounds.parse().ok()?))).unwrap_or((60, 6))
}

async fn of_all_who_ask_for_one_slot_one_gets_it_and_the_others_alternatives(database: Database) {
    let engine = if database.url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" };
    let gateway = start(database).await;
    race(engine, &[Visitor(&gateway.caller)]).await;
    gateway.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_gateways_on_one_database_are_as_one() {
    let first = Database::postgres().await;
    let mut gateways = Vec::new();
    for _ in 0..3 {
        gateways.push(start(Database { url: first.url.clone(), dir: None }).await);
    }
    let visitors: Vec<Visitor<'_>> = gateways.iter().map(|gateway| Visitor(&gateway.caller)).collect();
    race("3 gateways on PostgreSQL", &visitors).await;
    for gateway in gateways {
        gateway.stop().await;
    }
}

/// Starts five minutes apart of half an hour each: each overlaps eleven others.
async fn start(database: Database) -> Gateway {
    let mut site = site();
    site["booking"]["services"][0]["step"] = json!(5);
    let settings = Settings {
        visitor_submissions: Some(1_000_000_000),
        site_submissions: Some(1_000_000_000),
        visitor_connections: Some(0),
        ..Settings::default()
    };
    site["limits"] = json!({"submissionsPerMinute": 1_000_000_000});
    Gateway::with(database, settings, site).await
}

async fn race(what: &str, visitors: &[Visitor<'_>]) {
    let (racers, rounds) = size();
    let free = visitors[0].free("li").await;
    let first: Timestamp = free[0].parse().expect("an instant");
    let (mut won, mut lost, mut busy, mut booked) = (0, 0, 0, Vec::new());
    for round in 0..rounds {
        // Ten hours a day, one an hour; in every other round the starts are unequal and overlap.
        let base = first + SignedDuration::from_hours(i64::from(round / 9 * 24 + round % 9));
        let starts: Arc<[String]> =
            [0, 5, 10].map(|minutes| (base + SignedDuration::from_mins(minutes)).to_string()).into();
        let ask = |racer: u32| {
            let visitor = &visitors[racer as usize % visitors.len()];
            let at = if round % 2 == 0 { 0 } else { racer as usize % 3 };
            let (starts, number) = (starts.clone(), round * racers + racer);
            async move {
                // A busy gateway says when to come again, and a connection may break: a page asks again, under the
                // same key.
                for again in 0..TRIES {
                    let seconds = match visitor.try_book(&key(number), number, "li", &starts[at]).await {
                        Some(reply) if reply.status != 503 => return (at, again, reply),
                        Some(busy) => busy.header("retry-after").parse().expect("it says when"),
                        None => 1,
                    };
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                panic!("no answer after {TRIES} tries")
            }
        };
        for (at, again, reply) in join_all((0..racers).map(ask)).await {
            busy += again;
            match reply.status {
                201 => {
                    won += 1;
                    booked.push(starts[at].parse::<Timestamp>().expect("an instant"));
                }
                409 => {
                    assert_eq!(reply.problem(), "slot-taken");
                    let alternatives = reply.json()["alternatives"].as_array().map_or(0, Vec::len);
                    assert!(alternatives > 0, "somewhere else is free");
                    lost += 1;
                }
                status => panic!("{status}: {}", reply.text()),
            }
        }
        assert_eq!(won, round + 1, "one of {racers} in round {round}");
    }
    booked.sort();
    let half_an_hour = SignedDuration::from_mins(30);
    let overlaps = booked.windows(2).filter(|pair| pair[1].duration_since(pair[0]) < half_an_hour).count();
    report(&format!(
        "{what} races: racers={racers} rounds={rounds} booked={won} refused={lost} overlaps={overlaps} asked_again={busy}"
    ));
    assert_eq!(overlaps, 0);
}
