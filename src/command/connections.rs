//! `crm-widgets connections`: which connections there are and which pause, and to pause or resume one.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use crate::command::out::say;
use crate::config::Config;
use crate::error::Error;
use crate::sites::Sites;
use crate::store::deliveries::CountDeliveries;
use crate::store::pauses::{Cause, LoadPauses, Pause, Paused, Resume};
use crate::store::{Millis, Store};

/// Shows and pauses connections.
#[derive(Args)]
pub struct Connections {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List connections: what waits, what was given up, and which pause since when, until when and why
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Let everything for a connection wait until it is resumed
    Pause {
        /// The connection
        #[arg(value_name = "SITE/NAME", value_parser = name)]
        connection: Name,
        /// Why, for whoever lists it
        #[arg(long, default_value = "paused by hand")]
        reason: String,
    },
    /// End a pause, whatever its cause; a running gateway goes on within two seconds
    Resume {
        /// The connection
        #[arg(value_name = "SITE/NAME", value_parser = name)]
        connection: Name,
    },
}

/// Key of the site and name of the connection.
type Name = (String, String);

impl Connections {
    /// Does it, beside a running gateway or without one.
    ///
    /// # Errors
    /// The database's refusal, or there is no such connection or pause.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let store = Store::open(&config.database.parse()?).await?;
        let now = Timestamp::now().as_millisecond();
        match self.action {
            Action::List { json } => {
                let rows = rows(store, now).await?;
                let text: String = if json { rows.iter().map(line).collect() } else { table(&rows) };
                say(text)
            }
            Action::Pause { connection, reason } => {
                let shown = format!("{}/{}", connection.0, connection.1);
                if Sites::load(store.clone()).await?.connection(&connection.0, &connection.1).is_none() {
                    return Err(Error::Command(format!(
                        "there is no connection {shown}; `connections list` shows all"
                    )));
                }
                store.run(Pause { connection, cause: Cause::Manual, reason, now }).await?;
                say(format_args!("{shown} pauses until: crm-widgets connections resume {shown}\n"))
            }
            Action::Resume { connection } => {
                let shown = format!("{}/{}", connection.0, connection.1);
                if !store.run(Resume { connection, manual: true }).await? {
                    return Err(Error::Command(format!("{shown} does not pause")));
                }
                say(format_args!("{shown} goes on\n"))
            }
        }
    }
}

fn name(text: &str) -> Result<Name, &'static str> {
    match text.split_once('/') {
        Some((site, name)) if !site.is_empty() && !name.is_empty() => Ok((site.to_owned(), name.to_owned())),
        _ => Err("write the site's key, a slash and the connection's name"),
    }
}

/// What is known of a connection.
#[derive(Default)]
struct Row {
    site: String,
    name: String,
    /// `None` when its site no longer has it.
    connector: Option<String>,
    waiting: u64,
    exhausted: u64,
    paused: Option<Paused>,
}

/// Every connection that is defined, or of which something is left.
async fn rows(store: Store, now: Millis) -> Result<Vec<Row>, Error> {
    let mut rows = BTreeMap::<Name, Row>::new();
    for site in Sites::load(store.clone()).await?.snapshot().iter() {
        for connection in &site.definition.connections {
            let row = row(&mut rows, &site.definition.key, &connection.name);
            row.connector = Some(connection.connector.clone());
        }
    }
    for count in store.run(CountDeliveries).await? {
        let row = row(&mut rows, &count.site, &count.connection);
        (row.waiting, row.exhausted) = (count.waiting, count.exhausted);
    }
    for pause in store.run(LoadPauses { now }).await? {
        row(&mut rows, &pause.site, &pause.connection).paused = Some(pause.clone());
    }
    Ok(rows.into_values().collect())
}

fn row<'a>(rows: &'a mut BTreeMap<Name, Row>, site: &str, name: &str) -> &'a mut Row {
    let new = || Row { site: site.to_owned(), name: name.to_owned(), ..Row::default() };
    rows.entry((site.to_owned(), name.to_owned())).or_insert_with(new)
}

fn line(row: &Row) -> String {
    let paused = row.paused.as_ref().map(
        |pause| json!({"reason": pause.reason, "since": time(pause.since), "until": pause.until.map(time)}),
    );
    let object = json!({
        "site": row.site,
        "connection": row.name,
        "connector": row.connector,
        "waiting": row.waiting,
        "exhausted": row.exhausted,
        "paused": paused,
    });
    format!("{object}\n")
}

fn table(rows: &[Row]) -> String {
    let mut text = format!(
        "{:32}  {:12}  {:>8}  {:>9}  {:20}  {:20}  {}\n",
        "SITE/CONNECTION", "CONNECTOR", "WAITING", "EXHAUSTED", "PAUSED SINCE", "UNTIL", "REASON"
    );
    for row in rows {
        let name = format!("{}/{}", row.site, row.name);
        let connector = row.connector.as_deref().unwrap_or("—");
        let (since, until, reason) = match &row.paused {
            Some(pause) => {
                let until = pause.until.map_or_else(|| "resumed".to_owned(), time);
                (time(pause.since), until, pause.reason.as_str())
            }
            None => Default::default(),
        };
        let (waiting, exhausted) = (row.waiting, row.exhausted);
        let line = format!(
            "{name:32}  {connector:12}  {waiting:>8}  {exhausted:>9}  {since:20}  {until:20}  {reason}"
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn time(millis: Millis) -> String {
    Timestamp::from_millisecond(millis).map(|time| format!("{time:.0}")).unwrap_or_default()
}
