//! Submissions: accepted once, with all that belongs to them, and read for export.

use crm_protocol::id::{DeliveryId, SubmissionId, UploadId};
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;
use sha2::{Digest, Sha256};

use super::tx::Row;
use super::{Millis, Op, StoreError, Tx};

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

/// A way to reach the person who sent a submission, by which it is found when they ask for erasure.
/// Only its hash is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// An e-mail address, or a phone number as E.164. Case and spaces make no difference.
    pub fn new(value: &str) -> Self {
        Self(value.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect())
    }

    /// What is stored of it.
    pub(super) fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// A solved challenge that is used up by a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The challenge's nonce.
    pub nonce: String,
    /// When it expires, as signed together with the nonce. Its row may go after that.
    pub expires_at: Millis,
}

/// A delivery that a submission starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Its id, which becomes the `webhook-id`.
    pub id: DeliveryId,
    /// Name of the connection, within the submission's site.
    pub connection: String,
}

/// Stores a submission with its consents, contacts, uploads, deliveries and answer, or nothing at all.
#[derive(Clone, Debug)]
pub struct Accept {
    /// What was sent.
    pub submission: Submission,
    /// What was agreed to; one for a purpose.
    pub consents: Vec<Consent>,
    /// Every e-mail address and phone number in it.
    pub contacts: Vec<Contact>,
    /// `Idempotency-Key`: the same key at the same site stores once.
    pub key: String,
    /// SHA-256 of the request's body, to tell a repetition from another body under the same key.
    pub body_sha256: [u8; 32],
    /// JSON of the `Receipt` that is sent now and at every repetition.
    pub answer: String,
    /// The challenge it used up.
    pub spent: Option<Spent>,
    /// Files that belong to it.
    pub uploads: Vec<UploadId>,
    /// Where it is to be delivered; due at once.
    pub deliveries: Vec<NewDelivery>,
}

/// How [`Accept`] ended. Only `Stored` has stored anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Stored, for the first time.
    Stored,
    /// The same was stored earlier; this is the answer it got. Also when its challenge is spent, by itself.
    Repeated {
        /// JSON of the `Receipt`.
        answer: String,
    },
    /// Another body was stored under this key.
    KeyReused,
    /// Another submission has used this challenge.
    ChallengeSpent,
    /// This file does not exist at this site and form, or belongs to another submission.
    UploadMissing(UploadId),
    /// Another submission of this site has this receipt code: make another and repeat.
    ReceiptTaken,
}

impl Op for Accept {
    type Out = Accepted;

    async fn run(&self, tx: &mut Tx) -> Result<Accepted, StoreError> {
        if let Some(earlier) = self.claim_key(tx).await? {
            return Ok(earlier);
        }
        let refused = match self.spend(tx).await? {
            None => self.store(tx).await?,
            refused => refused,
        };
        match refused {
            None => Ok(Accepted::Stored),
            Some(outcome) => {
                tx.undo();
                Ok(outcome)
            }
        }
    }
}

impl Accept {
    /// Takes the key or tells who has it. On PostgreSQL the insert waits for another transaction that holds the same
    /// key, so of many at once one stores and all others see its answer.
    async fn claim_key(&self, tx: &mut Tx) -> Result<Option<Accepted>, StoreError> {
        let Submission { id, site, received_at, .. } = &self.submission;
        let sql = "insert into answers (site, key, body_sha256, answer, submission, created_at) \
                   values ($1, $2, $3, $4, $5, $6) on conflict (site, key) do nothing";
        let args = [
            site.into(),
            (&self.key).into(),
            (&self.body_sha256).into(),
            (&self.answer).into(),
            id.to_string().into(),
            (*received_at).into(),
        ];
        if tx.execute(sql, &args).await? > 0 {
            return Ok(None);
        }
        let find = FindAnswer { site: site.clone(), key: self.key.clone() };
        match find.run(tx).await? {
            Some((body_sha256, answer)) if body_sha256 == self.body_sha256 => {
                Ok(Some(Accepted::Repeated { answer }))
            }
            Some(_) => Ok(Some(Accepted::KeyReused)),
            // Purged or erased between the two statements: the next try finds the key free.
            None => Err(StoreError::Busy),
        }
    }

