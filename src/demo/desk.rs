//! What the demo's CRM has received, and how it answers.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};

/// How many deliveries are remembered.
const KEPT: usize = 200;

/// How the CRM was told to behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// 200.
    #[default]
    Accept,
    /// 500.
    Fail,
    /// 429 with `Retry-After`.
    Busy,
    /// No answer.
    Hang,
}

impl Mode {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Accept, "accept"), (Self::Fail, "fail"), (Self::Busy, "busy"), (Self::Hang, "hang")];

    /// The mode of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == name).map(|(mode, _)| *mode)
    }

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(mode, _)| *mode == self).map_or("", |(_, word)| word)
    }
}

/// What to answer to one request.
#[derive(Debug)]
pub enum Answer {
    /// It is taken, for the first time.
    Accepted,
    /// It was taken earlier.
    Known,
    /// Its signature is wrong.
    Forged,
    /// An error.
    Failed,
    /// Later, please.
    Busy,
    /// Nothing, while this is kept.
    Silent(Open),
}

/// The desk: records, newest first. Shared by all requests.
#[derive(Debug, Default)]
pub struct Desk(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    mode: Mode,
    records: VecDeque<Record>,
    accepted: HashSet<String>,
}

/// One delivery as the CRM saw it.
#[derive(Debug)]
struct Record {
    id: String,
    at: i64,
    event: Value,
    signed: Option<bool>,
    accepted: bool,
    attempts: Vec<Attempt>,
}

#[derive(Debug)]
struct Attempt {
    /// A status, or `hang`.
    answer: Value,
    open: bool,
}

/// A request that is not answered. When the gateway hangs up, it is dropped and the record says so.
#[derive(Debug)]
pub struct Open {
    desk: Desk,
    id: String,
    attempt: usize,
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut memory = self.desk.memory();
        let record = memory.records.iter_mut().find(|record| record.id == self.id);
        if let Some(attempt) = record.and_then(|record| record.attempts.get_mut(self.attempt)) {
            attempt.open = false;
        }
    }
}

impl Desk {
    /// Answers so from now on.
    pub fn set(&self, mode: Mode) {
        self.memory().mode = mode;
    }

    /// Takes a request. `signed` says whether its signature holds, where that could be checked.
    pub fn receive(&self, id: &str, body: &[u8], signed: Option<bool>) -> Answer {
        let mut memory = self.memory();
        let (mode, known) = (memory.mode, memory.accepted.contains(id));
        let mut record = memory.take(id).unwrap_or_else(|| Record::new(id, body));
        let (said, answer) = match mode {
            _ if signed == Some(false) => (json!(401), Answer::Forged),
            Mode::Accept if known => (json!(409), Answer::Known),
            Mode::Accept => (json!(200), Answer::Accepted),
            Mode::Fail => (json!(500), Answer::Failed),
            Mode::Busy => (json!(429), Answer::Busy),
            Mode::Hang => (json!("hang"), Answer::Silent(self.open(id, record.attempts.len()))),
        };
        record.signed = signed;
        record.at = Timestamp::now().as_millisecond();
        record.attempts.push(Attempt { answer: said, open: matches!(answer, Answer::Silent(_)) });
        if matches!(answer, Answer::Accepted) {
            record.accepted = true;
            memory.accepted.insert(id.to_owned());
        }
        memory.put(record);
        answer
    }

    fn open(&self, id: &str, attempt: usize) -> Open {
        Open { desk: Self(self.0.clone()), id: id.to_owned(), attempt }
    }

    /// What the page shows, except the gateway's part.
    pub fn state(&self) -> Value {
        let memory = self.memory();
        json!({
            "now": Timestamp::now().as_millisecond(),
            "mode": memory.mode.as_str(),
            "arrived": memory.accepted.len(),
            "records": memory.records.iter().map(Record::json).collect::<Vec<_>>(),
        })
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn take(&mut self, id: &str) -> Option<Record> {
        let known = self.records.iter().position(|record| record.id == id)?;
        self.records.remove(known)
    }

    /// Puts it in front of the others; the oldest is forgotten.
    fn put(&mut self, record: Record) {
        self.records.truncate(KEPT - 1);
        self.records.push_front(record);
    }
}

impl Record {
    fn new(id: &str, body: &[u8]) -> Self {
        Self {
            id: id.to_owned(),
            at: 0,
            event: serde_json::from_slice(body).unwrap_or_default(),
            signed: None,
            accepted: false,
            attempts: Vec::new(),
        }
    }

    fn json(&self) -> Value {
        let data = &self.event["data"];
        let attempts = self.attempts.iter().map(|attempt| {
            let good = attempt.answer == 200 || attempt.answer == 409;
            json!({"answer": attempt.answer, "open": attempt.open, "good": good})
        });
        // What the CRM has not accepted, it does not know.
        let fields = data["fields"].as_array().filter(|_| self.accepted).into_iter().flatten().map(|field| {
            let answer = field["name"].as_str().map_or(&Value::Null, |name| &data["answers"][name]);
            json!({"name": field["name"], "type": field["type"], "label": field["label"], "answer": answer})
        });
        json!({
            "id": self.id,
            "at": self.at,
            "form": data["form"],
            "receipt": data["receipt"],
            "signed": self.signed,
            "accepted": self.accepted,
            "fields": fields.collect::<Vec<_>>(),
            "attempts": attempts.collect::<Vec<_>>(),
        })
    }
}
