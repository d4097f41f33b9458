//! All connectors there are: those inside this program, and the operator's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;

use super::file::{ConnectorFile, faults};
use crate::error::Error;

#[derive(RustEmbed)]
#[folder = "connectors/"]
struct Embedded;

/// Connectors by name.
#[derive(Clone, Debug)]
pub struct Library(BTreeMap<String, Arc<ConnectorFile>>);

impl Library {
    /// The connectors inside this program.
    ///
    /// # Errors
    /// What is wrong with one of them; a test sees to it that nothing is.
    pub fn embedded() -> Result<Self, Error> {
        let mut library = Self(BTreeMap::new());
        for path in Embedded::iter() {
            let connector = path.ends_with(".yaml") && !path.contains('/');
            if let Some(file) = Embedded::get(&path).filter(|_| connector) {
                library.put(checked(&Path::new("connectors").join(path.as_ref()), &file.data)?);
            }
        }
        Ok(library)
    }

    /// Those, and the `*.yaml` of a directory; one of the same name replaces ours.
    ///
    /// # Errors
    /// What is wrong with a file, or why the directory cannot be read.
    pub fn load(directory: Option<&Path>) -> Result<Self, Error> {
        let mut library = Self::embedded()?;
        let Some(directory) = directory else { return Ok(library) };
        for entry in std::fs::read_dir(directory).map_err(|cause| failed(directory, cause))? {
            let path = entry.map_err(|cause| failed(directory, cause))?.path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                library.add(&path)?;
            }
        }
        Ok(library)
    }

    /// Adds a connector's file; it replaces one of the same name.
    ///
    /// # Errors
    /// What is wrong with it, or why it cannot be read.
    pub fn add(&mut self, path: &Path) -> Result<Arc<ConnectorFile>, Error> {
        read(path).map(|file| self.put(file))
    }

    /// The connector of that name.
    pub fn get(&self, name: &str) -> Option<Arc<ConnectorFile>> {
        self.0.get(name).cloned()
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn put(&mut self, file: ConnectorFile) -> Arc<ConnectorFile> {
        let file = Arc::new(file);
        self.0.insert(file.connector.clone(), Arc::clone(&file));
        file
    }
}

/// A sample event of each type: the name of its file, and what is in it.
pub fn samples() -> impl Iterator<Item = (String, Vec<u8>)> {
    let sample = |path: &str| {
        let name = path.strip_prefix("samples/")?.to_owned();
        Some((name, Embedded::get(path)?.data.into_owned()))
    };
    Embedded::iter().filter_map(move |path| sample(&path))
}

/// Reads a connector's file.
///
/// # Errors
/// What is wrong with it, or why it cannot be read.
pub fn read(path: &Path) -> Result<ConnectorFile, Error> {
    let bytes = std::fs::read(path).map_err(|cause| failed(path, cause))?;
    checked(path, &bytes)
}

fn checked(path: &Path, bytes: &[u8]) -> Result<ConnectorFile, Error> {
    let name = path.file_stem().and_then(|stem| stem.to_str());
    faults::read(bytes, name).map_err(|faults| Error::Connector { path: path.display().to_string(), faults })
}

fn failed(path: &Path, cause: std::io::Error) -> Error {
    Error::File { path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connector_inside_the_program_can_be_used() {
        let library = Library::embedded().unwrap_or_else(|error| panic!("{error}"));
        for name in ["espocrm", "hubspot", "odoo", "pipedrive"] {
            assert_eq!(library.get(name).expect(name).connector, name);
        }
    }

    #[test]
    fn the_members_of_every_sample_are_known() {
        for (name, bytes) in samples() {
            let event: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            for member in event["data"].as_object().unwrap().keys() {
                assert!(crate::connector::event::DATA.contains(&member.as_str()), "{name}: {member}");
            }
        }
    }

    #[test]
    fn an_own_connector_is_added_or_replaces_ours() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let file = |name: &str| {
            format!(
                "connector: {name}\ntitle: Mine\nverified: live\nsteps: [{{stepId: a, request: {{method: PUT, path: /a}}}}]\n"
            )
        };
        write("mine.yaml", &file("mine"));
        write("hubspot.yaml", &file("hubspot"));
        write("notes.txt", "no connector");
        let library = Library::load(Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(library.get("mine").unwrap().title, "Mine");
        assert_eq!(library.get("hubspot").unwrap().title, "Mine");
        assert!(library.names().any(|name| name == "odoo"));
        assert!(library.get("notes").is_none() && library.get("README").is_none());

        write("mine.yaml", "connector: mine\nconnector: mine\n");
        let error = Library::load(Some(folder.path())).expect_err("a broken file").to_string();
        assert!(error.contains("mine.yaml:2:1: "), "{error}");
        assert!(Library::load(Some(&folder.path().join("nowhere"))).is_err());
    }
}
