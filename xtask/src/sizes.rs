//! The size budgets that hold for every build: bytes on the wire, brotli 11, a KB being 1,000.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::assets;
use crate::bench;
use crate::suite::Counts;

/// What is loaded together, and how much that may be.
struct Budget {
    what: &'static str,
    /// How the names of the files start and end.
    files: &'static [(&'static str, &'static str)],
    /// The first view that belongs to it, on the demo's site in Chinese, as the gateway renders it.
    view: Option<&'static str>,
    kilobytes: f64,
}

const LOADER: (&str, &str) = ("embed", ".js");
const STYLE: (&str, &str) = ("style", ".css");

const CONTACT: &str = "contact/clinic/enquiry";
const BOOKING: &str = "booking/clinic";

const BUDGETS: [Budget; 5] = [
    Budget { what: "the loader", files: &[LOADER], view: None, kilobytes: 3.0 },
    Budget {
        what: "until the contact form can be typed in",
        files: &[LOADER, STYLE],
        view: Some(CONTACT),
        kilobytes: 10.0,
    },
    Budget {
        what: "contact, everything loaded",
        files: &[LOADER, STYLE, ("app", ".js"), ("app", ".wasm")],
        view: Some(CONTACT),
        kilobytes: 70.0,
    },
    Budget {
        what: "booking, everything loaded",
        files: &[LOADER, STYLE, ("booking-style", ".css"), ("booking", ".js"), ("booking", ".wasm")],
        view: Some(BOOKING),
        kilobytes: 100.0,
    },
    Budget {
        what: "a closed launcher",
        files: &[LOADER, STYLE, ("dialog", ".js")],
        view: None,
        kilobytes: 8.0,
    },
];

/// Compares the build with its budgets.
///
/// # Errors
/// When a file of the build is missing, or the gateway does not start.
pub fn check() -> Result<Counts> {
    let mut counts = Counts::default();
    let [contact, booking] = bench::first_views([CONTACT, BOOKING])?;
    for budget in BUDGETS {
        let files =
            budget.files.iter().map(|file| compressed(&assets::folder(), file)).sum::<Result<u64>>()?;
        let view = match budget.view {
            Some(CONTACT) => contact,
            Some(_) => booking,
            None => 0,
        };
        let bytes = files + view;
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