    async fn spend(&self, tx: &mut Tx) -> Result<Option<Accepted>, StoreError> {
        let Some(spent) = &self.spent else { return Ok(None) };
        let sql = "insert into spent (expires_at, nonce) values ($1, $2) on conflict do nothing";
        let rows = tx.execute(sql, &[spent.expires_at.into(), (&spent.nonce).into()]).await?;
        Ok((rows == 0).then_some(Accepted::ChallengeSpent))
    }

    async fn store(&self, tx: &mut Tx) -> Result<Option<Accepted>, StoreError> {
        if !self.store_submission(tx).await? {
            return Ok(Some(Accepted::ReceiptTaken));
        }
        for upload in &self.uploads {
            if !self.bind(tx, *upload).await? {
                return Ok(Some(Accepted::UploadMissing(*upload)));
            }
        }
        self.store_consents(tx).await?;
        self.store_contacts(tx).await?;
        self.store_deliveries(tx).await?;
        Ok(None)
    }

    async fn store_submission(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let Submission { id, site, form, version, lang, receipt, body, received_at } = &self.submission;
        let sql = "insert into submissions (id, site, form, version, lang, receipt, body, received_at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (site, receipt) do nothing";
        let args = [
            id.to_string().into(),
            site.into(),
            form.into(),
            i64::from(*version).into(),
            lang.to_string().into(),
            receipt.into(),
            body.into(),
            (*received_at).into(),
        ];
        Ok(tx.execute(sql, &args).await? > 0)
    }

    async fn bind(&self, tx: &mut Tx, upload: UploadId) -> Result<bool, StoreError> {
        let Submission { id, site, form, .. } = &self.submission;
        let sql = "update uploads set submission = $1 where id = $2 and site = $3 and form = $4 and submission is null";
        let args = [id.to_string().into(), upload.to_string().into(), site.into(), form.into()];
        Ok(tx.execute(sql, &args).await? > 0)
    }

    async fn store_consents(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let id = self.submission.id.to_string();
        let sql = "insert into consents (submission, purpose, version, text_sha256, granted) \
                   values ($1, $2, $3, $4, $5)";
        for Consent { purpose, version, text_sha256, granted } in &self.consents {
            let granted = i64::from(*granted).into();
            let args = [(&id).into(), purpose.into(), version.into(), text_sha256.into(), granted];
            tx.execute(sql, &args).await?;
        }
        Ok(())
    }

    async fn store_contacts(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let id = self.submission.id.to_string();
        let sql = "insert into contacts (submission, value_sha256) values ($1, $2) on conflict do nothing";
        for contact in &self.contacts {
            tx.execute(sql, &[(&id).into(), (&contact.sha256()).into()]).await?;
        }
        Ok(())
    }

    async fn store_deliveries(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let Submission { id, site, received_at, .. } = &self.submission;
        let sql = "insert into deliveries \
                   (id, site, connection, submission, state, due_at, fence, attempts, created_at) \
                   values ($1, $2, $3, $4, 'waiting', $5, 0, 0, $5)";
        for NewDelivery { id: delivery, connection } in &self.deliveries {
            let args = [
                delivery.to_string().into(),
                site.into(),
                connection.into(),
                id.to_string().into(),
                (*received_at).into(),
            ];
            tx.execute(sql, &args).await?;
        }
        Ok(())
    }
}

/// Looks up the answer given under an idempotency key: the SHA-256 of that request's body, and the answer.
#[derive(Clone, Debug)]
pub struct FindAnswer {
    /// Key of the site.
    pub site: String,
    /// `Idempotency-Key`.
    pub key: String,
}

impl Op for FindAnswer {
    type Out = Option<([u8; 32], String)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = "select body_sha256, answer from answers where site = $1 and key = $2";
        let Some(mut row) = tx.query_one(sql, &[(&self.site).into(), (&self.key).into()]).await? else {
            return Ok(None);
        };
        let body_sha256 = row.bytes(0)?.try_into();
        Ok(Some((
            body_sha256.map_err(|_| StoreError::statement("a stored hash has another length"))?,
            row.text(1)?,
        )))
    }
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
