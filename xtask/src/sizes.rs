//! The size budgets that hold for every build: bytes on the wire, brotli 11, a KB being 1,000.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::assets;
use crate::suite::Counts;

/// What is loaded together, and how much that may be. The first view's HTML is added where it belongs.
struct Budget {
    what: &'static str,
    /// How the names of the files start and end.
    files: &'static [(&'static str, &'static str)],
    kilobytes: f64,
}

const LOADER: (&str, &str) = ("embed", ".js");
const STYLE: (&str, &str) = ("style", ".css");

const BUDGETS: [Budget; 4] = [
    Budget { what: "the loader", files: &[LOADER], kilobytes: 3.0 },
    // The rendered HTML of the demo's form, some 4 KB, comes on top; `bench` measures both together.
    Budget { what: "until the contact form can be typed in, without its HTML", files: &[LOADER, STYLE], kilobytes: 6.5 },
    Budget {
        what: "contact, everything loaded, without its HTML",
        files: &[LOADER, STYLE, ("app", ".js"), ("app", ".wasm")],
        kilobytes: 66.0,
    },
    Budget { what: "a closed launcher", files: &[LOADER, STYLE, ("dialog", ".js")], kilobytes: 8.0 },
];

/// Compares the build with its budgets.
///
/// # Errors
/// When a file of the build is missing.
pub fn check() -> Result<Counts> {
    let mut counts = Counts::default();
    for budget in BUDGETS {
        let bytes: u64 = budget.files.iter().map(|file| compressed(&assets::folder(), file)).sum::<Result<u64>>()?;
        let kilobytes = bytes as f64 / 1000.0;
        let holds = kilobytes <= budget.kilobytes;
        let verdict = if holds { "ok" } else { "TOO MUCH" };
        println!("{kilobytes:8.2} KB of {:5.1}  {verdict:8} {}", budget.kilobytes, budget.what);
        counts.add(holds);
    }
    Ok(counts)
}

fn compressed(folder: &Path, (start, end): &(&str, &str)) -> Result<u64> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(start) && name.ends_with(&format!("{end}.br")) {
            return Ok(entry.metadata()?.len());
        }
    }
    bail!("{} has no {start}…{end}", folder.display())
}
