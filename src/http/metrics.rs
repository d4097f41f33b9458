//! `/metrics`: Prometheus text. Every series has a place in a table of fixed size, so no caller can make more.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Operation, Routes};
use crate::http::{App, intake};
use crate::store::deliveries::CountDeliveries;
use crate::store::pauses::{LoadPauses, Paused};

/// Statuses 100 to 599.
const STATUSES: usize = 500;
/// Upper bounds of the latency histogram, in microseconds.
const BOUNDS: [u64; 10] = [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 250_000, 1_000_000];

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let operation = Operation::new("getMetrics", "Counters for Prometheus")
        .answer(200, "Text format 0.0.4", json!({"text/plain": {"schema": {"type": "string"}}}))
        .refuses(&[Code::Internal, Code::Unavailable]);
    routes.get("/metrics", show, operation)
}

/// What the gateway counts.
#[derive(Debug)]
pub struct Metrics {
    /// Requests by route and status; the last row is for addresses that are no route.
    requests: Box<[AtomicU64]>,
    latency: [AtomicU64; BOUNDS.len() + 1],
    latency_micros: AtomicU64,
    accepted: AtomicU64,
    spam: AtomicU64,
    turned_away: AtomicU64,
}

impl Metrics {
    /// Zeros for that many routes.
    pub fn new(routes: usize) -> Self {
        Self {
            requests: (0..(routes + 1) * STATUSES).map(|_| AtomicU64::new(0)).collect(),
            latency: Default::default(),
            latency_micros: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            spam: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        }
    }

    /// Counts an answered request. `route` is its index, `None` for an address that is no route.
    pub fn request(&self, route: Option<usize>, status: u16, took: Duration) {
        let row = route.unwrap_or(self.requests.len() / STATUSES - 1);
        let at = row * STATUSES + usize::from(status.clamp(100, 599)) - 100;
        self.requests.get(at).map(|count| count.fetch_add(1, Relaxed));
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.iter().position(|bound| micros <= *bound).unwrap_or(BOUNDS.len());
        self.latency.get(bucket).map(|count| count.fetch_add(1, Relaxed));
        self.latency_micros.fetch_add(micros, Relaxed);
    }

    /// Counts a stored submission.
    pub fn accepted(&self, spam: bool) {
        let counter = if spam { &self.spam } else { &self.accepted };
        counter.fetch_add(1, Relaxed);
    }

    /// Counts a connection that was closed since its address has as many as it may.
    pub fn turned_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }

    fn write(&self, patterns: &[&str], text: &mut String) -> std::fmt::Result {
        writeln!(text, "# TYPE crm_requests_total counter")?;
        for (row, counts) in self.requests.chunks(STATUSES).enumerate() {
            let route = patterns.get(row).copied().unwrap_or("-");
            for (at, count) in counts.iter().enumerate().filter(|(_, count)| count.load(Relaxed) > 0) {
                let (status, count) = (at + 100, count.load(Relaxed));
                writeln!(text, "crm_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}")?;
            }
        }
        self.write_latency(text)?;
        writeln!(text, "# TYPE crm_submissions_total counter")?;
        writeln!(text, "crm_submissions_total{{spam=\"no\"}} {}", self.accepted.load(Relaxed))?;
        writeln!(text, "crm_submissions_total{{spam=\"yes\"}} {}", self.spam.load(Relaxed))?;
        writeln!(text, "# TYPE crm_connections_turned_away_total counter")?;
        writeln!(text, "crm_connections_turned_away_total {}", self.turned_away.load(Relaxed))
    }

    fn write_latency(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "# TYPE crm_request_seconds histogram")?;
        let mut sum = 0;
        for (at, count) in self.latency.iter().enumerate() {
            sum += count.load(Relaxed);
            let bound = BOUNDS.get(at).map_or("+Inf".to_owned(), |micros| (*micros as f64 / 1e6).to_string());
            writeln!(text, "crm_request_seconds_bucket{{le=\"{bound}\"}} {sum}")?;
        }
        writeln!(text, "crm_request_seconds_sum {}", self.latency_micros.load(Relaxed) as f64 / 1e6)?;
        writeln!(text, "crm_request_seconds_count {sum}")
    }
}

async fn show(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let mut text = String::new();
    app.metrics.write(app.table.patterns(), &mut text).map_err(Refusal::internal)?;
    write_store(&app, &mut text).await?.map_err(Refusal::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text).into_response())
}

async fn write_store(app: &App, text: &mut String) -> Result<std::fmt::Result, Refusal> {
    let stats = app.store.stats();
    let deliveries = app.store.run(CountDeliveries).await?;
    let pauses = app.store.run(LoadPauses { now: intake::now() }).await?;
    let mut write = || {
        writeln!(
            text,
            "# TYPE crm_store_operations_total counter\ncrm_store_operations_total {}",
            stats.ops
        )?;
        writeln!(text, "# TYPE crm_store_commits_total counter\ncrm_store_commits_total {}", stats.commits)?;
        writeln!(text, "# TYPE crm_deliveries gauge")?;
        for count in &deliveries {
            let at = format!("site=\"{}\",connection=\"{}\"", count.site, count.connection);
            writeln!(text, "crm_deliveries{{{at},state=\"waiting\"}} {}", count.waiting)?;
            writeln!(text, "crm_deliveries{{{at},state=\"exhausted\"}} {}", count.exhausted)?;
        }
        write_paused(app, &pauses, text)
    };
    Ok(write())
}

/// 1 or 0 for each connection there is.
fn write_paused(app: &App, pauses: &[Paused], text: &mut String) -> std::fmt::Result {
    writeln!(text, "# TYPE crm_connection_paused gauge")?;
    for site in app.sites.snapshot().iter() {
        let key = &site.definition.key;
        for connection in &site.definition.connections {
            let name = &connection.name;
            let paused = pauses.iter().any(|pause| pause.site == *key && pause.connection == *name);
            let paused = u8::from(paused);
            writeln!(text, "crm_connection_paused{{site=\"{key}\",connection=\"{name}\"}} {paused}")?;
        }
    }
    Ok(())
}
