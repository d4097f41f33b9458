//! Lists for staff: appointments and people who wait, with what they wrote.

use crm_protocol::booking::Status;
use crm_protocol::id::{AppointmentId, WaitingId};

use super::appointment::COLUMNS;
use super::events::{self, Happened};
use super::waiting::{self, StoredWaiting};
use super::{FindHold, StoredAppointment};
use crate::store::{Millis, Op, Row, StoreError, Tx};

/// Most events of one appointment that are read.
const EVENTS: i64 = 200;

/// What they wrote, as the JSON object that [`Submission`](crate::store::submissions::Submission) has as `body`.
const BODY: &str = "(select s.body from submissions s where s.id = submission)";

/// An appointment with what its person wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAppointment {
    /// The appointment.
    pub appointment: StoredAppointment,
    /// The submission's body.
    pub body: String,
}

/// Appointments by their start.
#[derive(Clone, Debug)]
pub struct ListAppointments {
    /// Key of the site.
    pub site: String,
    /// Only those that start then or later.
    pub from: Millis,
    /// Only those that start before.
    pub to: Millis,
    /// Only of this practitioner.
    pub practitioner: Option<String>,
    /// Only of this status.
    pub status: Option<Status>,
    /// Only after this one, by start and id: the last of the page before.
    pub after: Option<(Millis, AppointmentId)>,
    /// How many at most.
    pub limit: u32,
}

impl Op for ListAppointments {
    type Out = Vec<ListedAppointment>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let begin = (self.from, String::new());
        let after = self.after.map(|(start, id)| (start, id.to_string())).unwrap_or_default();
        let (start, id) = begin.max(after);
        let sql = format!(
            "select {COLUMNS}, {BODY} from appointments where site = $1 and (start_at, id) > ($2, $3) and start_at < $4 \
             and (cast($5 as text) is null or practitioner = $5) and (cast($6 as text) is null or status = $6) \
             order by start_at, id limit $7"
        );
        let args = [
            (&self.site).into(),
            start.into(),
            id.into(),
            self.to.into(),
            self.practitioner.as_ref().into(),
            self.status.map(Status::as_str).into(),
            i64::from(self.limit).into(),
        ];
        tx.query(&sql, &args).await?.into_iter().map(listed).collect()
    }
}

/// By what staff finds one appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// Its id.
    Id(AppointmentId),
    /// The code that its person was given.
    Code(String),
}

/// Reads one appointment with what happened to it, the earliest first.
#[derive(Clone, Debug)]
pub struct SeeAppointment {
    /// Key of the site.
    pub site: String,
    /// Which one.
    pub sought: Sought,
}

impl Op for SeeAppointment {
    type Out = Option<(ListedAppointment, Vec<Happened>)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let (column, value) = match &self.sought {
            Sought::Id(id) => ("id", id.to_string()),
            Sought::Code(code) => ("code", code.clone()),
        };
        let sql = format!("select {COLUMNS}, {BODY} from appointments where site = $1 and {column} = $2");
        let Some(row) = tx.query_one(&sql, &[(&self.site).into(), value.into()]).await? else {
            return Ok(None);
        };
        let found = listed(row)?;
        let happened = events::of(tx, found.appointment.submission, EVENTS).await?;
        Ok(Some((found, happened)))
    }
}

fn listed(mut row: Row) -> Result<ListedAppointment, StoreError> {
    let body = row.text(COLUMNS.split(", ").count())?;
    Ok(ListedAppointment { appointment: StoredAppointment::from_row(row)?, body })
}

/// Somebody who waits, with what they wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedWaiting {
    /// For what.
    pub waiting: StoredWaiting,
    /// Since when.
    pub since: Millis,
    /// The submission's body.
    pub body: String,
}

/// Who waits, or was offered something, in the order of their turns.
#[derive(Clone, Debug)]
pub struct ListWaiting {
    /// Key of the site.
    pub site: String,
    /// Only for this service.
    pub service: Option<String>,
    /// Only after this one: the last of the page before.
    pub after: Option<WaitingId>,
    /// How many at most.
    pub limit: u32,
}

impl Op for ListWaiting {
    type Out = Vec<ListedWaiting>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = format!(
            "select {}, created_at, {BODY} from waiting where site = $1 and state <> 'over' and id > $2 \
             and (cast($3 as text) is null or service = $3) order by id limit $4",
            waiting::COLUMNS
        );
        let after = self.after.map(|id| id.to_string()).unwrap_or_default();
        let args =
            [(&self.site).into(), after.into(), self.service.as_ref().into(), i64::from(self.limit).into()];
        let mut found = Vec::new();
        for mut row in tx.query(&sql, &args).await? {
            let first = waiting::COLUMNS.split(", ").count();
            let (since, body) = (row.int(first)?, row.text(first + 1)?);
            let (mut waiting, hold) = waiting::from_row(row)?;
            if let Some(id) = hold {
                waiting.offer = FindHold { site: self.site.clone(), id }.run(tx).await?;
            }
            found.push(ListedWaiting { waiting, since, body });
        }
        Ok(found)
    }
}
