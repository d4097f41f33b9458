//! Durable submissions per second: a 201 counts only if the export has it afterwards.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Result, ensure};

use super::crm::Crm;
use super::gateway::{Gateway, Options};
use super::load::{self, Outcome};
use super::machine;
use super::postgres::Postgres;
use super::report::{Amount, Limit, Report};
use super::site::{self, FORM, SITE};
use super::work;

/// Visitors at the same time.
const CONNECTIONS: usize = 96;

/// Sent first and not counted: caches fill, the database gets its first pages.
const WARM: usize = 2_000;

/// Sent and counted.
const COUNT: usize = 30_000;

/// Measures SQLite with and without challenges, and PostgreSQL.
///
/// # Errors
/// When something does not start, or an acknowledged submission is not stored.
pub async fn run(report: &mut Report) -> Result<()> {
    report.begin(
        "Intake",
        &format!(
            "{COUNT} submissions over {CONNECTIONS} connections from the same machine, each with its outbox row for a CRM \
             that hangs; every 201 was found in the export"
        ),
    );
    let (fast, slow) = (Limit::AtLeast(5_000.0), Limit::AtMost(50.0));
    let outcome = measure(Options::default(), true).await?;
    lines(report, "SQLite, synchronous=FULL, proof of work checked", &outcome, fast, slow);
    let outcome = measure(Options::default(), false).await?;
    lines(report, "the same without proof of work", &outcome, Limit::None, Limit::None);
    let outcome = measure(Options { suffix: "?synchronous=off", ..Options::default() }, true).await?;
    lines(report, "the same with synchronous=off (not durable)", &outcome, Limit::None, Limit::None);
    let postgres = Postgres::start()?;
    let outcome = measure(Options { database: Some(postgres.url()), ..Options::default() }, true).await?;
    lines(report, "PostgreSQL, fsync on", &outcome, Limit::None, Limit::None);
    Ok(())
}

/// What came of a load, and the processor time it took for each submission.
struct Measured {
    outcome: Outcome,
    gateway: Duration,
    generator: Duration,
}

fn lines(report: &mut Report, what: &str, measured: &Measured, fast: Limit, slow: Limit) {
    let Measured { outcome, gateway, generator } = measured;
    report.line(&format!("submissions, {what}"), Amount::Rate(outcome.rate()), fast);
    report.line("  p99 of their answers", Amount::Time(outcome.percentile(0.99)), slow);
    report.line("  p50 of their answers", Amount::Time(outcome.percentile(0.5)), Limit::None);
    report.line("  processor time of the gateway for each", Amount::Time(*gateway), Limit::None);
    report.line("  and of the load generator", Amount::Time(*generator), Limit::None);
}

async fn measure(options: Options, challenge: bool) -> Result<Measured> {
    let crm = Crm::start(Duration::from_secs(3_600)).await?;
    let mut gateway = Gateway::start(&site::definitions(crm.address, 8, challenge), options).await?;
    let solutions = match challenge {
        true => work::solutions(gateway.address, SITE, FORM, WARM + COUNT).await?,
        false => Vec::new(),
    };
    let request = |number| site::submission(number, solutions.get(number).map(String::as_str));
    let mut warm: Vec<Vec<u8>> = (0..WARM + COUNT).map(request).collect();
    let counted = warm.split_off(WARM);
    let before = load::run(gateway.address, warm, CONNECTIONS).await?;
    let used = || anyhow::Ok([machine::used(gateway.pid())?, machine::used(std::process::id())?]);
    let start = used()?;
    let outcome = load::run(gateway.address, counted, CONNECTIONS).await?;
    let end = used()?;
    gateway.stop()?;
    verify(&gateway, &[&before, &outcome])?;
    let [gateway, generator] = [0, 1].map(|at| (end[at] - start[at]) / COUNT as u32);
    Ok(Measured { outcome, gateway, generator })
}

/// What was acknowledged is what is stored, each once.
fn verify(gateway: &Gateway, outcomes: &[&Outcome]) -> Result<()> {
    for outcome in outcomes {
        ensure!(outcome.refused.is_empty(), "refused: {:?}", outcome.refused.iter().collect::<HashSet<_>>());
    }
    let acknowledged: HashSet<&String> = outcomes.iter().flat_map(|outcome| &outcome.acknowledged).collect();
    let stored = gateway.stored(SITE)?;
    let same = stored.len() == acknowledged.len() && stored.iter().all(|id| acknowledged.contains(id));
    ensure!(same, "{} were acknowledged and {} are stored", acknowledged.len(), stored.len());
    Ok(())
}
