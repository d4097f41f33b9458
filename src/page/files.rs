//! Files of a form that a browser posts by itself. They are kept as soon as they come, so that they need not be chosen
//! again when something else in the form has to be put right.

use crm_protocol::check::FieldError;
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::file_name::FileName;
use crm_protocol::form::{Field, Kind};
use crm_protocol::id::UploadId;

use crate::http::problem::{Code, Refusal};
use crate::http::uploads;
use crate::http::visitor::Visitor;
use crate::page::hosted::Place;
use crate::page::post::File;
use crate::store::uploads::FindUploads;
use crate::texts;

/// Most files that are looked up to be shown again.
const MOST: usize = 50;

impl Place {
    /// Keeps the files and puts their ids into the draft. What is wrong with one doesn't keep others out.
    pub(super) async fn upload(
        &self,
        visitor: Visitor,
        files: Vec<File>,
        draft: &mut Draft,
    ) -> Result<(), Refusal> {
        let mut wrong = None;
        for file in files {
            let Some(field) = self.form.field(&file.field).filter(|field| field.kind == Kind::File) else {
                continue;
            };
            match self.keep(visitor, field, file).await {
                Ok(id) => add(draft, field, id),
                Err(refusal) => wrong = wrong.or(Some(refusal)),
            }
        }
        wrong.map_or(Ok(()), Err)
    }

    /// Stores a file and returns its id.
    async fn keep(&self, visitor: Visitor, field: &Field, file: File) -> Result<String, Refusal> {
        self.app.limits.upload(visitor)?;
        let largest = field.max_bytes.unwrap_or(uploads::LARGEST);
        if file.content.len() > largest as usize {
            return Err(self.file_error(field, "file-large", &format!("{} MB", largest.div_ceil(1 << 20))));
        }
        let name = FileName::clean(&file.name);
        let content = file.content.to_vec();
        match uploads::keep(&self.app, &self.site, &self.form, field, &name, content).await {
            Ok(upload) => Ok(upload.id.to_string()),
            Err(refusal) if refusal.code == Code::UnsupportedType => {
                Err(self.file_error(field, "file-type", &field.accept.join(", ")))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// The files that the draft names, if they still wait for their form, as (field, id, name). Where the database
    /// cannot say it they are kept all the same, without their names.
    pub(super) async fn kept(&self, draft: &Draft) -> Vec<(String, String, String)> {
        let mut named = Vec::new();
        for field in self.form.fields().filter(|field| field.kind == Kind::File) {
            let Some(Raw::Many(ids)) = draft.get(&field.name) else { continue };
            named
                .extend(ids.iter().filter_map(|id| Some((field.name.clone(), id.parse::<UploadId>().ok()?))));
        }
        named.truncate(MOST);
        if named.is_empty() {
            return Vec::new();
        }
        let (site, form) = (self.site.definition.key.clone(), self.form.id.clone());
        let ids = named.iter().map(|(_, id)| *id).collect();
        let found = self.app.store.run(FindUploads { site, form, ids }).await;
        let name = |id| match &found {
            Ok(found) => found.iter().find(|file| file.id == id).map(|file| file.name.clone()),
            Err(_) => Some(id.to_string()),
        };
        named.into_iter().filter_map(|(field, id)| Some((field, id.to_string(), name(id)?))).collect()
    }

    fn file_error(&self, field: &Field, code: &str, limit: &str) -> Refusal {
        let label = field.label.as_ref().map_or(field.name.as_str(), |label| label.as_str());
        let key = format!("error.{code}");
        let message = texts::catalogue(&self.lang).fill(&key, &[("label", label), ("limit", limit)]);
        let error = FieldError { field: field.name.clone(), code: code.to_owned(), message };
        Refusal { errors: vec![error], ..Refusal::new(Code::InvalidAnswers) }
    }
}

/// Puts a file beside those that were kept before, or in their place where the field takes one.
fn add(draft: &mut Draft, field: &Field, id: String) {
    let several = field.max.as_deref().is_some_and(|most| most != "1");
    let mut ids = match draft.get(&field.name) {
        Some(Raw::Many(ids)) if several => ids.clone(),
        _ => Vec::new(),
    };
    ids.push(id);
    draft.set(&field.name, ids);
}
