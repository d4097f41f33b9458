//! Accepting: a submission, its consents, contacts, files, deliveries and answer, in one transaction.

use crm_protocol::id::{DeliveryId, EventId, SubmissionId, UploadId};
use crm_protocol::submission::Consent;

use super::answer::{Claim, NewAnswer};
use super::{Contact, Submission};
use crate::store::{Millis, Op, StoreError, Tx};

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
        let accepted = self.accept(tx).await?;
        if accepted != Accepted::Stored {
            tx.undo();
        }
        Ok(accepted)
    }
}

impl Spent {
    /// False when another has used it.
    pub(in crate::store) async fn use_up(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let sql = "insert into spent (expires_at, nonce) values ($1, $2) on conflict do nothing";
        Ok(tx.execute(sql, &[self.expires_at.into(), (&self.nonce).into()]).await? > 0)
    }
}

impl NewDelivery {
    /// Puts it into the outbox. What it brings is the submission itself, or an event of it.
    pub(in crate::store) async fn start(
        &self,
        tx: &mut Tx,
        of: (&str, SubmissionId),
        event: Option<EventId>,
        due_at: Millis,
    ) -> Result<(), StoreError> {
        let sql = "insert into deliveries \
                   (id, site, connection, submission, event, state, due_at, fence, attempts, created_at) \
                   values ($1, $2, $3, $4, $5, 'waiting', $6, 0, 0, $6)";
        let (site, submission) = of;
        let args = [
            self.id.to_string().into(),
            site.into(),
            (&self.connection).into(),
            submission.to_string().into(),
            event.map(|event| event.to_string()).into(),
            due_at.into(),
        ];
        tx.execute(sql, &args).await.map(drop)
    }
}

impl Accept {
    /// Inside another operation, which takes back what was stored unless the outcome is `Stored`.
    pub(in crate::store) async fn accept(&self, tx: &mut Tx) -> Result<Accepted, StoreError> {
        match self.claim(tx).await? {
            Some(refused) => Ok(refused),
            None => self.store(tx).await,
        }
    }

    /// The first half of it: takes the key and uses up the challenge, or says why not.
    pub(in crate::store) async fn claim(&self, tx: &mut Tx) -> Result<Option<Accepted>, StoreError> {
        let answer = NewAnswer {
            site: &self.submission.site,
            key: &self.key,
            body_sha256: &self.body_sha256,
            answer: &self.answer,
            about: self.submission.id.to_string(),
            now: self.submission.received_at,
        };
        match answer.claim(tx).await? {
            Claim::First => {}
            Claim::Repeated(answer) => return Ok(Some(Accepted::Repeated { answer })),
            Claim::Reused => return Ok(Some(Accepted::KeyReused)),
        }
        match &self.spent {
            Some(spent) if !spent.use_up(tx).await? => Ok(Some(Accepted::ChallengeSpent)),
            _ => Ok(None),
        }
    }

    /// The second half: stores everything.
    pub(in crate::store) async fn store(&self, tx: &mut Tx) -> Result<Accepted, StoreError> {
        if !self.store_submission(tx).await? {
            return Ok(Accepted::ReceiptTaken);
        }
        for upload in &self.uploads {
            if !self.bind(tx, *upload).await? {
                return Ok(Accepted::UploadMissing(*upload));
            }
        }
        self.store_consents(tx).await?;
        self.store_contacts(tx).await?;
        let Submission { id, site, received_at, .. } = &self.submission;
        for delivery in &self.deliveries {
            delivery.start(tx, (site, *id), None, *received_at).await?;
        }
        Ok(Accepted::Stored)
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
}
