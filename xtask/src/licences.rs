//! Licences and sources of all dependencies, as `deny.toml` allows them.
//!
//! `cargo deny check` reads the same file and more; it takes minutes to install, so the two rules that matter on
//! every change are checked here from what Cargo itself knows.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::suite::Counts;
use crate::tool::{self, cargo, quietly};

/// Checks every package that the lock file names.
///
/// # Errors
/// When Cargo or `deny.toml` cannot be read.
pub fn check() -> Result<Counts> {
    let allowed = allowed()?;
    let metadata = quietly(&mut cargo(&["metadata", "--format-version=1", "--locked", "--quiet"]))?;
    let start = metadata.find('{').unwrap_or_default();
    let metadata: Value = serde_json::from_str(metadata.get(start..).unwrap_or_default().trim())?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let mut counts = Counts::default();
    for package in packages {
        let fault = fault(package, &allowed);
        counts.add(fault.is_none());
        if let Some(fault) = fault {
            println!("{} {}: {fault}", package["name"], package["version"]);
        }
    }
    // One rule for all packages is one test.
    Ok(Counts {
        passed: usize::from(counts.failed == 0),
        ..Counts { failed: counts.failed, ..Counts::default() }
    })
}

fn fault(package: &Value, allowed: &[String]) -> Option<String> {
    let source = package["source"].as_str();
    // Our own have no source; a repository's state could change or vanish.
    if source.is_some_and(|source| !source.starts_with("registry+")) {
        return Some(format!("comes from {}", source.unwrap_or_default()));
    }
    let licence = package["license"].as_str().unwrap_or("unknown");
    (!permits(licence, allowed)).then(|| format!("licence {licence}"))
}

/// Whether one side of every "or" is allowed. In SPDX's expressions "and" binds closer than "or".
fn permits(expression: &str, allowed: &[String]) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let known = |term: &str| allowed.iter().any(|name| name == term.trim());
    // Written as (A OR B) AND C, the parentheses would be needed: then every name must be allowed.
    if expression.contains('(') {
        return plain.replace(" OR ", " AND ").split(" AND ").all(known);
    }
    plain.split(" OR ").any(|side| side.split(" AND ").all(known))
}

/// The list `allow` of the section `licenses`.
fn allowed() -> Result<Vec<String>> {
    let text = std::fs::read_to_string(tool::root().join("deny.toml")).context("deny.toml")?;
    let list = text
        .split_once("\nallow = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .context("no allow in deny.toml")?;
    Ok(list.0.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::permits;

    #[test]
    fn one_allowed_side_is_enough_and_all_parts_of_it_are_needed() {
        let allowed = ["MIT".to_owned(), "BSD-3-Clause".to_owned(), "Unicode-3.0".to_owned()];
        assert!(permits("MIT OR GPL-3.0", &allowed));
        assert!(permits("Apache-2.0/MIT", &allowed));
        assert!(permits("BSD-3-Clause AND MIT", &allowed));
        assert!(permits("(MIT OR BSD-3-Clause) AND Unicode-3.0", &allowed));
        assert!(!permits("MIT AND GPL-3.0", &allowed));
        assert!(!permits("unknown", &allowed));
    }
}
