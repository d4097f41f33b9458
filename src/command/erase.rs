//! `crm-widgets erase`: forgets a person (GDPR article 17, PIPL article 47).

use clap::Args;
use crm_protocol::id::SubmissionId;

use crate::command::out::say;
use crate::config::Config;
use crate::error::Error;
use crate::store::Store;
use crate::store::erase::By;
use crate::store::submissions::Contact;

/// Erases submissions with their files, deliveries and attempts, and the bytes they leave in the database's files.
/// What a CRM has received stays there.
#[derive(Args)]
#[group(required = true, multiple = false, id = "who", args = ["submission", "contact"])]
pub struct Erase {
    /// One submission
    #[arg(long, value_name = "ID")]
    submission: Option<SubmissionId>,
    /// Every submission with this e-mail address, or phone number as it is stored: +8613800138000
    #[arg(long, value_name = "VALUE")]
    contact: Option<String>,
    /// With --contact: only of this site
    #[arg(long, requires = "contact")]
    site: Option<String>,
}

impl Erase {
    /// Erases and says how much it was.
    ///
    /// # Errors
    /// The database's refusal.
    pub async fn run(self, config: Config) -> Result<(), Error> {
        let by = match (self.submission, self.contact) {
            (Some(id), _) => By::Submission(id),
            (None, Some(contact)) => By::Contact { site: self.site, contact: Contact::new(&contact) },
            (None, None) => return Err(Error::Command("name a submission or a contact".to_owned())),
        };
        let store = Store::open(&config.database.parse()?).await?;
        let erased = store.erase(by).await?;
        store.close().await;
        say(format_args!("{} submissions and {} files erased\n", erased.submissions.len(), erased.uploads))
    }
}
