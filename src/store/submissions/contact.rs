//! How a person is found again who asks for erasure.

use sha2::{Digest, Sha256};

/// A way to reach the person who sent a submission, by which it is found when they ask for erasure.
/// Only its hash is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// An e-mail address, or a phone number as E.164. Case and spaces make no difference.
    pub fn new(value: &str) -> Self {
        Self(value.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect())
    }

    /// What is stored of it.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}
