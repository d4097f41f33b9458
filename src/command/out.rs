//! What commands print. Whoever reads it may have enough of it: `crm-widgets connector list | head -1`.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use crm_protocol::faults::Fault;

use crate::error::Error;

/// Prints.
///
/// # Errors
/// As [`failed`].
pub fn say(text: impl Display) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).map_err(failed)
}

/// Why nothing could be printed: [`Error::Unread`] where nobody reads it any more.
pub fn failed(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::BrokenPipe => Error::Unread,
        _ => Error::File { path: "standard output".to_owned(), cause },
    }
}

/// Says what of a file is accepted and will hardly be meant, in a line.
pub fn hint(file: &Path, hint: &Fault) {
    let _ = writeln!(io::stderr(), "{}: hint: {hint}", file.display());
}

/// Says last of all why a command stopped.
pub fn report(error: &Error) {
    // Where nobody reads this either, nothing is left to be told.
    let _ = writeln!(io::stderr(), "crm-widgets: {error}");
}
