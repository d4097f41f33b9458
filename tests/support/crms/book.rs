//! What a CRM has stored.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Map, Value};

/// A lead, a contact, a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The CRM's id.
    pub id: String,
    /// May be empty.
    pub email: String,
    /// May be empty.
    pub phone: String,
}

/// A note, comment, message or activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The CRM's id.
    pub id: String,
    /// Whose it is; empty if it belongs to nobody.
    pub person: String,
    /// As the CRM stored it, perhaps HTML.
    pub text: String,
}

/// An appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The CRM's id.
    pub id: String,
    /// Whose it is; empty if it belongs to nobody.
    pub person: String,
    /// As RFC 3339 in UTC, to the second; empty where the CRM has no place for it.
    pub start: String,
    /// As RFC 3339 in UTC, to the second; empty where the CRM has no place for it.
    pub end: String,
    /// Called off, but still there.
    pub cancelled: bool,
}

/// What a record means.
pub enum Fact {
    Person(Person),
    Note(Note),
    Meeting(Meeting),
}

/// One row of a CRM.
#[derive(Clone, Debug)]
pub struct Record {
    /// What the CRM calls rows like this.
    pub kind: String,
    /// Unique in its kind.
    pub id: String,
    /// As the CRM keeps them.
    pub fields: Map<String, Value>,
    /// Kind and id of what it is connected to.
    pub links: Vec<(String, String)>,
    /// When it was created.
    pub created: Timestamp,
    indexed: Instant,
}

impl Record {
    /// A field's text, or an empty one.
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// The first record of that kind that it is connected to, or an empty text.
    pub fn linked(&self, kind: &str) -> &str {
        self.links.iter().find(|(linked, _)| linked == kind).map_or("", |(_, id)| id)
    }
}

/// Everything a CRM knows.
pub struct Book {
    /// Where the CRM is, without a slash at the end.
    pub url: String,
    /// Names of fields that its owner has added.
    pub custom: BTreeSet<String>,
    /// How long a new record is hidden from searches in an index of its own.
    pub lag: Duration,
    /// When tokens were made.
    pub minted: Vec<Instant>,
    records: Vec<Record>,
    tokens: BTreeMap<String, Instant>,
    number: u64,
}

impl Book {
    /// An empty one.
    pub fn new(url: String) -> Self {
        let (custom, lag, minted, records, tokens) = Default::default();
        Self { url, custom, lag, minted, records, tokens, number: 1000 }
    }

    /// A number that nothing has yet.
    pub fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// Stores a record.
    pub fn add(&mut self, kind: &str, id: impl ToString, fields: Map<String, Value>) -> String {
        let id = id.to_string();
        let record = Record {
            kind: kind.to_owned(),
            id: id.clone(),
            fields,
            links: Vec::new(),
            created: Timestamp::now(),
            indexed: Instant::now() + self.lag,
        };
        self.records.push(record);
        id
    }

    /// Everything.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// All of a kind, the oldest first.
    pub fn all(&self, kind: &str) -> impl Iterator<Item = &Record> {
        self.records.iter().filter(move |record| record.kind == kind)
    }

    /// What a search finds of a kind, in a CRM that searches in an index and not in the records.
    pub fn indexed(&self, kind: &str) -> impl Iterator<Item = &Record> {
        let now = Instant::now();
        self.all(kind).filter(move |record| record.indexed <= now)
    }

    /// One of them.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.kind == kind && record.id == id)
    }

    /// One of them, to change.
    pub fn get_mut(&mut self, kind: &str, id: &str) -> Option<&mut Record> {
        self.records.iter_mut().find(|record| record.kind == kind && record.id == id)
    }

    /// Changes fields of a record that is there.
    pub fn update(&mut self, kind: &str, id: &str, fields: Map<String, Value>) {
        if let Some(record) = self.get_mut(kind, id) {
            record.fields.extend(fields);
        }
    }

    /// Connects two records with each other, once.
    pub fn link(&mut self, one: (&str, &str), other: (&str, &str)) {
        for (from, to) in [(one, other), (other, one)] {
            let to = (to.0.to_owned(), to.1.to_owned());
            if let Some(record) = self.get_mut(from.0, from.1).filter(|record| !record.links.contains(&to)) {
                record.links.push(to);
            }
        }
    }

    /// Removes one. Whether it was there.
    pub fn remove(&mut self, kind: &str, id: &str) -> bool {
        let before = self.records.len();
        self.records.retain(|record| record.kind != kind || record.id != id);
        self.records.len() < before
    }

    /// Does all of something or, if it fails, nothing.
    pub fn atomically<T, E>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let before = self.records.clone();
        let result = work(self);
        if result.is_err() {
            self.records = before;
        }
        result
    }

    /// A new token that is good for so long.
    pub fn mint(&mut self, lifetime: Duration) -> String {
        let token = uuid::Uuid::new_v4().simple().to_string();
        self.minted.push(Instant::now());
        self.tokens.insert(token.clone(), Instant::now() + lifetime);
        token
    }

    /// Whether a token is good.
    pub fn is_live(&self, token: &str) -> bool {
        self.tokens.get(token).is_some_and(|until| Instant::now() < *until)
    }

    /// No token is good any more.
    pub fn expire_tokens(&mut self) {
        self.tokens.clear();
    }
}
