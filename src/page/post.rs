//! What a browser sends for a form by itself: `application/x-www-form-urlencoded` or `multipart/form-data`.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::form::{Form, Kind};
use sha2::{Digest, Sha256};

use crate::http::problem::{Code, Refusal};

/// The trap that no person fills.
const TRAP: &str = "website";
const TICKET: &str = "_ticket";

/// A form as it was posted.
#[derive(Debug, Default)]
pub struct Post {
    values: BTreeMap<String, Vec<String>>,
    /// Chosen files by field.
    pub files: Vec<File>,
}

/// A file as it was posted.
#[derive(Debug)]
pub struct File {
    /// Name of the field.
    pub field: String,
    /// The name it had on the visitor's device.
    pub name: String,
    /// Its bytes.
    pub content: Bytes,
}

impl Post {
    /// Reads a body.
    ///
    /// # Errors
    /// 415 for another media type, 400 when it is broken.
    pub async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Refusal> {
        let media =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Ok(boundary) = multer::parse_boundary(media) {
            return Self::multipart(boundary, body).await.map_err(|_| Code::Malformed.into());
        }
        match media.split(';').next().map(str::trim) {
            Some("application/x-www-form-urlencoded") => Ok(Self::urlencoded(&body)),
            _ => Err(Code::UnsupportedType.into()),
        }
    }

    fn urlencoded(body: &[u8]) -> Self {
        let mut post = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            post.values.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        post
    }

    async fn multipart(boundary: String, body: Bytes) -> multer::Result<Self> {
        let mut post = Self::default();
        let stream = std::iter::once(Ok::<_, Infallible>(body));
        let mut parts = multer::Multipart::new(Once(stream), boundary);
        while let Some(part) = parts.next_field().await? {
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(name) => {
                    let content = part.bytes().await?;
                    // A file control that was left empty is sent as an empty file without a name.
                    if !content.is_empty() || !name.is_empty() {
                        post.files.push(File { field, name, content });
                    }
                }
                None => post.values.entry(field).or_default().push(part.text().await?),
            }
        }
        Ok(post)
    }

    /// Bytes of everything that was typed.
    pub fn typed(&self) -> usize {
        self.values.values().flatten().map(String::len).sum()
    }

    /// The ticket.
    pub fn ticket(&self) -> &str {
        self.first(TICKET)
    }

    /// Whether the trap was filled.
    pub fn trapped(&self) -> bool {
        !self.first(TRAP).is_empty()
    }

    /// Identifies what was sent: the same for the same answers and files.
    pub fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let values = self.values.iter().filter(|(name, _)| name.as_str() != TICKET);
        for (name, value) in values.flat_map(|(name, values)| values.iter().map(move |value| (name, value))) {
            [name, value].iter().for_each(|text| hash.update(Sha256::digest(text)));
        }
        for file in &self.files {
            hash.update(Sha256::digest(&file.field));
            hash.update(Sha256::digest(&file.content));
        }
        hash.finalize().into()
    }

    /// The answers to the fields of a form; everything else is left out.
    pub fn draft(&self, form: &Form) -> Draft {
        let mut draft = Draft::default();
        for field in form.fields() {
            match field.kind {
                Kind::Checkboxes | Kind::File => take(&mut draft, &field.name, self.all(&field.name)),
                Kind::Matrix => {
                    for row in &field.rows {
                        let name = format!("{}.{}", field.name, row.value);
                        take(&mut draft, &name, self.one(&name));
                    }
                }
                _ => take(&mut draft, &field.name, self.one(&field.name)),
            }
        }
        draft
    }

    /// The first value of that name; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        self.values.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    fn one(&self, name: &str) -> Option<Raw> {
        self.values.get(name).and_then(|values| values.first()).map(|value| Raw::One(value.clone()))
    }

    fn all(&self, name: &str) -> Option<Raw> {
        self.values.get(name).map(|values| Raw::Many(values.clone()))
    }
}

fn take(draft: &mut Draft, name: &str, raw: Option<Raw>) {
    if let Some(raw) = raw.filter(|raw| !raw.is_blank()) {
        draft.set(name, raw);
    }
}

/// An iterator as the stream that the parser wants.
struct Once<I>(I);

impl<I: Iterator + Unpin> futures_core::Stream for Once<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}
