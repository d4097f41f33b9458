//! Accepting: a submission, its consents, contacts, files, deliveries and answer, in one transaction.

use crm_protocol::id::{DeliveryId, UploadId};
use crm_protocol::submission::Consent;

use super::{Contact, FindAnswer, Submission};
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
