//! `crm-widgets connector new NAME`: a connector to begin with, the schema that lets an editor help, and events to try it
//! with.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::out::say;
use crate::connector::file::faults::SCHEMA;
use crate::connector::library;
use crate::error::Error;

/// What is written, with `NAME` for the name.
const BEGINNING: &str = include_str!("new.yaml");

/// Writes NAME.yaml, and beside it connector.schema.json and samples of events.
#[derive(Args)]
pub struct New {
    /// The connector's name: 1 to 64 of a–z, 0–9 and -
    name: String,
    /// Where to write it
    #[arg(long, default_value = ".", value_name = "DIRECTORY")]
    directory: PathBuf,
}

impl New {
    /// Writes the files; never over one that is there.
    ///
    /// # Errors
    /// The name cannot be used, or the file is there already.
    pub fn run(self) -> Result<(), Error> {
        let Self { name, directory } = self;
        let shaped = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !shaped {
            return Err(Error::Command(format!("\"{name}\" is no name; write 1 to 64 of a–z, 0–9 and -")));
        }
        let path = directory.join(format!("{name}.yaml"));
        if !write(&path, beginning(&name).as_bytes())? {
            return Err(Error::Command(format!("{} is there already; choose another name", path.display())));
        }
        write(&directory.join("connector.schema.json"), SCHEMA.as_bytes())?;
        let folder = directory.join("samples");
        std::fs::create_dir_all(&folder).map_err(|cause| failed(&folder, cause))?;
        for (sample, bytes) in library::samples() {
            write(&folder.join(sample), &bytes)?;
        }
        let path = path.display();
        let sample = folder.join("submission.created.json");
        say(format_args!(
            "{path} is written. Fill it in, then:\n  crm-widgets connector check {path}\n  crm-widgets connector try {path} --event {}\n",
            sample.display()
        ))
    }
}

fn beginning(name: &str) -> String {
    BEGINNING.replace("NAME", name)
}

/// Writes a new file; false where it is there already.
fn write(path: &Path, bytes: &[u8]) -> Result<bool, Error> {
    match std::fs::File::create_new(path) {
        Ok(mut file) => file.write_all(bytes).map(|()| true).map_err(|cause| failed(path, cause)),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(cause) => Err(failed(path, cause)),
    }
}

fn failed(path: &Path, cause: std::io::Error) -> Error {
    Error::File { path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::file::faults;

    #[test]
    fn what_is_written_can_be_used_at_once() {
        let file = faults::read(beginning("acme").as_bytes(), Some("acme"));
        let file = file.unwrap_or_else(|faults| panic!("{faults:?}"));
        assert!(file.handles("submission.created") && file.step("note").is_some());
    }
}
