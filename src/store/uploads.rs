//! Uploaded files. They live in the database, so that there is one file of data to keep and to erase from.

use crm_protocol::id::UploadId;

use super::{Millis, Op, StoreError, Tx};

/// What is known of a file beside its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id, random.
    pub id: UploadId,
    /// Key of the site.
    pub site: String,
    /// Name of the form.
    pub form: String,
    /// Name of the form's field.
    pub field: String,
    /// The name it had on the visitor's device, cleaned.
    pub name: String,
    /// Media type, as found by the gateway.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
}

/// Stores a file that belongs to no submission yet.
#[derive(Clone, Debug)]
pub struct PutUpload {
    /// What is known of it.
    pub upload: Upload,
    /// SHA-256 of the token that opens it.
    pub token_sha256: [u8; 32],
    /// The file.
    pub content: Vec<u8>,
    /// The time now.
    pub now: Millis,
    /// How many bytes of files without a submission the site may have, this one included.
    pub quota: u64,
}

/// How [`PutUpload`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// Stored.
    Stored,
    /// The site has too many files waiting for their submission.
    QuotaReached,
}

impl Op for PutUpload {
    type Out = Put;

    async fn run(&self, tx: &mut Tx) -> Result<Put, StoreError> {
        let Upload { id, site, form, field, name, media_type, size } = &self.upload;
        let sum = "select cast(coalesce(sum(size), 0) as bigint) from uploads where site = $1 and submission is null";
        let unbound = tx.query_one(sum, &[site.into()]).await?.map_or(Ok(0), |mut row| row.int(0))?;
        if unbound.unsigned_abs().saturating_add(*size) > self.quota {
            return Ok(Put::QuotaReached);
        }
        let sql = "insert into uploads \
                   (id, site, form, field, name, media_type, size, token_sha256, content, created_at) \
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let args = [
            id.to_string().into(),
            site.into(),
            form.into(),
            field.into(),
            name.into(),
            media_type.into(),
            i64::try_from(*size).unwrap_or(i64::MAX).into(),
            (&self.token_sha256).into(),
            self.content.as_slice().into(),
            self.now.into(),
        ];
        tx.execute(sql, &args).await?;
        Ok(Put::Stored)
    }
}

const COLUMNS: &str = "id, site, form, field, name, media_type, size";

fn from_row(row: &mut super::Row) -> Result<Upload, StoreError> {
    Ok(Upload {
        id: row.parse(0)?,
        site: row.text(1)?,
        form: row.text(2)?,
        field: row.text(3)?,
        name: row.text(4)?,
        media_type: row.text(5)?,
        size: row.int(6)?.unsigned_abs(),
    })
}

/// Reads a file and its content. `None` when there is none under this id and token.
#[derive(Clone, Debug)]
pub struct GetUpload {
    /// Its id.
    pub id: UploadId,
    /// SHA-256 of the token that was shown.
    pub token_sha256: [u8; 32],
}

impl Op for GetUpload {
    type Out = Option<(Upload, Vec<u8>)>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Out, StoreError> {
        let sql = format!("select {COLUMNS}, content from uploads where id = $1 and token_sha256 = $2");
        match tx.query_one(&sql, &[self.id.to_string().into(), (&self.token_sha256).into()]).await? {
            Some(mut row) => Ok(Some((from_row(&mut row)?, row.bytes(7)?))),
            None => Ok(None),
        }
    }
}

/// Looks up files of a form that belong to no submission yet; the ids that are not found are left out.
#[derive(Clone, Debug)]
pub struct FindUploads {
    /// Key of the site.
    pub site: String,
    /// Name of the form.
    pub form: String,
    /// Their ids.
    pub ids: Vec<UploadId>,
}

impl Op for FindUploads {
    type Out = Vec<Upload>;
    const READ: bool = true;

    async fn run(&self, tx: &mut Tx) -> Result<Vec<Upload>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from uploads where id = $1 and site = $2 and form = $3 and submission is null"
        );
        let mut found = Vec::new();
        for id in &self.ids {
            let args = [id.to_string().into(), (&self.site).into(), (&self.form).into()];
            if let Some(mut row) = tx.query_one(&sql, &args).await? {
                found.push(from_row(&mut row)?);
            }
        }
        Ok(found)
    }
}
