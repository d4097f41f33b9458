//! All sites in memory, as the database last had them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crm_protocol::form::Form;
use crm_protocol::text::Lang;
use jiff::tz::TimeZone;

use crate::booking::Calendar;
use crate::definitions::booking::Exception;
use crate::definitions::{Connection, Site};
use crate::his::words::Words;
use crate::store::booking::AllExceptions;
use crate::store::his::{HisSlot, LoadHis};
use crate::store::sites::{LoadSites, Revision};
use crate::store::{Store, StoreError};

/// How often the database is asked whether something was applied, or a schedule changed: both hold within two seconds.
const POLL: Duration = Duration::from_secs(1);

/// The sites. Reading takes one short lock and no database.
#[derive(Debug)]
pub struct Sites {
    store: Store,
    snapshot: RwLock<Arc<Snapshot>>,
}

/// The sites at one revision of the database.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Counts up with every change.
    pub revision: i64,
    sites: HashMap<String, Arc<LiveSite>>,
}

/// A site ready for use.
#[derive(Debug)]
pub struct LiveSite {
    /// As it was applied.
    pub definition: Site,
    /// The revision it was read at.
    pub revision: i64,
    /// Decides what "today" is.
    pub time_zone: TimeZone,
    /// Who works when.
    pub calendar: Calendar,
    /// Keys of the services whose slots a hospital owns.
    theirs: BTreeSet<String>,
    forms: HashMap<String, Vec<(Lang, Arc<Form>)>>,
}

impl Sites {
    /// Reads all sites.
    ///
    /// # Errors
    /// The database's.
    pub async fn load(store: Store) -> Result<Self, StoreError> {
        let snapshot = RwLock::new(Arc::new(read(&store).await?));
        Ok(Self { store, snapshot })
    }

    /// The site of that key.
    pub fn get(&self, key: &str) -> Option<Arc<LiveSite>> {
        self.snapshot().sites.get(key).cloned()
    }

    /// The connection of that site and name, as it is now.
    pub fn connection(&self, site: &str, name: &str) -> Option<Connection> {
        self.get(site)?.definition.connection(name).cloned()
    }

    /// All sites at once.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Follows the database until dropped. A database that is away is asked again; the sites stay as they were.
    pub async fn follow(&self) {
        loop {
            tokio::time::sleep(POLL).await;
            if let Err(cause) = self.refresh().await {
                tracing::warn!(%cause, "the sites could not be refreshed");
            }
        }
    }

    /// Reads the sites again if they changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        if self.store.run(Revision).await? > self.snapshot().revision {
            self.keep(read(&self.store).await?);
        }
        Ok(())
    }

    /// Takes the place of an older snapshot. Of several that are read at the same time the last to come may be older.
    fn keep(&self, read: Snapshot) {
        let mut snapshot = self.snapshot.write().unwrap_or_else(PoisonError::into_inner);
        if read.revision > snapshot.revision {
            tracing::info!(revision = read.revision, sites = read.sites.len(), "sites refreshed");
            *snapshot = Arc::new(read);
        }
    }
}

impl Snapshot {
    /// Every site, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<LiveSite>> {
        self.sites.values()
    }
}

impl LiveSite {
    /// The form of that name as a reader of `lang` sees it, and the site's language that is nearest to `lang`.
    pub fn form(&self, id: &str, lang: Option<&Lang>) -> Option<(Lang, Arc<Form>)> {
        let forms = self.forms.get(id)?;
        let lang = self.definition.language(lang);
        forms.iter().find(|(tag, _)| *tag == lang).or_else(|| forms.first()).cloned()
    }

    /// Today at the site, ISO 8601.
    pub fn today(&self) -> String {
        jiff::Timestamp::now().to_zoned(self.time_zone.clone()).date().to_string()
    }

    /// Whether the slots of that service are a hospital's: nothing of it is booked before the hospital has it.
    pub fn is_theirs(&self, service: &str) -> bool {
        self.theirs.contains(service)
    }

    /// `his` is what was imported of its hospital.
    fn new(
        mut definition: Site,
        exceptions: &[Exception],
        his: Option<(Words, Vec<HisSlot>)>,
        revision: i64,
    ) -> Self {
        let (words, slots) = his.unwrap_or_default();
        let theirs = words.services.iter().map(|service| service.key.clone()).collect();
        if let Some(booking) = &mut definition.booking {
            words.add_to(booking);
        }
        let languages = &definition.languages;
        let localized = |form: &Form| {
            let cut = |lang: &Lang| (lang.clone(), Arc::new(form.clone().localize(lang)));
            languages.iter().map(cut).collect()
        };
        let forms = definition.forms.iter().map(|form| (form.id.clone(), localized(form))).collect();
        let time_zone = TimeZone::get(&definition.time_zone).unwrap_or(TimeZone::UTC);
        let booking = definition.booking.clone().unwrap_or_default();
        let calendar = Calendar::new(&booking, exceptions, &time_zone).with_slots(&slots);
        Self { forms, time_zone, calendar, theirs, revision, definition }
    }
}

/// A site that cannot be read was written by another version: the others are served, and the log says which is not.
async fn read(store: &Store) -> Result<Snapshot, StoreError> {
    let (revision, bodies) = store.run(LoadSites).await?;
    // After the revision, as the sites: what changes in between is read again.
    let exceptions = exceptions(store).await?;
    let mut sites = HashMap::new();
    for (key, body) in bodies {
        let changes = exceptions.get(&key).map_or(&[][..], Vec::as_slice);
        match serde_json::from_str(&body) {
            Ok(definition) => {
                let his = his(store, &definition).await?;
                sites.insert(key, Arc::new(LiveSite::new(definition, changes, his, revision)));
            }
            Err(cause) => tracing::error!(site = key, %cause, "the site's definition cannot be read"),
        }
    }
    Ok(Snapshot { revision, sites })
}

/// What staff changed in the schedules, by site, the earliest first.
async fn exceptions(store: &Store) -> Result<HashMap<String, Vec<Exception>>, StoreError> {
    let mut exceptions: HashMap<String, Vec<Exception>> = HashMap::new();
    for (site, body) in store.run(AllExceptions).await? {
        match serde_json::from_str(&body) {
            Ok(exception) => exceptions.entry(site).or_default().push(exception),
            Err(cause) => tracing::error!(site, %cause, "an exception cannot be read"),
        }
    }
    Ok(exceptions)
}

/// What was imported of the site's hospital, if it has one.
async fn his(store: &Store, site: &Site) -> Result<Option<(Words, Vec<HisSlot>)>, StoreError> {
    if site.booking.as_ref().is_none_or(|booking| booking.his.is_none()) {
        return Ok(None);
    }
    let loaded = store.run(LoadHis { site: site.key.clone() }).await?;
    Ok(loaded.map(|(body, slots)| (serde_json::from_str(&body).unwrap_or_default(), slots)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DatabaseUrl;

    #[tokio::test]
    async fn an_older_snapshot_never_takes_the_place_of_a_newer_one() {
        let url: DatabaseUrl = "sqlite::memory:".parse().expect("an address");
        let sites = Sites::load(Store::open(&url).await.expect("it opens")).await.expect("no sites");
        for (read, kept) in [(5, 5), (4, 5), (5, 5), (6, 6)] {
            sites.keep(Snapshot { revision: read, sites: HashMap::new() });
            assert_eq!(sites.snapshot().revision, kept);
        }
    }
}
