//! `crm-widgets deliveries list`: what is on its way, what arrived, what was given up, with every attempt.

use std::fmt::Write;

use clap::{Args, Subcommand};
use crm_protocol::id::DeliveryId;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::command::out::say;
use crate::config::Config;
use crate::error::Error;
use crate::store::Store;
use crate::store::deliveries::{Attempt, Deliveries as List, Delivery, Filter, State};

/// Shows deliveries.
#[derive(Args)]
pub struct Deliveries {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List deliveries with their attempts, oldest first
    List(ListArgs),
}

#[derive(Args)]
struct ListArgs {
    /// Only in this state: waiting, delivered or exhausted
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// Only of this site
    #[arg(long)]
    site: Option<String>,
    /// Only of the connection with this name
    #[arg(long)]
    connection: Option<String>,
    /// Only after this delivery: the last of the list before
    #[arg(long, value_name = "ID")]
    after: Option<DeliveryId>,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

impl Deliveries {
    /// Lists them on standard output.
    ///
    /// # Errors
    /// The database's refusal.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let Action::List(args) = self.action;
        let filter = Filter {
            site: args.site,
            connection: args.connection,
            state: args.state,
            submission: None,
            after: args.after,
        };
        let store = Store::open(&config.database.parse()?).await?;
        let deliveries = store.run(List { filter, limit: args.limit }).await?;
        let text: String = if args.json { deliveries.iter().map(line).collect() } else { table(&deliveries) };
        say(text)
    }
}

fn state(word: &str) -> Result<State, &'static str> {
    word.parse().map_err(|()| "write waiting, delivered or exhausted")
}

fn line(delivery: &Delivery) -> String {
    let attempts: Vec<Value> = delivery.attempts.iter().map(attempt_json).collect();
    let object = json!({
        "id": delivery.id,
        "submission": delivery.submission,
        "site": delivery.site,
        "connection": delivery.connection,
        "state": delivery.state.as_str(),
        "dueAt": delivery.due_at.map(time),
        "reason": delivery.reason,
        "attempts": attempts,
    });
    format!("{object}\n")
}

fn attempt_json(attempt: &Attempt) -> Value {
    json!({
        "id": attempt.id,
        "startedAt": time(attempt.started_at),
        "durationMs": attempt.duration_ms,
        "status": attempt.status,
        "outcome": attempt.outcome,
        "body": attempt.body,
        "error": attempt.error,
    })
}

fn table(deliveries: &[Delivery]) -> String {
    let mut text = format!("{:36}  {:9}  {:24}  {}\n", "DELIVERY", "STATE", "SITE/CONNECTION", "NEXT");
    for delivery in deliveries {
        let connection = format!("{}/{}", delivery.site, delivery.connection);
        let next = delivery.due_at.map(time).or_else(|| delivery.reason.clone()).unwrap_or_default();
        let state = delivery.state.as_str();
        let _ = writeln!(text, "{:36}  {state:9}  {connection:24}  {next}", delivery.id.to_string());
        for (number, attempt) in (1..).zip(&delivery.attempts) {
            let status = attempt.status.map_or_else(|| "—".to_owned(), |status| status.to_string());
            let error = attempt.error.as_deref().unwrap_or_default();
            let (at, took, outcome) = (time(attempt.started_at), attempt.duration_ms, &attempt.outcome);
            let _ = writeln!(text, "  {number:>3}. {at}  {took:>6} ms  {status:>3}  {outcome}  {error}");
        }
    }
    text
}

fn time(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(|time| format!("{time:.0}")).unwrap_or_default()
}
