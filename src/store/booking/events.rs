//! What happened to an appointment, as connections hear of it: written with it, in one transaction.

use std::collections::BTreeMap;

use crm_protocol::booking::Status;
use crm_protocol::id::{EventId, SubmissionId};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::StoredAppointment;
use crate::booking::Candidate;
use crate::store::his::slots;
use crate::store::submissions::NewDelivery;
use crate::store::{Millis, Row, StoreError, Tx};

/// An event, and who is to hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// Its type, e.g. `appointment.booked`.
    pub r#type: String,
    /// To every connection that wants it; due at once, and in the order of what happened.
    pub deliveries: Vec<NewDelivery>,
    /// What it calls things.
    pub names: Names,
    /// Why, in the words of who did it.
    pub reason: Option<String>,
}

/// Names as the person the event is about reads them. What has none is called by its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// IANA time zone of the site.
    pub time_zone: String,
    /// IANA time zones of the places that have one of their own, by key.
    pub zones: BTreeMap<String, String>,
    /// The service.
    pub service: String,
    /// Practitioners by key.
    pub practitioners: BTreeMap<String, String>,
    /// Places by key.
    pub places: BTreeMap<String, String>,
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Its type, e.g. `appointment.booked`.
    pub r#type: String,
    /// A JSON object: what it says besides the submission.
    pub data: String,
    /// When it happened. No two events of a submission have the same time.
    pub at: Millis,
}

/// Reads an event inside another operation.
pub(in crate::store) async fn load(tx: &mut Tx, id: &str) -> Result<Option<Happened>, StoreError> {
    let row = tx.query_one("select type, data, at from events where id = $1", &[id.into()]).await?;
    row.map(from_row).transpose()
}

/// What happened to what a submission asked for, the earliest first.
pub(super) async fn of(
    tx: &mut Tx,
    submission: SubmissionId,
    limit: i64,
) -> Result<Vec<Happened>, StoreError> {
    let sql = "select type, data, at from events where submission = $1 order by at limit $2";
    let rows = tx.query(sql, &[submission.to_string().into(), limit.into()]).await?.into_iter();
    rows.map(from_row).collect()
}

fn from_row(mut row: Row) -> Result<Happened, StoreError> {
    Ok(Happened { r#type: row.text(0)?, data: row.text(1)?, at: row.int(2)? })
}

impl Names {
    /// What every event says of a slot, of that service.
    fn slot(&self, service: &str, slot: &Candidate) -> Value {
        let name = |names: &BTreeMap<String, String>, key: &String| names.get(key).unwrap_or(key).clone();
        json!({
            "service": self.service,
            "practitioner": name(&self.practitioners, &slot.practitioner),
            "place": name(&self.places, &slot.place),
            "keys": {"service": service, "practitioner": slot.practitioner, "place": slot.place},
            "start": instant(slot.start),
            "end": instant(slot.end),
            "timeZone": self.zones.get(&slot.place).unwrap_or(&self.time_zone),
        })
    }
}

impl NewEvent {
    /// Writes it down as of the appointment's last change.
    pub(super) async fn tell(&self, tx: &mut Tx, about: &StoredAppointment) -> Result<(), StoreError> {
        self.tell_left(tx, about, None).await
    }

    /// The same; `left` is the hospital's slot that was left for the one it has now.
    pub(super) async fn tell_left(
        &self,
        tx: &mut Tx,
        about: &StoredAppointment,
        left: Option<String>,
    ) -> Result<(), StoreError> {
        let mut own = json!({
            "id": about.id,
            "code": about.code,
            "site": about.site,
            "lang": about.lang,
            "status": word(about.status),
            "sequence": about.sequence,
        });
        if let Some(id) = slots::id_of(tx, &about.site, &about.slot).await? {
            own["hisSlot"] = json!(id);
        }
        if let Some(id) = left {
            own["hisLeft"] = json!(id);
        }
        let of = (about.site.as_str(), about.submission);
        self.write(tx, of, (&about.service, &about.slot), own, about.changed_at).await
    }

    /// Writes it down with what it says besides the slot.
    pub(super) async fn write(
        &self,
        tx: &mut Tx,
        of: (&str, SubmissionId),
        (service, slot): (&str, &Candidate),
        own: Value,
        at: Millis,
    ) -> Result<(), StoreError> {
        let mut data = self.names.slot(service, slot);
        if let (Some(data), Value::Object(own)) = (data.as_object_mut(), own) {
            data.extend(own);
            data.extend(self.reason.as_ref().map(|reason| ("reason".to_owned(), reason.as_str().into())));
        }
        let sql = "insert into events (id, site, submission, type, data, at) values ($1, $2, $3, $4, $5, $6)";
        let args = [
            self.id.to_string().into(),
            of.0.into(),
            of.1.to_string().into(),
            (&self.r#type).into(),
            data.to_string().into(),
            at.into(),
        ];
        tx.execute(sql, &args).await?;
        for delivery in &self.deliveries {
            delivery.start(tx, of, Some(self.id), at).await?;
        }
        Ok(())
    }
}

/// CRMs call a booked one confirmed.
fn word(status: Status) -> &'static str {
    if status == Status::Booked { "confirmed" } else { status.as_str() }
}

/// RFC 3339, UTC.
pub(super) fn instant(at: Millis) -> String {
    Timestamp::from_millisecond(at).unwrap_or_default().to_string()
}
