//! `crm-widgets schedule`: what changes in a site's schedules from one day to the next, without applying a file.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use uuid::Uuid;

use crate::closing::{self, Fate};
use crate::command::out::say;
use crate::config::Config;
use crate::definitions::Booking;
use crate::definitions::booking::{Closure, Exception, Span};
use crate::error::Error;
use crate::sites::{LiveSite, Sites};
use crate::store::Store;
use crate::store::booking::{AddException, Exceptions, RemoveException, StoredAppointment, StoredException};

/// Every running gateway has read a change after that.
const FOLLOWED: Duration = Duration::from_secs(2);
/// Exceptions that are read at once.
const PAGE: u32 = 200;

/// Closes and opens times, and takes that back.
#[derive(Args)]
pub struct Schedule {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Close a time: somebody does not work, or nobody
    Close(Close),
    /// Open a time: somebody works besides their schedule
    Open(Open),
    /// List what was changed, the earliest change first
    List {
        /// Key of the site
        site: String,
    },
    /// Take a change back
    Remove {
        /// Key of the site
        site: String,
        /// Its id, as `list` shows it
        id: String,
    },
}

#[derive(Args)]
struct Close {
    /// Key of the site
    site: String,
    /// Key of the practitioner or resource; everybody where left out
    #[arg(long)]
    who: Option<String>,
    /// Key of the place; everywhere where left out
    #[arg(long)]
    place: Option<String>,
    /// First day, e.g. 2026-12-24
    #[arg(long, value_name = "DAY")]
    from: String,
    /// Last day; the first where left out
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// Only these hours of each day, e.g. 13:00-18:00
    #[arg(long, value_parser = span)]
    hours: Option<Span>,
    /// Why, for staff, and with --cancel for whoever had an appointment
    #[arg(long)]
    reason: Option<String>,
    /// Cancel the appointments in it; they stand otherwise
    #[arg(long)]
    cancel: bool,
}

#[derive(Args)]
struct Open {
    /// Key of the site
    site: String,
    /// Key of the practitioner or resource
    #[arg(long)]
    who: String,
    /// Key of the place
    #[arg(long)]
    place: String,
    /// The day, e.g. 2026-12-27
    #[arg(long)]
    day: String,
    /// From when to when, e.g. 09:00-12:00
    #[arg(long, value_parser = span)]
    hours: Span,
}

impl Schedule {
    /// Does it, beside running gateways or without one.
    ///
    /// # Errors
    /// Every fault of what is asked for, an unknown site or id, the database's refusal.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let store = Store::open(&config.database.parse()?).await?;
        match self.action {
            Action::Close(close) => close.run(&store).await,
            Action::Open(Open { site, who, place, day, hours }) => {
                let site = Bookable::find(&store, &site).await?;
                let id = site.add(&store, &Exception::Open { who, place, day, hours }).await?;
                say(format_args!("{id} holds\n"))
            }
            Action::List { site } => say(list(&store, &site).await?),
            Action::Remove { site, id } => {
                if !store.run(RemoveException { site: site.clone(), id: id.clone() }).await? {
                    let fix =
                        format!("there is no change \"{id}\" at {site}; `schedule list {site}` shows all");
                    return Err(Error::Command(fix));
                }
                say(format_args!("{id} does not hold any more\n"))
            }
        }
    }
}

impl Close {
    async fn run(self, store: &Store) -> Result<(), Error> {
        let Self { site, who, place, from, to, hours, reason, cancel } = self;
        let site = Bookable::find(store, &site).await?;
        let closure = Closure { from, to, hours, who, place, reason };
        let id = site.add(store, &Exception::Closed(closure.clone())).await?;
        // What is begun is done, also where nobody reads on.
        let mut heard = say(format_args!("{id} holds\n"));
        // What gateways book until they have seen it is named too.
        tokio::time::sleep(FOLLOWED).await;
        let found = closing::affected(store, &site.live, &closure).await?;
        let count = found.len();
        for appointment in found {
            let line = site.line(&appointment);
            let fate = match cancel {
                true => words_of(closing::cancel(store, &site.live, &closure, appointment).await?),
                false => "still stands",
            };
            heard = heard.and_then(|()| say(format_args!("{line}  {fate}\n")));
        }
        heard?;
        match count > 0 && !cancel {
            true => say(format_args!(
                "{count} appointments lie in it: cancel or move them, or close it with --cancel\n"
            )),
            false => Ok(()),
        }
    }
}

