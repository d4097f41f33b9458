//! `crm-widgets connector try`: the requests a connector would send for an event, without sending any.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use crm_protocol::id::DeliveryId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::command::check;
use crate::config::Config;
use crate::connector::contact::Contact;
use crate::connector::event::Event;
use crate::connector::file::ConnectorFile;
use crate::connector::library::Library;
use crate::connector::memory::Book;
use crate::connector::rehearse::{Rehearsed, rehearse};
use crate::connector::{Connector, Delivery, Settings, Site, route, show};
use crate::definitions::Connection;
use crate::definitions::connection::EVENTS;
use crate::error::Error;

/// Shows what a connector would send for an event, or sends it.
#[derive(Args)]
pub struct Try {
    /// The connector file, or the name of a connector there is
    connector: String,
    /// The event: a JSON file with type, timestamp and data
    #[arg(long, value_name = "FILE")]
    event: PathBuf,
    /// Definition file that has the connection to use
    #[arg(long, value_name = "FILE", requires = "connection")]
    definitions: Option<PathBuf>,
    /// The connection to use
    #[arg(long, value_name = "SITE/NAME", requires = "definitions")]
    connection: Option<String>,
    /// The CRM's URL, where no connection says it
    #[arg(long, conflicts_with = "connection")]
    url: Option<String>,
    /// An input; the value may be JSON
    #[arg(long = "input", value_name = "NAME=VALUE", conflicts_with = "connection")]
    inputs: Vec<String>,
    /// A secret, and the environment variable that holds it
    #[arg(long = "secret", value_name = "NAME=VARIABLE", conflicts_with = "connection")]
    secrets: Vec<String>,
    /// Send the requests and show the answers
    #[arg(long)]
    send: bool,
}

impl Try {
    /// Prints the requests, and with `--send` the answers.
    ///
    /// # Errors
    /// The faults of a file; with `--send` also that the CRM does not have it in the end.
    #[expect(clippy::print_stdout, reason = "the command line's own answer")]
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let mut library = Library::load(config.connectors.as_deref())?;
        let file = find(&mut library, &self.connector)?;
        let (connection, site) = self.connection(&file)?;
        let delivery =
            Delivery { id: DeliveryId::from_u128(Uuid::now_v7().as_u128()), site, event: read(&self.event)? };
        print!("{}", head(&file, &connection, &delivery));
        if self.send {
            return send(config, library, &connection, &delivery).await;
        }
        let public_url = config.public_url.unwrap_or_else(|| "https://gateway.example.com".to_owned());
        let steps = rehearse(&file, &connection, &delivery, &public_url)
            .map_err(|fault| Error::Command(fault.to_string()))?;
        for step in &steps {
            print!("{}", rehearsed(step));
        }
        println!("\n{} requests, none sent; --send sends them", steps.len());
        Ok(())
    }

    /// The connection that is named, or one made of the command line.
    fn connection(&self, file: &ConnectorFile) -> Result<(Connection, Site), Error> {
        if let (Some(path), Some(name)) = (&self.definitions, &self.connection) {
            return set_up(path, name);
        }
        let inputs = pairs(&self.inputs)?;
        let inputs: Map<String, Value> = inputs
            .into_iter()
            .map(|(name, text)| (name, serde_json::from_str(&text).unwrap_or(Value::String(text))))
            .collect();
        let secrets: Map<String, Value> = pairs(&self.secrets)?
            .into_iter()
            .map(|(name, variable)| (name, json!({"env": variable})))
            .collect();
        let url = self
            .url
            .clone()
            .or_else(|| file.url.clone())
            .unwrap_or_else(|| "https://crm.example.com".to_owned());
        let connection = json!({
            "name": "try", "connector": file.connector, "url": url, "inputs": inputs, "secrets": secrets,
            "allowPrivate": true
        });
        let connection =
            serde_json::from_value(connection).map_err(|cause| Error::Command(cause.to_string()))?;
        let site =
            Site { key: "clinic".into(), name: "Lakeside Clinic".into(), time_zone: "Asia/Shanghai".into() };
        Ok((connection, site))
    }
}

