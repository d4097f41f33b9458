//! Submissions: accepted once, with all that belongs to them, and read for export.
//!
//! # Layout
//!
//! - [`accept`] stores a submission and all that belongs to it, or nothing
//! - [`answer`] finds what was answered under an idempotency key
//! - [`contact`] how a person is found again

pub mod accept;
pub mod answer;
pub mod contact;

pub use self::accept::{Accept, Accepted, NewDelivery, Spent};
pub use self::answer::FindAnswer;
pub use self::contact::Contact;

use crm_protocol::id::SubmissionId;
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;

use super::{Millis, Op, Row, StoreError, Tx};

/// A submission as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Its id, UUIDv7.
    pub id: SubmissionId,
    /// Key of the site.
    pub site: String,
    /// Name of the form.
    pub form: String,
    /// Version of the form's definition.
    pub version: u32,
    /// Language the visitor saw.
    pub lang: Lang,
    /// Short code the visitor can quote; unique within the site.
    pub receipt: String,
    /// JSON: answers, context, signals, fields.
    pub body: String,
    /// When the gateway received it.
    pub received_at: Millis,
}

/// Reads submissions with their consents, oldest first, for export.
#[derive(Clone, Debug)]
pub struct Submissions {
    /// Key of the site.
    pub site: String,
    /// Only of this form.
    pub form: Option<String>,
    /// Only after this one: the last of the page before.
    pub after: Option<SubmissionId>,
    /// How many at most.
    pub limit: u32,
}

impl Op for Submissions {
    type Out = Vec<(Submission, Vec<Consent>)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let after = self.after.map(|id| id.to_string()).unwrap_or_default();
        let sql = format!(
            "select {COLUMNS} from submissions where site = $1 and id > $2 \
             and (cast($3 as text) is null or form = $3) order by id limit $4"
        );
        let args =
            [(&self.site).into(), after.into(), self.form.as_ref().into(), i64::from(self.limit).into()];
        let mut found = Vec::new();
        for row in tx.query(&sql, &args).await? {
            let submission = from_row(row)?;
            let consents = consents(tx, submission.id).await?;
            found.push((submission, consents));
        }
        Ok(found)
    }
}

/// Reads by which form a submission was made.
#[derive(Clone, Copy, Debug)]
pub struct FindForm {
    /// The submission.
    pub submission: SubmissionId,
}

impl Op for FindForm {
    type Out = Option<String>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Option<String>, StoreError> {
        let sql = "select form from submissions where id = $1";
        let row = tx.query_one(sql, &[self.submission.to_string().into()]).await?;
        row.map(|mut row| row.text(0)).transpose()
    }
}

const COLUMNS: &str = "id, site, form, version, lang, receipt, body, received_at";

/// One submission with its consents, inside another operation.
pub(super) async fn load(
    tx: &mut Tx,
    id: SubmissionId,
) -> Result<Option<(Submission, Vec<Consent>)>, StoreError> {
    let sql = format!("select {COLUMNS} from submissions where id = $1");
    match tx.query_one(&sql, &[id.to_string().into()]).await? {
        Some(row) => Ok(Some((from_row(row)?, consents(tx, id).await?))),
        None => Ok(None),
    }
}

async fn consents(tx: &mut Tx, id: SubmissionId) -> Result<Vec<Consent>, StoreError> {
    let sql =
        "select purpose, version, text_sha256, granted from consents where submission = $1 order by purpose";
    let rows = tx.query(sql, &[id.to_string().into()]).await?.into_iter();
    rows.map(|mut row| {
        Ok(Consent {
            purpose: row.text(0)?,
            version: row.text(1)?,
            text_sha256: row.text(2)?,
            granted: row.int(3)? != 0,
        })
    })
    .collect()
}

fn from_row(mut row: Row) -> Result<Submission, StoreError> {
    Ok(Submission {
        id: row.parse(0)?,
        site: row.text(1)?,
        form: row.text(2)?,
        version: row.int(3)?.try_into().unwrap_or_default(),
        lang: Lang::parse(&row.text(4)?).unwrap_or_default(),
        receipt: row.text(5)?,
        body: row.text(6)?,
        received_at: row.int(7)?,
    })
}
