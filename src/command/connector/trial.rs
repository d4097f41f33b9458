//! `crm-widgets connector try`: the requests a connector would send for an event, without sending any.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use crm_protocol::id::DeliveryId;
use crm_protocol::text::Lang;
use serde_json::Value;
use uuid::Uuid;

use super::by_hand::ByHand;
use crate::command::out::say;
use crate::command::{self, check};
use crate::config::Config;
use crate::connector::contact::Contact;
use crate::connector::event::Event;
use crate::connector::file::ConnectorFile;
use crate::connector::library::Library;
use crate::connector::memory::Book;
use crate::connector::message::Message;
use crate::connector::rehearse::{Part, Rehearsed, Unmade, rehearse};
use crate::connector::{Delivery, Outcome, Site, route, show};
use crate::definitions::connection::EVENTS;
use crate::definitions::{self, Connection};
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
    #[command(flatten)]
    by_hand: ByHand,
    /// Send the requests and show the answers
    #[arg(long)]
    send: bool,
}

impl Try {
    /// Prints the requests, and with `--send` the answers.
    ///
    /// # Errors
    /// The faults of a file or of the command line; a template that can never be rendered; with `--send` also that the
    /// CRM does not have it in the end.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let mut library = Library::load(config.connectors.as_deref())?;
        let file = find(&mut library, &self.connector)?;
        let (connection, site) = self.connection(&file)?;
        let public_url =
            config.public_url.clone().unwrap_or_else(|| "https://gateway.example.com".to_owned());
        let delivery = delivery(read(&self.event)?, &connection, &site, &public_url);
        if !file.handles(&delivery.event.r#type) {
            let (name, event) = (&file.connector, &delivery.event.r#type);
            return Err(Error::Command(format!(
                "{name} does nothing with {event}: no step has it in its `on`"
            )));
        }
        say(head(&file, &connection, &delivery))?;
        if self.send {
            return send(config, library, &connection, &delivery).await;
        }
        let requests = rehearse(&file, &connection, &delivery, &public_url)
            .map_err(|fault| Error::Command(fault.to_string()))?;
        for request in &requests {
            say(rehearsed(request)?)?;
        }
        let steps = requests.iter().filter(|request| matches!(request.part, Part::Step(_))).count();
        say(format_args!("\n{steps} steps, nothing sent; --send sends them\n"))
    }

    /// The connection that is named, or one made of the command line.
    fn connection(&self, file: &ConnectorFile) -> Result<(Connection, definitions::Site), Error> {
        match (&self.definitions, &self.connection) {
            (Some(path), Some(name)) => set_up(path, name),
            _ => self.by_hand.connection(file, self.send),
        }
    }
}

/// A file by its path, or one of the library by its name.
fn find(library: &mut Library, connector: &str) -> Result<Arc<ConnectorFile>, Error> {
    if let Some(file) = library.get(connector) {
        return Ok(file);
    }
    library.add(Path::new(connector))
}

/// The event on its way. The link of its message opens nothing: only a gateway with its secret can make tokens.
fn delivery(event: Event, connection: &Connection, site: &definitions::Site, public_url: &str) -> Delivery {
    let lang = Lang::parse(event.text("lang")).unwrap_or_default();
    Delivery {
        id: DeliveryId::from_u128(Uuid::now_v7().as_u128()),
        site: Site::of(site, &lang),
        message: Message::of(&event, site, connection, public_url, |_| "‹token›".to_owned()),
        event,
    }
}

fn set_up(path: &Path, name: &str) -> Result<(Connection, definitions::Site), Error> {
    let definitions = check::read(path)?;
    let found = name.split_once('/').and_then(|(key, name)| {
        let site = definitions.sites.into_iter().find(|site| site.key == key)?;
        Some((site.connection(name)?.clone(), site))
    });
    found.ok_or_else(|| Error::Command(format!("{}: no connection {name}; write SITE/NAME", path.display())))
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

/// A request and what stands over it.
///
/// # Errors
/// It can never be made.
fn rehearsed(rehearsed: &Rehearsed<'_>) -> Result<String, Error> {
    let mut text = show::heading(&heading(rehearsed.part));
    match &rehearsed.request {
        Ok(request) => text.push_str(&show::cut(show::rendered(request))),
        Err(Unmade::Later(fault)) => {
            let _ = writeln!(text, "depends on an answer: {fault}");
        }
        Err(Unmade::Wrong(fault)) => {
            return Err(Error::Command(format!("{}: the template {fault}", whose(rehearsed.part))));
        }
    }
    Ok(text)
}

fn whose(part: Part<'_>) -> String {
    match part {
        Part::Login => "login".to_owned(),
        Part::Step(step) => format!("step {}", step.step_id),
        Part::Lookup(step) => format!("step {}, lookup", step.step_id),
    }
}

fn heading(part: Part<'_>) -> String {
    match part {
        Part::Login => "login · once, while its token lasts".to_owned(),
        Part::Step(step) => {
            let when = step.when.as_ref().map(|when| format!(" · only when {}", when.source()));
            format!("{}{}", step.step_id, when.unwrap_or_default())
        }
        Part::Lookup(step) => format!("{}, lookup · asked only when a repetition is possible", step.step_id),
    }
}

async fn send(
    config: Config,
    library: Library,
    connection: &Connection,
    delivery: &Delivery,
) -> Result<(), Error> {
    let connector = command::gateways(&config, library)?;
    let mut ledger = Book::default().open(delivery.id);
    // Whoever stops reading still has all of it sent.
    let watch = |seen: &str| drop(say(seen));
    let report = connector.deliver_watched(connection, delivery, &mut ledger, Some(&watch)).await;
    let outcome = show::outcome(report.outcome);
    match report.outcome {
        Outcome::Delivered { .. } => say(format_args!("\n{outcome}\n")),
        _ => Err(Error::Command(format!("{outcome}: {}", report.error.unwrap_or_default()))),
    }
}