/// A file by its path, or one of the library by its name.
fn find(library: &mut Library, connector: &str) -> Result<Arc<ConnectorFile>, Error> {
    if let Some(file) = library.get(connector) {
        return Ok(file);
    }
    library.add(Path::new(connector))
}

fn set_up(path: &Path, name: &str) -> Result<(Connection, Site), Error> {
    let definitions = check::read(path)?;
    let found = name.split_once('/').and_then(|(key, name)| {
        let site = definitions.sites.iter().find(|site| site.key == key)?;
        Some((site.connection(name)?.clone(), site))
    });
    let (connection, site) = found.ok_or_else(|| {
        Error::Command(format!("{}: no connection {name}; write SITE/NAME", path.display()))
    })?;
    let lang = site.languages.first().cloned().unwrap_or_default();
    let named = Site {
        key: site.key.clone(),
        name: site.name.get(&lang).to_owned(),
        time_zone: site.time_zone.clone(),
    };
    Ok((connection, named))
}

fn read(path: &Path) -> Result<Event, Error> {
    let name = path.display().to_string();
    let text = std::fs::read(path).map_err(|cause| Error::File { path: name.clone(), cause })?;
    let event: Event =
        serde_json::from_slice(&text).map_err(|cause| Error::Json { path: name.clone(), cause })?;
    match EVENTS.contains(&event.r#type.as_str()) {
        true => Ok(event),
        false => Err(Error::Command(format!("{name}: type: choose from {}", EVENTS.join(", ")))),
    }
}

fn pairs(texts: &[String]) -> Result<Vec<(String, String)>, Error> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    let split = |text| pair(text).ok_or_else(|| Error::Command(format!("\"{text}\": write NAME=VALUE")));
    texts.iter().map(split).collect()
}

/// What is delivered, and whose lead it is.
fn head(file: &ConnectorFile, connection: &Connection, delivery: &Delivery) -> String {
    let event = &delivery.event;
    let contact = Contact::of(event, &connection.contact);
    let route = match route::choose(&connection.routes, &route::names(event, &contact)) {
        Some((number, route)) => {
            let set = Value::Object(route.set.clone());
            format!("{number} of {}: {set}", connection.routes.len())
        }
        None => "none, the connection has no routing table".to_owned(),
    };
    let mut text = format!("connector  {} ({})\n", file.connector, file.title);
    let _ = writeln!(text, "event      {} {}", event.r#type, event.id());
    let _ = writeln!(text, "route      {route}");
    text
}

fn rehearsed(rehearsed: &Rehearsed<'_>) -> String {
    let step = rehearsed.step;
    let mut text = format!("\n── {} ", step.step_id);
    if let Some(when) = &step.when {
        let _ = write!(text, "· only when {} ", when.source());
    }
    let _ = writeln!(text, "──");
    match &rehearsed.request {
        Ok(request) => text.push_str(&show::rendered(request)),
        Err(fault) => {
            let _ = writeln!(text, "depends on an answer: {fault}");
        }
    }
    text
}

#[expect(clippy::print_stdout, reason = "the command line's own answer")]
async fn send(
    config: Config,
    library: Library,
    connection: &Connection,
    delivery: &Delivery,
) -> Result<(), Error> {
    let settings = Settings {
        public_url: config.public_url.unwrap_or_else(|| format!("http://{}", config.listen)),
        allow_private: config.allow_private,
        secret: |name| std::env::var(name).ok(),
    };
    let connector = Connector::new(settings, library).map_err(Error::Tls)?;
    let mut ledger = Book::default().open(delivery.id);
    let report = connector
        .deliver_watched(connection, delivery, &mut ledger, Some(&|seen| println!("\n{seen}")))
        .await;
    let error = report.error.as_deref().unwrap_or_default();
    match report.outcome {
        crate::connector::Outcome::Delivered { .. } => {
            println!("{}", report.outcome);
            Ok(())
        }
        outcome => Err(Error::Command(format!("{outcome}: {error}"))),
    }
}
