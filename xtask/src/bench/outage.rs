//! A CRM that is down for half an hour while enquiries keep coming, and one of fifty that never answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::crm::Crm;
use super::gateway::{Gateway, Options};
use super::load;
use super::report::{Amount, Limit, Report};
use super::site;

/// What the CRM takes for one delivery.
const DELAY: Duration = Duration::from_millis(20);

/// Enquiries that wait when the CRM is back.
const WAITING: usize = 100_000;

/// Minutes that the CRM is down; `CRM_OUTAGE_MINUTES` makes them fewer.
const MINUTES: usize = 30;

/// Connections of the site whose one never answers.
const CONNECTIONS: usize = 50;

/// Enquiries that each of them is sent.
const ENQUIRIES: usize = 200;

/// Measures both.
///
/// # Errors
/// When something does not start.
pub async fn run(report: &mut Report) -> Result<()> {
    hanging(report).await?;
    down(report).await
}

async fn down(report: &mut Report) -> Result<()> {
    let minutes =
        std::env::var("CRM_OUTAGE_MINUTES").ok().and_then(|text| text.parse().ok()).unwrap_or(MINUTES);
    report.begin(
        "Outage",
        &format!("{WAITING} enquiries within {minutes} minutes in which the CRM answers 503"),
    );
    let crm = Crm::start(DELAY).await?;
    crm.set_down(true);
    let gateway = Gateway::start(&site::definitions(crm.address, 64, false), Options::default()).await?;
    let acknowledged = enquire(gateway.address, WAITING, Duration::from_secs(60 * minutes as u64)).await?;
    ensure!(crm.taken() == 0, "the CRM took something while it was down");
    crm.set_down(false);
    let started = Instant::now();
    while crm.distinct() < acknowledged && started.elapsed() < Duration::from_secs(1200) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let drained = started.elapsed();
    // What would come twice gets the time to.
    tokio::time::sleep(Duration::from_secs(5)).await;
    report.line("enquiries acknowledged", Amount::Count(acknowledged), Limit::AtLeast(WAITING as f64));
    report.line("lost", Amount::Count(acknowledged.saturating_sub(crm.distinct())), Limit::AtMost(0.0));
    report.line("delivered twice", Amount::Count(crm.taken() - crm.distinct()), Limit::AtMost(0.0));
    report.line(
        "until all had arrived once the CRM was back",
        Amount::Time(drained),
        Limit::AtMost(600_000.0),
    );
    Ok(())
}

/// Sends so many enquiries, evenly over the time, in a batch a second. How many were acknowledged.
async fn enquire(address: SocketAddr, count: usize, time: Duration) -> Result<u64> {
    let seconds = time.as_secs().max(1) as usize;
    let started = Instant::now();
    let mut acknowledged = 0;
    for second in 0..seconds {
        let batch = (count * second / seconds)..(count * (second + 1) / seconds);
        let requests: Vec<_> = batch.map(|number| site::submission(number, None)).collect();
        acknowledged += load::run(address, requests, 8).await?.acknowledged.len() as u64;
        let next = Duration::from_secs(second as u64 + 1);
        tokio::time::sleep(next.saturating_sub(started.elapsed())).await;
    }
    Ok(acknowledged)
}

async fn hanging(report: &mut Report) -> Result<()> {
    let what = format!("{ENQUIRIES} enquiries to {CONNECTIONS} connections, one of which never answers");
    report.begin("Isolation", &what);
    let crm = Crm::start(DELAY).await?;
    let silent = silent().await?;
    let gateway = Gateway::start(&fifty(crm.address, silent), Options::default()).await?;
    let expected = (ENQUIRIES * (CONNECTIONS - 1)) as u64;
    let started = Instant::now();
    // At the pace of a busy site: the deliveries, not the enquiries, are measured.
    enquire(gateway.address, ENQUIRIES, Duration::from_secs(20)).await?;
    while crm.distinct() < expected && started.elapsed() < Duration::from_secs(120) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    report.line("deliveries to the others", Amount::Count(crm.distinct()), Limit::AtLeast(expected as f64));
    report.line("from enquiry to delivery, p50", Amount::Time(crm.age(0.5)), Limit::None);
    report.line("from enquiry to delivery, p99", Amount::Time(crm.age(0.99)), Limit::AtMost(2_000.0));
    Ok(())
}

/// Takes connections and says nothing.
async fn silent() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    Ok(address)
}

fn fifty(crm: SocketAddr, silent: SocketAddr) -> Value {
    let mut definitions = site::definitions(crm, 8, false);
    let connection = definitions["sites"][0]["connections"][0].clone();
    let connections = (0..CONNECTIONS).map(|number| {
        let address = if number == 0 { silent } else { crm };
        let mut connection = connection.clone();
        connection["name"] = json!(format!("crm-{number}"));
        connection["url"] = json!(format!("http://{address}/hook"));
        connection["timeoutSeconds"] = json!(30);
        connection
    });
    definitions["sites"][0]["connections"] = connections.collect();
    definitions
}
