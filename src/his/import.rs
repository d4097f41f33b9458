//! Reading everything that a hospital owns, and storing it in place of what was read before.

use jiff::{Timestamp, ToSpan};

use super::fhir::{self, Schedule};
use super::read::{Reading, Resources};
use super::words::Words;
use super::{HisError, Hospital};
use crate::store::his::{Import, Imported, LoadHis};

/// What an import did.
#[derive(Clone, Debug)]
pub struct Summary {
    /// What was read.
    pub reading: Reading,
    /// What that changed.
    pub imported: Imported,
}

impl Summary {
    /// In one line.
    pub fn line(&self) -> String {
        let words = &self.reading.words;
        let free = self.reading.slots.values().filter(|slot| slot.free).count();
        format!(
            "{} departments, {} services, {} practitioners, {} places, {} slots ({free} free); {} slots changed, {} gone",
            words.departments.len(),
            words.services.len(),
            words.practitioners.len(),
            words.places.len(),
            self.reading.slots.len(),
            self.imported.changed,
            self.imported.removed,
        )
    }
}

impl Hospital<'_> {
    /// Imports all that can be booked from now on. Changes nothing unless all of it could be read.
    ///
    /// # Errors
    /// See [`HisError`].
    pub async fn import(&self, now: Timestamp) -> Result<Summary, HisError> {
        let mut reading = Reading::new(&self.resources(now).await?, self.his);
        let key = self.key().to_owned();
        if let Some((body, _)) = self.store.run(LoadHis { site: key.clone() }).await? {
            reading.words.keep(serde_json::from_str::<Words>(&body).unwrap_or_default());
        }
        let body = serde_json::to_string(&reading.words).unwrap_or_default();
        let import = Import { site: key, body, slots: reading.slots.clone() };
        let imported = self.store.run(import).await?;
        Ok(Summary { reading, imported })
    }

    async fn resources(&self, now: Timestamp) -> Result<Resources, HisError> {
        let source = self.source();
        let mut resources = Resources::at(self.url());
        for search in [
            "HealthcareService",
            "PractitionerRole?_include=PractitionerRole:practitioner&_include=PractitionerRole:location",
            "Schedule",
        ] {
            resources.add(source.search(search).await?);
        }
        // Twice: a schedule names a role, and that a person.
        for _ in 0..2 {
            for reference in resources.missing() {
                resources.add(source.get(&reference).await?.into_iter().collect());
            }
        }
        let (from, to) = self.window(now);
        let schedules: Vec<Schedule> = resources.all("Schedule").filter_map(fhir::read).collect();
        for Schedule { id, .. } in schedules {
            let search = format!("Slot?schedule=Schedule/{id}&start=ge{from:.0}&start=lt{to:.0}");
            let slots = source.search(&search).await?.into_iter();
            let within = |slot: &serde_json::Value| {
                let start = slot["start"].as_str().and_then(|start| start.parse::<Timestamp>().ok());
                start.is_none_or(|start| (from..to).contains(&start))
            };
            resources.add(slots.filter(within).collect());
        }
        Ok(resources)
    }

    /// From today to the last day that can be booked, at the site.
    fn window(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let zone = &self.site.time_zone;
        let today = now.to_zoned(zone.clone()).date();
        let midnight = |days: i64| {
            let day = today.saturating_add(days.days());
            day.to_zoned(zone.clone()).map_or(now, |day| day.timestamp())
        };
        (midnight(0), midnight(i64::from(self.his.window) + 1))
    }
}