fn words_of(fate: Fate) -> &'static str {
    match fate {
        Fate::Cancelled => "cancelled",
        Fate::Over => "was over before",
        Fate::Elsewhere => "was moved out of it: still stands",
    }
}

/// A site at which something can be booked.
struct Bookable {
    live: Arc<LiveSite>,
    booking: Booking,
}

impl Bookable {
    async fn find(store: &Store, key: &str) -> Result<Self, Error> {
        let sites = Sites::load(store.clone()).await?;
        let live = super::site(&sites, key)?;
        match live.definition.booking.clone() {
            Some(booking) => Ok(Self { live, booking }),
            None => Err(Error::Command(format!("nothing can be booked at {key}: it has no `booking`"))),
        }
    }

    async fn add(&self, store: &Store, exception: &Exception) -> Result<String, Error> {
        let faults = exception.faults(&self.booking);
        if !faults.is_empty() {
            return Err(Error::Faults { path: "schedule".to_owned(), faults });
        }
        let id = format!("exc_{}", Uuid::now_v7().simple());
        let body = serde_json::to_string(exception).map_err(|cause| Error::Command(cause.to_string()))?;
        let site = self.live.definition.key.clone();
        store
            .run(AddException { site, id: id.clone(), body, now: Timestamp::now().as_millisecond() })
            .await?;
        Ok(id)
    }

    /// When, its code, and what it is: nobody's name.
    fn line(&self, appointment: &StoredAppointment) -> String {
        let StoredAppointment { id, code, service, slot, .. } = appointment;
        let zone = self.live.calendar.place_zone(&slot.place).unwrap_or(&self.live.time_zone);
        let start = Timestamp::from_millisecond(slot.start).unwrap_or_default().to_zoned(zone.clone());
        let (start, who) = (start.strftime("%Y-%m-%d %H:%M"), &slot.practitioner);
        format!("{start}  {code}  {service}  {who}  {id}")
    }
}

async fn list(store: &Store, site: &str) -> Result<String, Error> {
    let mut text = String::new();
    let mut page = Exceptions { site: site.to_owned(), after: None, limit: PAGE };
    loop {
        let found = store.run(page.clone()).await?;
        for StoredException { id, body, .. } in &found {
            let exception: Exception = serde_json::from_str(body)
                .map_err(|cause| Error::Command(format!("{id} cannot be read: {cause}")))?;
            _ = writeln!(text, "{id}  {}", words(&exception));
        }
        match found.into_iter().nth(PAGE as usize - 1) {
            Some(last) => page.after = Some((last.created_at, last.id)),
            None => return Ok(text),
        }
    }
}

fn words(exception: &Exception) -> String {
    let hours = |hours: &Span| format!(" {}-{}", hours.from, hours.to);
    match exception {
        Exception::Open { who, place, day, hours: open } => {
            format!("open    {day}{}  {who} at {place}", hours(open))
        }
        Exception::Closed(Closure { from, to, hours: closed, who, place, reason }) => {
            let to = to.as_ref().map_or(String::new(), |to| format!(" to {to}"));
            let hours = closed.as_ref().map_or(String::new(), hours);
            let who = who.as_deref().unwrap_or("everybody");
            let place = place.as_deref().map_or(String::new(), |place| format!(" at {place}"));
            let reason = reason.as_deref().map_or(String::new(), |reason| format!("  {reason}"));
            format!("closed  {from}{to}{hours}  {who}{place}{reason}")
        }
    }
}

fn span(text: &str) -> Result<Span, &'static str> {
    let (from, to) = text.split_once('-').ok_or("write hours such as 13:00-18:00")?;
    Ok(Span { from: from.trim().to_owned(), to: to.trim().to_owned() })
}
