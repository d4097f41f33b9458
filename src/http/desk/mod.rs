//! The booking desk of a site: what the API's nouns and the hosted pages ask of it.
//!
//! # Layout
//!
//! - [`occupancy`] what is taken, in memory, as the database last had it
//! - [`slots`] the free slots of a window; [`hold`] a slot for some minutes; [`book`] an appointment
//! - [`appointment`] what its owner may do with one; [`waitlist`] waiting for a slot; [`sweep`] what becomes of ended holds
//! - [`staff`] what staff does for somebody
//!
//! Whoever asks shows a token where something is theirs: [`Desk::owns`].

pub mod appointment;
pub mod book;
pub mod hold;
pub mod occupancy;
pub mod slots;
pub mod staff;
pub mod sweep;
pub mod waitlist;

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_protocol::booking::Offer;
use crm_protocol::text::Lang;
use jiff::{Timestamp, ToSpan};

use self::staff::By;
use crate::announce;
use crate::booking::offer::{Filter, offer};
use crate::booking::{Availability, Candidate, Occupied, Window};
use crate::definitions::Booking;
use crate::definitions::booking::Service;
use crate::http::problem::{Code, Refusal};
use crate::http::{App, intake};
use crate::sites::LiveSite;
use crate::store::Millis;
use crate::store::booking::NewEvent;
use crate::texts;

/// The nearest free slots that are named where the wanted one is not free.
const ALTERNATIVES: usize = 6;
/// Days before and after it that are looked at for them.
const AROUND: i64 = 31;

/// A site at which something can be booked.
pub struct Desk {
    /// Everything else.
    pub app: Arc<App>,
    /// The site.
    pub site: Arc<LiveSite>,
}

impl Desk {
    /// The desk of that site.
    ///
    /// # Errors
    /// 404 where there is no such site, or nothing can be booked there.
    pub fn of(app: &Arc<App>, site: &str) -> Result<Self, Refusal> {
        let site = app.site(site)?;
        match site.definition.booking {
            Some(_) => Ok(Self { app: app.clone(), site }),
            None => Err(Refusal::new(Code::UnknownService).detail("Nothing can be booked at this site.")),
        }
    }

    /// Key of the site.
    pub fn key(&self) -> &str {
        &self.site.definition.key
    }

    /// What the operator wrote.
    ///
    /// # Errors
    /// 404, as [`Desk::of`].
    pub fn booking(&self) -> Result<&Booking, Refusal> {
        self.site.definition.booking.as_ref().ok_or_else(|| Code::UnknownService.into())
    }

    /// The service of that key, done by that practitioner if one is named.
    ///
    /// # Errors
    /// 404.
    pub fn service(&self, key: &str, practitioner: Option<&str>) -> Result<&Service, Refusal> {
        let service = self.booking()?.service(key).ok_or(Code::UnknownService)?;
        let known = |key: &str| service.practitioners.iter().any(|known| known == key);
        match practitioner.is_none_or(known) {
            true => Ok(service),
            false => Err(Code::UnknownService.into()),
        }
    }

    /// What can be booked, in the site's language that is nearest to `lang`.
    ///
    /// # Errors
    /// 404, as [`Desk::of`].
    pub fn offer(&self, lang: Option<&Lang>, filter: Filter<'_>) -> Result<Offer, Refusal> {
        let definition = &self.site.definition;
        let lang = definition.language(lang);
        offer(definition, &lang, texts::catalogue(&lang), filter).ok_or(Code::UnknownService.into())
    }

    /// Whether the token is the one for that id at this site.
    ///
    /// # Errors
    /// 404: nobody learns whether the id exists.
    pub fn owns(&self, id: &str, token: Option<&str>) -> Result<(), Refusal> {
        let ours = token.is_some_and(|token| self.app.keys.allows(self.key(), id, token));
        if ours { Ok(()) } else { Err(Code::NotFound.into()) }
    }

    /// The token for that id.
    fn token(&self, id: &str) -> String {
        self.app.keys.capability(self.key(), id)
    }

    /// What can be answered about slots, as things stand.
    fn availability<'a>(&'a self, occupied: &'a Occupied) -> Availability<'a> {
        Availability { calendar: &self.site.calendar, occupied, now: Timestamp::now() }
    }

