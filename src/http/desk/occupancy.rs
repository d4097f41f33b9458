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
pub struct Occupancy(Mutex<HashMap<String, Arc<Known>>>);

/// What is taken at one site.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Day in which it was read in whole, so that what is past does not pile up.
    day: Millis,
    revisions: HashMap<String, i64>,
    occupied: Arc<Occupied>,
}

impl Occupancy {
    /// What is taken at the site as of now.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(&self, store: &Store, site: &str, now: Millis) -> Result<Arc<Occupied>, StoreError> {
        let day = now.div_euclid(DAY);
        let known = self.lock().get(site).filter(|known| known.day == day).cloned();
        let mut known = known.map(|known| (*known).clone()).unwrap_or_default();
        let changes = store
            .run(Occupations {
                site: site.to_owned(),
                since: known.revisions.clone(),
                from: now - DAY,
                to: now + AHEAD,
                except: None,
            })
            .await?;
        if changes.is_empty() {
            return Ok(known.occupied);
        }
        let mut occupied = (*known.occupied).clone();
        for change in changes {
            known.revisions.insert(change.resource.clone(), change.revision);
            occupied.replace(change.resource, change.occupations.into_iter().map(interval).collect());
        }
        known.day = day;
        known.occupied = Arc::new(occupied);
        let occupied = known.occupied.clone();
        self.lock().insert(site.to_owned(), Arc::new(known));
        Ok(occupied)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Known>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn interval(Occupation { from, to, until }: Occupation) -> Interval {
    Interval { from, to, until }
}
