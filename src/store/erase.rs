//! Erasure: what a person asks to be forgotten leaves the database (GDPR article 17, PIPL article 47).

use crm_protocol::id::SubmissionId;

use super::submissions::Contact;
use super::{Op, Store, StoreError, Tx};

/// Whose data goes.
#[derive(Clone, Debug)]
pub enum By {
    /// One submission.
    Submission(SubmissionId),
    /// Every submission with this e-mail address or phone number, at one site or at all.
    Contact {
        /// Key of the site.
        site: Option<String>,
        /// The address or number.
        contact: Contact,
    },
}

/// Deletes submissions with their consents, contacts, deliveries, attempts, files and answers.
/// Use [`Store::erase`], which also removes the bytes.
#[derive(Clone, Debug)]
struct Erase {
    by: By,
}

/// What was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The submissions that were deleted.
    pub submissions: Vec<SubmissionId>,
    /// Files of theirs.
    pub uploads: u64,
}

impl Store {
    /// Deletes submissions with everything that belongs to them, then makes their bytes unreadable as
    /// [`Store::compact`] does. What was delivered to a CRM stays there.
    ///
    /// # Errors
    /// If it fails after the deletion, nothing is readable through the store, but bytes may remain in its files until
    /// the next call.
    pub async fn erase(&self, by: By) -> Result<Erased, StoreError> {
        let erased = self.run(Erase { by }).await?;
        self.compact().await?;
        Ok(erased)
    }
}

impl Op for Erase {
    type Out = Erased;

    async fn run(&self, tx: &mut Tx) -> Result<Erased, StoreError> {
        let mut erased = Erased { submissions: Vec::new(), uploads: 0 };
        for id in self.find(tx).await? {
            let args = [id.to_string().into()];
            // Consents, contacts, deliveries and their attempts go with the submission.
            erased.uploads += tx.execute("delete from uploads where submission = $1", &args).await?;
            tx.execute("delete from answers where submission = $1", &args).await?;
            if tx.execute("delete from submissions where id = $1", &args).await? > 0 {
                erased.submissions.push(id);
            }
        }
        Ok(erased)
    }
}

impl Erase {
    async fn find(&self, tx: &mut Tx) -> Result<Vec<SubmissionId>, StoreError> {
        let (site, contact) = match &self.by {
            By::Submission(id) => return Ok(vec![*id]),
            By::Contact { site, contact } => (site, contact),
        };
        let sql = "select distinct submission from contacts \
                   where value_sha256 = $1 and (cast($2 as text) is null or site = $2)";
        let rows = tx.query(sql, &[(&contact.sha256()).into(), site.as_ref().into()]).await?;
        rows.into_iter().map(|mut row| row.parse(0)).collect()
    }
}
