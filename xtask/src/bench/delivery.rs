//! How fast the outbox empties once a CRM is there again.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::crm::Crm;
use super::gateway::{Gateway, Options};
use super::load;
use super::report::{Amount, Limit, Report};
use super::site;

/// What the CRM takes for one delivery.
const DELAY: Duration = Duration::from_millis(20);

/// Deliveries that are measured.
const COUNT: usize = 3_000;

/// Measures the drain for the default and for a high concurrency.
///
/// # Errors
/// When something does not start or nothing arrives.
pub async fn run(report: &mut Report) -> Result<()> {
    report.begin("Delivery", &format!("{COUNT} submissions, sent at once, to a CRM that answers in 20 ms"));
    for concurrency in [8, 64] {
        let what = format!("deliveries, {concurrency} at a time (at most {} /s)", concurrency * 50);
        report.line(&what, Amount::Rate(drain(concurrency).await?), Limit::None);
    }
    Ok(())
}

async fn drain(concurrency: u32) -> Result<f64> {
    let crm = Crm::start(DELAY).await?;
    let gateway =
        Gateway::start(&site::definitions(crm.address, concurrency, false), Options::default()).await?;
    let requests = (0..COUNT).map(|number| site::submission(number, None)).collect();
    let started = Instant::now();
    let sent = load::run(gateway.address, requests, 32).await?.acknowledged.len() as u64;
    while crm.taken() < sent {
        ensure!(
            started.elapsed() < Duration::from_secs(60),
            "{} of {sent} arrived within a minute",
            crm.taken()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(sent as f64 / started.elapsed().as_secs_f64())
}
