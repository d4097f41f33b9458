//! What is taken at each site, in memory: read again only where the database says that it changed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::booking::{Interval, Occupied};
use crate::store::booking::{Occupation, Occupations};
use crate::store::{Millis, Store, StoreError};

const DAY: Millis = 24 * 3_600_000;
/// As far as anything can be booked: a year and the window around it that alternatives look at.
const AHEAD: Millis = 400 * DAY;

/// What is taken, by site.
#[derive(Debug, Default)]
pub struct Occupancy(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Known>>>>);

/// What is taken at one site.
#[derive(Debug, Default)]
struct Known {
    /// Day in which it was read in whole, so that what is past does not pile up.
    day: Millis,
    revisions: HashMap<String, i64>,
    occupied: Arc<Occupied>,
}

impl Occupancy {
    /// What is taken at the site as of now. One after the other reads what has changed since the one before, so that of
    /// many at once not each reads the changes of all.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(&self, store: &Store, site: &str, now: Millis) -> Result<Arc<Occupied>, StoreError> {
        let known = self.lock().entry(site.to_owned()).or_default().clone();
        let mut known = known.lock().await;
        let day = now.div_euclid(DAY);
        if known.day != day {
            *known = Known { day, ..Known::default() };
        }
        let read = Occupations {
            site: site.to_owned(),
            since: known.revisions.clone(),
            from: now - DAY,
            to: now + AHEAD,
            except: None,
        };
        let changes = store.run(read).await?;
        if !changes.is_empty() {
            let mut occupied = (*known.occupied).clone();
            for change in changes {
                known.revisions.insert(change.resource.clone(), change.revision);
                occupied.replace(change.resource, change.occupations.into_iter().map(interval).collect());
            }
            known.occupied = Arc::new(occupied);
        }
        Ok(known.occupied.clone())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<Known>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn interval(Occupation { from, to, until }: Occupation) -> Interval {
    Interval { from, to, until }
}
