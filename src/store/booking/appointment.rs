//! An appointment as it is stored.

use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, HoldId, SubmissionId};
use crm_protocol::text::Lang;

use super::hold::StoredHold;
use super::patients::Patient;
use super::{find, slot};
use crate::booking::Candidate;
use crate::store::{Millis, Op, Row, StoreError, Tx};

/// A booked slot, with who booked it as a hash only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAppointment {
    /// Its id.
    pub id: AppointmentId,
    /// Key of the site.
    pub site: String,
    /// The answers with which it was booked.
    pub submission: SubmissionId,
    /// Key of the service.
    pub service: String,
    /// Key of the department.
    pub department: String,
    /// What it takes.
    pub slot: Candidate,
    /// The site's date at its start, ISO 8601.
    pub day: String,
    /// Where it stands.
    pub status: Status,
    /// The submission's receipt.
    pub code: String,
    /// Language the visitor saw.
    pub lang: Lang,
    /// Counts its changes.
    pub sequence: u32,
    /// Hash of what its person is known by.
    pub patient_sha256: [u8; 32],
    /// Why staff squeezed it in.
    pub overbooked: Option<String>,
    /// Cancelled after its deadline.
    pub late: bool,
    /// When it was booked.
    pub created_at: Millis,
    /// When it changed last. No two changes have the same time.
    pub changed_at: Millis,
}

/// Reads an appointment.
#[derive(Clone, Debug)]
pub struct FindAppointment {
    /// Key of the site.
    pub site: String,
    /// Its id.
    pub id: AppointmentId,
}

impl Op for FindAppointment {
    type Out = Option<StoredAppointment>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let row = find(tx, ("appointments", COLUMNS), &self.site, self.id).await?;
        row.map(StoredAppointment::from_row).transpose()
    }
}

/// In the order in which [`StoredAppointment::from_row`] reads them.
pub(super) const COLUMNS: &str = "id, site, submission, service, department, practitioner, place, start_at, end_at, takings, day, \
     status, code, lang, sequence, patient_sha256, overbooked, late, created_at, changed_at";

impl StoredAppointment {
    pub(super) fn from_row(mut row: Row) -> Result<Self, StoreError> {
        debug_assert!(COLUMNS.contains(slot::COLUMNS));
        let wrong = || StoreError::statement("a stored appointment is damaged");
        Ok(Self {
            id: row.parse(0)?,
            site: row.text(1)?,
            submission: row.parse(2)?,
            service: row.text(3)?,
            department: row.text(4)?,
            slot: slot::from_row(&mut row, 5)?,
            day: row.text(10)?,
            status: Status::parse(&row.text(11)?).ok_or_else(wrong)?,
            code: row.text(12)?,
            lang: Lang::parse(&row.text(13)?).unwrap_or_default(),
            sequence: row.int(14)?.try_into().map_err(|_| wrong())?,
            patient_sha256: row.bytes(15)?.try_into().map_err(|_| wrong())?,
            overbooked: row.optional_text(16)?,
            late: row.int(17)? != 0,
            created_at: row.int(18)?,
            changed_at: row.int(19)?,
        })
    }

    /// Reads it and lets nobody else change it until the transaction ends. Comes before the lock of its patient.
    pub(in crate::store) async fn lock(
        tx: &mut Tx,
        site: &str,
        id: AppointmentId,
    ) -> Result<Option<Self>, StoreError> {
        let sql =
            format!("update appointments set site = $1 where site = $1 and id = $2 returning {COLUMNS}");
        let row = tx.query_one(&sql, &[site.into(), id.to_string().into()]).await?;
        row.map(Self::from_row).transpose()
    }

    pub(super) fn patient(&self) -> Patient<'_> {
        Patient { site: &self.site, sha256: &self.patient_sha256 }
    }

    /// Its slot, to be given back.
    pub(super) fn vacant(&self) -> StoredHold {
        StoredHold {
            id: HoldId::from_u128(self.id.as_u128()),
            site: self.site.clone(),
            service: self.service.clone(),
            slot: self.slot.clone(),
            day: self.day.clone(),
            expires_at: 0,
            waiting: None,
        }
    }

    /// Counts a change.
    pub(super) fn change(&mut self, now: Millis) {
        self.sequence += 1;
        self.touch(now);
    }

    /// Something happened, at a time that is later than the last one's: by it an event is known again.
    pub(super) fn touch(&mut self, now: Millis) {
        self.changed_at = now.max(self.changed_at + 1);
    }

    pub(super) async fn insert(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let values: Vec<String> = (1..=COLUMNS.split(", ").count()).map(|at| format!("${at}")).collect();
        let sql = format!("insert into appointments ({COLUMNS}) values ({})", values.join(", "));
        let args = [
            self.id.to_string().into(),
            (&self.site).into(),
            self.submission.to_string().into(),
            (&self.service).into(),
            (&self.department).into(),
            (&self.slot.practitioner).into(),
            (&self.slot.place).into(),
            self.slot.start.into(),
            self.slot.end.into(),
            slot::takings(&self.slot).into(),
            (&self.day).into(),
            self.status.as_str().into(),
            (&self.code).into(),
            self.lang.to_string().into(),
            i64::from(self.sequence).into(),
            (&self.patient_sha256).into(),
            self.overbooked.as_ref().into(),
            i64::from(self.late).into(),
            self.created_at.into(),
            self.changed_at.into(),
        ];
        tx.execute(&sql, &args).await.map(drop)
    }

    /// Writes what can change.
    pub(super) async fn update(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sql = "update appointments set practitioner = $1, place = $2, start_at = $3, end_at = $4, takings = $5, \
                   day = $6, status = $7, sequence = $8, late = $9, changed_at = $10, overbooked = $11 where id = $12";
        let args = [
            (&self.slot.practitioner).into(),
            (&self.slot.place).into(),
            self.slot.start.into(),
            self.slot.end.into(),
            slot::takings(&self.slot).into(),
            (&self.day).into(),
            self.status.as_str().into(),
            i64::from(self.sequence).into(),
            i64::from(self.late).into(),
            self.changed_at.into(),
            self.overbooked.as_ref().into(),
            self.id.to_string().into(),
        ];
        tx.execute(sql, &args).await.map(drop)
    }
}
