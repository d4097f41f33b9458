//! Proof of work as in ALTCHA v2, algorithm SHA-256.
//!
//! The derived key is SHA-256(salt ‖ password), hashed `cost - 1` times more and cut to `keyLength` bytes;
//! the password is the nonce followed by a 32-bit big-endian counter. Solved is the first counter whose key starts
//! with `keyPrefix`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `GET /v1/sites/{site}/challenge`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Challenge {
    /// What is to be solved.
    pub parameters: Parameters,
    /// HMAC-SHA256 over the canonical JSON of `parameters`, in hexadecimal.
    pub signature: String,
}

/// The parameters of a challenge, all signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// Always `SHA-256`.
    pub algorithm: String,
    /// How often a candidate is hashed.
    pub cost: u32,
    /// What the challenge is bound to: `site` and `form`.
    pub data: BTreeMap<String, String>,
    /// Unix time in seconds after which it is refused.
    pub expires_at: u64,
    /// Length of the derived key in bytes.
    pub key_length: u32,
    /// The key must start with this, in hexadecimal.
    pub key_prefix: String,
    /// 16 random bytes in hexadecimal; also the id under which the challenge is marked as spent.
    pub nonce: String,
    /// 16 random bytes in hexadecimal.
    pub salt: String,
}

/// What the page answers, in the header `Crm-Challenge` as base64 of its JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Solution {
    /// The challenge as it was received.
    pub challenge: Challenge,
    /// The counter that solves it.
    pub counter: u32,
}
