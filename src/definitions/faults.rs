//! Collects faults, so that a person sees all of them at once.

use std::collections::BTreeSet;

use crm_protocol::faults::Fault;

/// What is wrong, in the order it was found.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, path: String, message: impl Into<String>, fix: &str) {
        self.0.push(Fault { path, message: message.into(), fix: fix.to_owned() });
    }

    pub(super) fn name(&mut self, name: &str, path: &str) {
        let shaped = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !shaped {
            self.add(path.to_owned(), format!("\"{name}\" is no name"), "write 1 to 64 of a–z, 0–9 and -");
        }
    }

    /// A name that templates use: `secret.NAME`, `input.NAME`.
    pub(super) fn word(&mut self, word: &str, path: &str) {
        let shaped = (1..=64).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !word.starts_with(|first: char| first.is_ascii_digit());
        if !shaped {
            let fix = "write 1 to 64 of a–z, A–Z, 0–9 and _, a digit not first";
            self.add(path.to_owned(), format!("\"{word}\" is no name for a template"), fix);
        }
    }

    pub(super) fn unique(&mut self, seen: &mut BTreeSet<String>, name: &str, path: &str) {
        if !seen.insert(name.to_owned()) {
            self.add(path.to_owned(), format!("\"{name}\" is there twice"), "give each its own");
        }
    }
}
