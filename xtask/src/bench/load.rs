//! The load generator: many connections, each sending its next request when the last one was answered.
//!
//! It runs on one thread and does little for a request, because it shares the machine with what it measures.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::{JoinSet, LocalSet};

use super::wire::Wire;

/// What came of a load.
#[derive(Debug, Default)]
pub struct Outcome {
    /// From the first request to the last answer.
    pub took: Duration,
    /// From each request's first byte to its answer's last, sorted.
    latencies: Vec<Duration>,
    /// Ids of the submissions that were acknowledged by a 201.
    pub acknowledged: Vec<String>,
    /// Statuses of other answers.
    pub refused: Vec<u16>,
}

impl Outcome {
    /// Acknowledged submissions in a second.
    pub fn rate(&self) -> f64 {
        self.acknowledged.len() as f64 / self.took.as_secs_f64()
    }

    /// The time within which this share (0–1) of the requests was answered.
    pub fn percentile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }
}

/// Sends all requests over so many connections.
///
/// # Errors
/// When a connection breaks.
pub async fn run(address: SocketAddr, requests: Vec<Vec<u8>>, connections: usize) -> Result<Outcome> {
    let requests: Rc<[Vec<u8>]> = requests.into();
    let next = Rc::new(Cell::new(0));
    let mut wires = Vec::new();
    for _ in 0..connections {
        wires.push(Wire::connect(address).await?);
    }
    let local = LocalSet::new();
    let mut senders = JoinSet::new();
    let started = Instant::now();
    for wire in wires {
        senders.spawn_local_on(send(wire, requests.clone(), next.clone()), &local);
    }
    local.run_until(collect(senders, started)).await
}

async fn collect(mut senders: JoinSet<Result<Outcome>>, started: Instant) -> Result<Outcome> {
    let mut whole = Outcome::default();
    while let Some(part) = senders.join_next().await {
        let part = part??;
        whole.latencies.extend(part.latencies);
        whole.acknowledged.extend(part.acknowledged);
        whole.refused.extend(part.refused);
    }
    whole.took = started.elapsed();
    whole.latencies.sort_unstable();
    Ok(whole)
}

async fn send(mut wire: Wire, requests: Rc<[Vec<u8>]>, next: Rc<Cell<usize>>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    while let Some(request) = requests.get(next.replace(next.get() + 1)) {
        let started = Instant::now();
        let answer = wire.exchange(request).await?;
        outcome.latencies.push(started.elapsed());
        match answer.status {
            201 => outcome.acknowledged.push(id(answer.body)),
            status => outcome.refused.push(status),
        }
    }
    Ok(outcome)
}

/// The id in the JSON of a receipt or an appointment, without parsing all of it.
fn id(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let is_id = |word: &&str| word.starts_with("sub_") || word.starts_with("apt_");
    text.split('"').find(is_id).unwrap_or_default().to_owned()
}
