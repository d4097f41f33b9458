//! Whether a hospital's server can be written to, as it was found out.

use crm_protocol::id::SubmissionId;

use crate::store::{Op, StoreError, Tx};

/// What a server did when it was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody has tried, or it was another server.
    Unknown,
    /// It refuses to change what somebody else has changed meanwhile.
    Sound,
    /// It does not, in words.
    Unsound(String),
}

/// Reads what is known of the server at that URL.
#[derive(Clone, Debug)]
pub struct FindVerdict {
    /// Key of the site.
    pub site: String,
    /// The connection's URL.
    pub url: String,
}

impl Op for FindVerdict {
    type Out = Verdict;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Verdict, StoreError> {
        let sql = "select refusal from his where site = $1 and url = $2";
        let row = tx.query_one(sql, &[(&self.site).into(), (&self.url).into()]).await?;
        Ok(match row.map(|mut row| row.optional_text(0)).transpose()? {
            None => Verdict::Unknown,
            Some(None) => Verdict::Sound,
            Some(Some(refusal)) => Verdict::Unsound(refusal),
        })
    }
}

/// Keeps what was found out about the server at that URL.
#[derive(Clone, Debug)]
pub struct KeepVerdict {
    /// Key of the site.
    pub site: String,
    /// The connection's URL.
    pub url: String,
    /// Why it cannot be written to.
    pub refusal: Option<String>,
}

impl Op for KeepVerdict {
    type Out = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let sql = "insert into his (site, body, due_at, url, refusal) values ($1, '{}', 0, $2, $3) \
                   on conflict (site) do update set url = excluded.url, refusal = excluded.refusal";
        let args = [(&self.site).into(), (&self.url).into(), self.refusal.as_ref().into()];
        tx.execute(sql, &args).await.map(drop)
    }
}

/// Whether a hospital will yet say what becomes of an appointment: it is on its way there, and the server at that URL is
/// not known as one that nothing is booked at.
#[derive(Clone, Debug)]
pub struct Awaits {
    /// Key of the site.
    pub site: String,
    /// What the appointment was booked with.
    pub submission: SubmissionId,
    /// Name of the connection.
    pub connection: String,
    /// The connection's URL.
    pub url: String,
}

impl Op for Awaits {
    type Out = bool;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let known = FindVerdict { site: self.site.clone(), url: self.url.clone() };
        if let Verdict::Unsound(_) = known.run(tx).await? {
            return Ok(false);
        }
        let sql = "select id from deliveries where submission = $1 and connection = $2 and state = 'waiting'";
        let args = [self.submission.to_string().into(), (&self.connection).into()];
        Ok(!tx.query(sql, &args).await?.is_empty())
    }
}
