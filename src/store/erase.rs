//! Erasure: what a person asks to be forgotten leaves the database (GDPR article 17, PIPL article 47).

use crm_protocol::id::SubmissionId;

use super::booking::forget::forget;
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
        let submissions = match by {
            By::Submission(id) => vec![id],
            By::Contact { site, contact } => self.run(Find { site, contact }).await?,
        };
        let erased = self.run(Erase { submissions }).await?;
        self.compact().await?;
        Ok(erased)
    }
}

/// Looks for the submissions of a person. It reads every contact there is, so it runs beside the writer.
struct Find {
    site: Option<String>,
    contact: Contact,
}

impl Op for Find {
    type Out = Vec<SubmissionId>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<SubmissionId>, StoreError> {
        let sql = "select id from contacts join submissions on id = submission \
                   where value_sha256 = $1 and (cast($2 as text) is null or site = $2)";
        let rows = tx.query(sql, &[(&self.contact.sha256()).into(), self.site.as_ref().into()]).await?;
        rows.into_iter().map(|mut row| row.parse(0)).collect()
    }
}

/// Deletes submissions with their consents, contacts, events, deliveries, attempts, steps, links, files and answers, and
/// the appointments and places on waitlists they were sent for, whose time is free again.
struct Erase {
    submissions: Vec<SubmissionId>,
}

impl Op for Erase {
    type Out = Erased;

    async fn run(&self, tx: &mut Tx) -> Result<Erased, StoreError> {
        let mut erased = Erased { submissions: Vec::new(), uploads: 0 };
        forget(tx, &self.submissions).await?;
        for id in &self.submissions {
            let args = [id.to_string().into()];
            erased.uploads += tx.execute("delete from uploads where submission = $1", &args).await?;
            tx.execute("delete from answers where submission = $1", &args).await?;
            // Consents, contacts, links, events, deliveries and their attempts and steps go with the submission.
            if tx.execute("delete from submissions where id = $1", &args).await? > 0 {
                erased.submissions.push(*id);
            }
        }
        Ok(erased)
    }
}
