//! What is wrong with a connector file: everything at once, each with its line and what to write instead.
//!
//! # Layout
//!
//! - this file: reading a file, and collecting what is wrong with it
//! - `schema` its shape, by `connectors/connector.schema.json`
//! - `templates` where templates are and what they may see there; `uses` what a template uses; `names` whether that is
//!   there, and `arguments` whether its filters can take what they are given
//! - `rules` whatever else would go wrong later
//! - `words` the nearest word to a misspelt one

mod arguments;
mod names;
mod rules;
mod schema;
mod templates;
#[cfg(test)]
mod tests;
mod uses;
mod words;

use std::fmt;

use crm_protocol::faults::Fault;

use super::ConnectorFile;
use super::yaml::{self, Document, Place};

pub use self::schema::SCHEMA;
pub use self::templates::connection_template;
pub use self::uses::names_in;
pub use self::words::instead;

/// So many faults are said at once.
const MOST: usize = 200;

/// One thing that is wrong with a connector file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// Where in the file.
    pub place: Place,
    /// What of the file, what is wrong with it, and what to write instead.
    pub fault: Fault,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.fault)
    }
}

/// Reads a connector file. `name` is the file's own, without `.yaml`, where there is one.
///
/// # Errors
/// Everything that is wrong with it, in the order of its lines.
pub fn read(bytes: &[u8], name: Option<&str>) -> Result<ConnectorFile, Vec<FileFault>> {
    let document = yaml::read(bytes).map_err(|error| {
        let fault = Fault { path: "file".to_owned(), message: error.message, fix: error.fix };
        vec![FileFault { place: error.place, fault }]
    })?;
    let mut faults = Faults { document: &document, found: Vec::new() };
    schema::check(&mut faults);
    templates::check(&mut faults);
    rules::check(name, &mut faults);
    if faults.found.is_empty() {
        match serde_json::from_value(document.value.clone()) {
            Ok(file) => return Ok(ConnectorFile::complete(file)),
            Err(error) => {
                faults.at_value("", error.to_string(), "compare the file with connector.schema.json")
            }
        }
    }
    let mut found = faults.found;
    found.sort_by_key(|fault| fault.place);
    Err(found)
}

/// Collects faults of a document.
struct Faults<'a> {
    document: &'a Document,
    found: Vec<FileFault>,
}

impl Faults<'_> {
    /// A fault of a value.
    fn at_value(&mut self, pointer: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(self.document.place(pointer), pointer, message, fix);
    }

    /// A fault of a member's name, or of a member that is missing.
    fn at_name(&mut self, pointer: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(self.document.name_place(pointer), pointer, message, fix);
    }

    fn add(&mut self, place: Place, pointer: &str, message: impl Into<String>, fix: impl Into<String>) {
        if self.found.len() >= MOST {
            return;
        }
        let fault = Fault { path: path(pointer), message: message.into(), fix: fix.into() };
        let found = FileFault { place, fault };
        // What an anchor and its aliases have in common is said once.
        let said = |other: &FileFault| {
            (other.place, &other.fault.message) == (place, &found.fault.message) && !is_missing(&found)
        };
        if !self.found.iter().any(said) {
            self.found.push(found);
        }
    }
}

fn is_missing(fault: &FileFault) -> bool {
    fault.fault.message == schema::MISSING
}

/// A JSON Pointer as people write it: `steps[2].request.query["where[0]"]`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let word = segment.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && segment.chars().all(|typed| typed.is_ascii_alphanumeric() || "_-".contains(typed));
        match (segment.parse::<usize>(), word) {
            (Ok(at), _) => path.push_str(&format!("[{at}]")),
            (_, true) if path.is_empty() => path.push_str(&segment),
            (_, true) => path.push_str(&format!(".{segment}")),
            _ => path.push_str(&format!("[\"{segment}\"]")),
        }
    }
    if path.is_empty() { "file".to_owned() } else { path }
}
