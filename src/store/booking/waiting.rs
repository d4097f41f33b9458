//! Waiting: people who take what becomes free, one after the other.

use crm_protocol::booking::Turn;
use crm_protocol::id::{HoldId, SubmissionId, WaitingId};
use crm_protocol::text::Lang;

use super::find;
use super::hold::{FindHold, StoredHold};
use super::patients::FindBlock;
use super::release::Release;
use crate::store::submissions::{Accept, Accepted};
use crate::store::{Millis, Op, Row, StoreError, Tx};

/// Stores a form and a place on the waitlist, or nothing at all.
#[derive(Clone, Debug)]
pub struct Wait {
    /// The form: without deliveries, for there is nothing to tell yet.
    pub accept: Accept,
    /// For what.
    pub waiting: NewWaiting,
    /// SHA-256 of what the person is known by.
    pub patient_sha256: [u8; 32],
}

/// What somebody waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWaiting {
    /// Its id: who has the lowest comes first.
    pub id: WaitingId,
    /// Key of the service.
    pub service: String,
    /// Key of the practitioner; any where missing.
    pub practitioner: Option<String>,
    /// First day that suits, ISO 8601.
    pub from_day: String,
    /// Last day that suits; any where missing.
    pub to_day: Option<String>,
}

/// A place on the waitlist as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWaiting {
    /// For what.
    pub wanted: NewWaiting,
    /// Key of the site.
    pub site: String,
    /// The answers that came with it.
    pub submission: SubmissionId,
    /// Language the visitor saw.
    pub lang: Lang,
    /// Whose turn it is.
    pub turn: Turn,
    /// What is kept for this person.
    pub offer: Option<StoredHold>,
}

/// How [`Wait`] ended. Only `Stored` has stored anything.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Waited {
    /// They wait.
    Stored(StoredWaiting),
    /// The form was not accepted, or it was earlier.
    NotAccepted(Accepted),
    /// This person may not book before then, and so waits for nothing.
    Blocked {
        /// When.
        until: Millis,
    },
    /// They wait for this service already.
    Already,
}

impl Op for Wait {
    type Out = Waited;

    async fn run(&self, tx: &mut Tx) -> Result<Waited, StoreError> {
        let waited = self.wait(tx).await?;
        if !matches!(waited, Waited::Stored(_)) {
            tx.undo();
        }
        Ok(waited)
    }
}

impl Wait {
    async fn wait(&self, tx: &mut Tx) -> Result<Waited, StoreError> {
        match self.accept.accept(tx).await? {
            Accepted::Stored => {}
            refused => return Ok(Waited::NotAccepted(refused)),
        }
        let submission = &self.accept.submission;
        let (site, now) = (submission.site.clone(), submission.received_at);
        if let Some(until) = (FindBlock { site, patient_sha256: self.patient_sha256, now }).run(tx).await? {
            return Ok(Waited::Blocked { until });
        }
        self.insert(tx).await
    }

    async fn insert(&self, tx: &mut Tx) -> Result<Waited, StoreError> {
        let submission = &self.accept.submission;
        let NewWaiting { id, service, practitioner, from_day, to_day } = &self.waiting;
        let sql = "insert into waiting \
                   (id, site, submission, service, practitioner, from_day, to_day, lang, state, created_at, \
                   patient_sha256) values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $10) on conflict do nothing";
        let args = [
            id.to_string().into(),
            (&submission.site).into(),
            submission.id.to_string().into(),
            service.into(),
            practitioner.as_ref().into(),
            from_day.into(),
            to_day.as_ref().into(),
            submission.lang.to_string().into(),
            submission.received_at.into(),
            (&self.patient_sha256).into(),
        ];
        if tx.execute(sql, &args).await? == 0 {
            return Ok(Waited::Already);
        }
        Ok(Waited::Stored(StoredWaiting {
            wanted: self.waiting.clone(),
            site: submission.site.clone(),
            submission: submission.id,
            lang: submission.lang.clone(),
            turn: Turn::Waiting,
            offer: None,
        }))
    }
}

/// Reads a place on the waitlist.
#[derive(Clone, Debug)]
pub struct FindWaiting {
    /// Key of the site.
    pub site: String,
    /// Its id.
    pub id: WaitingId,
    /// The time now: an offer ends by itself.
    pub now: Millis,
}

impl Op for FindWaiting {
    type Out = Option<StoredWaiting>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let Some(row) = find(tx, ("waiting", COLUMNS), &self.site, self.id).await? else { return Ok(None) };
        let (mut waiting, hold) = from_row(row)?;
        if let (Turn::Offered, Some(id)) = (waiting.turn, hold) {
            let hold = FindHold { site: self.site.clone(), id }.run(tx).await?;
            waiting.offer = hold.filter(|hold| hold.expires_at > self.now);
            waiting.turn = if waiting.offer.is_some() { Turn::Offered } else { Turn::Over };
        }
        Ok(Some(waiting))
    }
}

/// In the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str =
    "id, service, practitioner, from_day, to_day, site, submission, lang, state, hold";

pub(super) fn from_row(mut row: Row) -> Result<(StoredWaiting, Option<HoldId>), StoreError> {
    let wanted = NewWaiting {
        id: row.parse(0)?,
        service: row.text(1)?,
        practitioner: row.optional_text(2)?,
        from_day: row.text(3)?,
        to_day: row.optional_text(4)?,
    };
    let waiting = StoredWaiting {
        wanted,
        site: row.text(5)?,
        submission: row.parse(6)?,
        lang: Lang::parse(&row.text(7)?).unwrap_or_default(),
        turn: match row.text(8)?.as_str() {
            "waiting" => Turn::Waiting,
            "offered" => Turn::Offered,
            _ => Turn::Over,
        },
        offer: None,
    };
    Ok((waiting, row.optional_text(9)?.and_then(|id| id.parse().ok())))
}

/// Leaves the waitlist; what was offered goes to the next. False when there is no such person, or it is over.
#[derive(Clone, Debug)]
pub struct Leave {
    /// Key of the site.
    pub site: String,
    /// Who.
    pub id: WaitingId,
    /// The time now.
    pub now: Millis,
}

impl Op for Leave {
    type Out = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let sql = "update waiting set state = 'over' where site = $1 and id = $2 and state = 'waiting'";
        let args = [(&self.site).into(), self.id.to_string().into()];
        if tx.execute(sql, &args).await? > 0 {
            return Ok(true);
        }
        let sql = "select hold from waiting where site = $1 and id = $2 and state = 'offered'";
        let offered = tx.query_one(sql, &args).await?;
        match offered.map(|mut row| row.parse(0)).transpose()? {
            Some(id) => Release { site: self.site.clone(), id, now: self.now }.run(tx).await,
            None => Ok(false),
        }
    }
}

/// It became an appointment, or was let pass.
pub(super) async fn end(tx: &mut Tx, id: WaitingId) -> Result<(), StoreError> {
    tx.execute("update waiting set state = 'over' where id = $1", &[id.to_string().into()]).await.map(drop)
}

/// Ends the waiting of those whose last day is before `day`, ISO 8601: of at most so many.
pub(in crate::store) async fn end_past(tx: &mut Tx, day: &str, limit: i64) -> Result<u64, StoreError> {
    // The state once more: on PostgreSQL somebody may be offered something between the two.
    let sql = "update waiting set state = 'over' where state = 'waiting' and id in \
               (select id from waiting where state = 'waiting' and to_day < $1 limit $2)";
    tx.execute(sql, &[day.into(), limit.into()]).await
}
