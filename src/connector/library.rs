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
            if let (Some(name), Some(file)) = (name(Path::new(path.as_ref())), Embedded::get(&path)) {
                library.add(&format!("connectors/{path}"), name, &file.data)?;
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
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |cause| Error::File { path, cause }
        };
        for entry in std::fs::read_dir(directory).map_err(failed(directory))? {
            let path = entry.map_err(failed(directory))?.path();
            if let Some(name) = path.file_name().and_then(|file| name(Path::new(file))) {
                let bytes = std::fs::read(&path).map_err(failed(&path))?;
                library.add(&path.display().to_string(), name, &bytes)?;
            }
        }
        Ok(library)
    }

    /// The connector of that name.
    pub fn get(&self, name: &str) -> Option<Arc<ConnectorFile>> {
        self.0.get(name).cloned()
    }

    /// All names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn add(&mut self, path: &str, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let file = faults::read(bytes, Some(name))
            .map_err(|faults| Error::Connector { path: path.to_owned(), faults })?;
        self.0.insert(name.to_owned(), Arc::new(file));
        Ok(())
    }
}

/// The name of a connector's file: it stands directly in its directory, and is `NAME.yaml`.
fn name(path: &Path) -> Option<&str> {
    let alone = path.parent().is_none_or(|parent| parent.as_os_str().is_empty());
    let yaml = path.extension().is_some_and(|extension| extension == "yaml");
    path.file_stem().filter(|_| alone && yaml)?.to_str()
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
