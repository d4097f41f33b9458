//! How much one person may book, and how much one practitioner does a day.

use std::collections::{BTreeMap, HashMap};

use super::patients::Patient;
use super::{Limit, OPEN};
use crate::booking::Candidate;
use crate::definitions::booking::Limits;
use crate::store::{Millis, StoreError, Tx};

/// A day on which something is to be booked.
pub(super) struct Day<'a> {
    pub site: &'a str,
    /// The site's date, ISO 8601.
    pub day: &'a str,
    /// The appointment that is about to be moved and does not count; empty where there is none.
    pub except: &'a str,
    pub now: Millis,
}

/// What is to be booked.
pub(super) struct Wanted<'a> {
    pub service: &'a str,
    pub department: &'a str,
    pub limits: &'a Limits,
}

impl Day<'_> {
    /// The candidates that the patient, who is locked, may still book, or the limit that leaves none.
    pub async fn allowed<'c>(
        &self,
        tx: &mut Tx,
        patient: &Patient<'_>,
        wanted: &Wanted<'_>,
        candidates: &[&'c Candidate],
    ) -> Result<Result<Vec<&'c Candidate>, Limit>, StoreError> {
        let Limits { open, per_day, per_department, per_practitioner } = wanted.limits;
        if *wanted.limits == Limits::default() {
            return Ok(Ok(candidates.to_vec()));
        }
        let mut counts = [0; 3];
        let mut practitioners: HashMap<String, u32> = HashMap::new();
        for booked in self.booked(tx, patient).await? {
            let today = booked.day == self.day;
            let here = booked.service == wanted.service && booked.end > self.now;
            counts[0] += u32::from(here);
            counts[1] += u32::from(today);
            counts[2] += u32::from(today && booked.department == wanted.department);
            *practitioners.entry(booked.practitioner).or_default() += u32::from(today);
        }
        let limits = [(open, Limit::Open), (per_day, Limit::Day), (per_department, Limit::Department)];
        for (count, (limit, which)) in counts.into_iter().zip(limits) {
            if limit.is_some_and(|limit| count >= limit) {
                return Ok(Err(which));
            }
        }
        let fits = |candidate: &&&Candidate| {
            let count = practitioners.get(&candidate.practitioner).copied().unwrap_or_default();
            per_practitioner.is_none_or(|limit| count < limit)
        };
        let allowed: Vec<_> = candidates.iter().filter(fits).copied().collect();
        Ok(if allowed.is_empty() { Err(Limit::Practitioner) } else { Ok(allowed) })
    }

    async fn booked(&self, tx: &mut Tx, patient: &Patient<'_>) -> Result<Vec<Booked>, StoreError> {
        let sql = format!(
            "select service, department, practitioner, day, end_at from appointments \
             where site = $1 and patient_sha256 = $2 and status in {OPEN} and (end_at > $3 or day = $4) and id <> $5"
        );
        let args =
            [self.site.into(), patient.sha256.into(), self.now.into(), self.day.into(), self.except.into()];
        let rows = tx.query(&sql, &args).await?.into_iter();
        rows.map(|mut row| {
            Ok(Booked {
                service: row.text(0)?,
                department: row.text(1)?,
                practitioner: row.text(2)?,
                day: row.text(3)?,
                end: row.int(4)?,
            })
        })
        .collect()
    }

    /// The candidates whose practitioner, who is locked, does not have enough to do that day. What is held counts: so
    /// it can be booked later.
    pub async fn with_room<'c>(
        &self,
        tx: &mut Tx,
        per_day: &BTreeMap<String, u32>,
        mut candidates: Vec<&'c Candidate>,
    ) -> Result<Vec<&'c Candidate>, StoreError> {
        if per_day.is_empty() {
            return Ok(candidates);
        }
        let sql = "select practitioner, count(*) from \
                   (select practitioner from appointments where site = $1 and day = $2 and status <> 'cancelled' and id <> $3 \
                   union all select practitioner from holds where site = $1 and day = $2 and (expires_at > $4 or expires_at = 0)) as busy \
                   group by practitioner";
        let args = [self.site.into(), self.day.into(), self.except.into(), self.now.into()];
        let mut counts = HashMap::new();
        for mut row in tx.query(sql, &args).await? {
            counts.insert(row.text(0)?, row.int(1)?);
        }
        candidates.retain(|candidate| {
            let count = counts.get(&candidate.practitioner).copied().unwrap_or_default();
            per_day.get(&candidate.practitioner).is_none_or(|limit| count < i64::from(*limit))
        });
        Ok(candidates)
    }
}

/// An open appointment of a patient.
struct Booked {
    service: String,
    department: String,
    practitioner: String,
    day: String,
    end: Millis,
}