    /// 409 or 422 with the nearest free slots.
    fn elsewhere(&self, code: Code, wanted: &Wanted<'_>, occupied: &Occupied) -> Refusal {
        let Wanted { service, practitioner, start } = *wanted;
        let day = start.to_zoned(self.site.time_zone.clone()).date();
        let around =
            Window { from: day.saturating_sub(AROUND.days()), to: day.saturating_add(AROUND.days()) };
        let availability = self.availability(occupied);
        let alternatives = availability.alternatives(service, practitioner, start, around, ALTERNATIVES);
        Refusal { alternatives, ..Refusal::new(code) }
    }

    /// Every way to do that slot.
    ///
    /// # Errors
    /// 409 where it is taken, 422 where there is no such slot, with the nearest free ones.
    fn candidates(
        &self,
        wanted: &Wanted<'_>,
        occupied: &Occupied,
        by: By,
    ) -> Result<Vec<Candidate>, Refusal> {
        let Wanted { service, practitioner, start } = *wanted;
        let availability = Availability { now: by.looks_at(service, start), ..self.availability(occupied) };
        match availability.candidates(service, practitioner, start) {
            Ok(candidates) if candidates.is_empty() => Err(self.elsewhere(Code::SlotTaken, wanted, occupied)),
            Ok(candidates) => Ok(candidates),
            Err(_) => Err(self.elsewhere(Code::NotOffered, wanted, occupied)),
        }
    }

    /// Whether the slot is still in the schedules, whoever has it.
    fn stands(&self, service: &Service, slot: &Candidate) -> bool {
        let start = Timestamp::from_millisecond(slot.start).unwrap_or_default();
        let empty = Occupied::default();
        // By staff's rules, and as of its start where that is past: who holds it was in time.
        let availability = Availability { now: Timestamp::now().min(start), ..self.availability(&empty) };
        let service = By::Staff.rules(service);
        let ways = availability.candidates(&service, Some(&slot.practitioner), start);
        ways.is_ok_and(|ways| ways.iter().any(|way| way.place == slot.place))
    }

    /// The site's date at that instant, ISO 8601.
    fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.site.time_zone.clone()).date().to_string()
    }

    /// Most appointments a day of every practitioner of that service for whom there is such a limit.
    fn per_day(&self, service: &Service) -> Result<BTreeMap<String, u32>, Refusal> {
        let booking = self.booking()?;
        let limit = |key: &String| Some((key.clone(), booking.practitioner(key)?.per_day?));
        Ok(service.practitioners.iter().filter_map(limit).collect())
    }

    /// An event about something of that service, on its way to whoever wants it.
    fn event(&self, service: &Service, kind: &str, lang: &Lang) -> Result<NewEvent, Refusal> {
        Ok(announce::event(&self.site, self.booking()?, service, kind, lang))
    }

    /// What is taken at the site.
    async fn occupied(&self) -> Result<Arc<Occupied>, Refusal> {
        Ok(self.app.occupancy.of(&self.app.store, self.key(), intake::now()).await?)
    }

    /// 409 with the nearest free slots as they are now.
    async fn taken(&self, code: Code, wanted: &Wanted<'_>) -> Refusal {
        match self.occupied().await {
            Ok(occupied) => self.elsewhere(code, wanted, &occupied),
            Err(refusal) => refusal,
        }
    }
}

/// A slot that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// What for.
    pub service: &'a Service,
    /// With whom; anybody where missing.
    pub practitioner: Option<&'a str>,
    /// When it starts.
    pub start: Timestamp,
}

/// Reads an instant.
///
/// # Errors
/// 400.
pub fn instant(text: &str) -> Result<Timestamp, Refusal> {
    let malformed =
        |_| Refusal::new(Code::Malformed).detail("`start` is an instant such as 2026-11-24T01:00:00Z.");
    text.parse().map_err(malformed)
}

/// Writes an instant as the API has it, to the second.
pub fn written(at: Millis) -> String {
    Timestamp::from_millisecond(at).map(|at| format!("{at:.0}")).unwrap_or_default()
}
