//! Files a visitor chose: on their way, arrived or refused.

/// One chosen file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Number of the file in this page.
    pub number: u32,
    /// Field it belongs to.
    pub field: String,
    /// Its name at the visitor.
    pub name: String,
    /// How far it is.
    pub state: UploadState,
}

/// How far a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadState {
    /// On its way.
    Sending,
    /// Stored at the gateway under this id.
    Stored(String),
    /// Not taken; the sentence says why.
    Failed(String),
}

/// All chosen files of a form.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    files: Vec<Upload>,
    last: u32,
    version: u32,
}

impl Uploads {
    /// Adds a file that is about to be sent; returns its number.
    pub fn add(&mut self, field: &str, name: String) -> u32 {
        self.last += 1;
        self.version += 1;
        let state = UploadState::Sending;
        self.files.push(Upload { number: self.last, field: field.to_owned(), name, state });
        self.last
    }

    /// Notes how far a file is. A file that was removed meanwhile stays removed.
    pub fn set(&mut self, number: u32, state: UploadState) {
        if let Some(file) = self.files.iter_mut().find(|file| file.number == number) {
            file.state = state;
            self.version += 1;
        }
    }

    /// Removes a file.
    pub fn remove(&mut self, number: u32) {
        self.files.retain(|file| file.number != number);
        self.version += 1;
    }

    /// Counts up with every change.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The files of a field.
    pub fn of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Upload> {
        self.files.iter().filter(move |file| file.field == field)
    }

    /// Ids of the stored files of a field: its answer.
    pub fn ids(&self, field: &str) -> Vec<String> {
        let id = |file: &Upload| match &file.state {
            UploadState::Stored(id) => Some(id.clone()),
            _ => None,
        };
        self.of(field).filter_map(id).collect()
    }

    /// Why the first file of a field that was not taken was not.
    pub fn failure(&self, field: &str) -> Option<String> {
        self.of(field).find_map(|file| match &file.state {
            UploadState::Failed(sentence) => Some(sentence.clone()),
            _ => None,
        })
    }

    /// Whether a file is still on its way.
    pub fn busy(&self) -> bool {
        self.files.iter().any(|file| matches!(file.state, UploadState::Sending))
    }
}
