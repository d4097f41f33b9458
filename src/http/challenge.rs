//! `GET /v1/sites/{site}/challenge`: proof of work as in ALTCHA v2 with SHA-256.
//!
//! Making one costs an HMAC; checking one costs an HMAC and at most eight hashes, so neither is worth attacking.
//! Which challenges were used is the database's to know, in the transaction that stores the submission.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crm_protocol::challenge::{Challenge, Parameters, Solution};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::hex;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, openapi};
use crate::keys::Keys;
use crate::sites::LiveSite;
use crate::store::submissions::Spent;

/// Half an hour: a page fetches a fresh one when typing took longer.
const LIFETIME: u64 = 30 * 60;
const ALGORITHM: &str = "SHA-256";

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let operation = Operation::new("getChallenge", "A proof of work to solve before a submission")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .query("form", true, openapi::name())
        .answer(200, "The challenge, valid for half an hour and one submission", openapi::json("Challenge"))
        .refuses(&[Code::Malformed, Code::UnknownSite, Code::UnknownForm, Code::Internal]);
    routes.get("/v1/sites/{site}/challenge", show, operation)
}

#[derive(Deserialize)]
struct Which {
    form: String,
}

async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refusal> {
    let site = app.site(&site)?;
    let Query(which) = which.map_err(|_| Refusal::new(Code::Malformed).detail("Name the form: ?form=…"))?;
    if site.definition.form(&which.form).is_none() {
        return Err(Code::UnknownForm.into());
    }
    let bits = site.definition.challenge.bits + app.limits.challenge(visitor);
    let challenge = issue(&app.keys, &site.definition.key, &which.form, bits, now())?;
    body::private(StatusCode::OK, &challenge)
}

/// Makes a challenge of 2^`bits` hashes on average: four bits of work for each hexadecimal digit of the prefix, the
/// rest as a cost of up to eight hashes for each try.
///
/// # Errors
/// The operating system has no random numbers.
pub fn issue(keys: &Keys, site: &str, form: &str, bits: u8, now: u64) -> Result<Challenge, Refusal> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(Refusal::internal)?;
    let (nonce, salt) = random.split_at(16);
    let data = [("form", form), ("site", site)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let parameters = Parameters {
        algorithm: ALGORITHM.to_owned(),
        cost: 1 << (bits % 4),
        data: BTreeMap::from(data),
        expires_at: now + LIFETIME,
        key_length: 32,
        key_prefix: "0".repeat(usize::from(bits / 4)),
        nonce: hex::encode(nonce),
        salt: hex::encode(salt),
    };
    let text = serde_json::to_string(&parameters).map_err(Refusal::internal)?;
    Ok(Challenge { signature: hex::encode(&keys.sign_challenge(&text)), parameters })
}

/// Checks the header `Crm-Challenge` where the site asks for one.
///
/// # Errors
/// As [`verify`].
pub fn asked(
    site: &LiveSite,
    keys: &Keys,
    headers: &HeaderMap,
    form: &str,
) -> Result<Option<Spent>, Refusal> {
    match site.definition.challenge.enabled {
        true => verify(keys, headers, &site.definition.key, form, now()).map(Some),
        false => Ok(None),
    }
}

/// Checks the header `Crm-Challenge` for a submission of that form.
///
/// # Errors
/// 403, with what the page should do.
pub fn verify(keys: &Keys, headers: &HeaderMap, site: &str, form: &str, now: u64) -> Result<Spent, Refusal> {
    let header = headers.get("crm-challenge").ok_or(Code::ChallengeRequired)?;
    let json = BASE64_STANDARD.decode(header.as_bytes()).map_err(|_| Code::ChallengeInvalid)?;
    let solution: Solution = serde_json::from_slice(&json).map_err(|_| Code::ChallengeInvalid)?;
    let Parameters { expires_at, data, nonce, .. } = &solution.challenge.parameters;
    if !is_ours(keys, &solution.challenge) {
        return Err(Code::ChallengeInvalid.into());
    }
    if *expires_at < now {
        return Err(Code::ChallengeExpired.into());
    }
    let bound = |name: &str, value: &str| data.get(name).is_some_and(|bound| bound == value);
    if !bound("site", site) || !bound("form", form) || !solves(&solution) {
        return Err(Code::ChallengeInvalid.into());
    }
    Ok(Spent {
        nonce: nonce.clone(),
        expires_at: i64::try_from(*expires_at).unwrap_or(i64::MAX).saturating_mul(1000),
    })
}

/// The members of [`Parameters`] are declared in the order of their names, so this JSON is ALTCHA's canonical one.
fn is_ours(keys: &Keys, challenge: &Challenge) -> bool {
    let Ok(text) = serde_json::to_string(&challenge.parameters) else { return false };
    hex::decode(&challenge.signature).is_some_and(|signature| keys.verify_challenge(&text, &signature))
}

fn solves(solution: &Solution) -> bool {
    let Parameters { cost, key_prefix, nonce, salt, .. } = &solution.challenge.parameters;
    let (Some(nonce), Some(salt)) = (hex::decode(nonce), hex::decode(salt)) else { return false };
    let first =
        Sha256::new().chain_update(salt).chain_update(nonce).chain_update(solution.counter.to_be_bytes());
    let key = (1..*cost).fold(first.finalize(), |key, _| Sha256::digest(key));
    hex::encode(&key).starts_with(key_prefix.as_str())
}

/// Unix time in seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> serde_json::Value {
    let digits = |digits: u32| json!({"type": "string", "pattern": format!("^[0-9a-f]{{{digits}}}$")});
    json!({
        "Challenge": {
            "type": "object",
            "description": "ALTCHA v2: find the first counter for which SHA-256(salt, nonce, counter as 32 bits big-endian), hashed cost - 1 times more, starts with keyPrefix.",
            "required": ["parameters", "signature"],
            "additionalProperties": false,
            "properties": {
                "parameters": {
                    "type": "object",
                    "required": ["algorithm", "cost", "data", "expiresAt", "keyLength", "keyPrefix", "nonce", "salt"],
                    "additionalProperties": false,
                    "properties": {
                        "algorithm": {"const": ALGORITHM},
                        "cost": {"type": "integer", "minimum": 1, "maximum": 8},
                        "data": {"type": "object", "additionalProperties": {"type": "string"}},
                        "expiresAt": {"type": "integer", "description": "Unix time in seconds"},
                        "keyLength": {"const": 32},
                        "keyPrefix": {"type": "string", "pattern": "^[0-9a-f]*$"},
                        "nonce": digits(32),
                        "salt": digits(32),
                    }
                },
                "signature": digits(64),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn header(solution: &Solution) -> HeaderMap {
        let value = BASE64_STANDARD.encode(serde_json::to_vec(solution).expect("JSON"));
        HeaderMap::from_iter([("crm-challenge".parse().expect("a name"), value.parse().expect("a value"))])
    }

    fn solved(keys: &Keys, bits: u8) -> Solution {
        let challenge = issue(keys, "clinic", "enquiry", bits, NOW).expect("a challenge");
        let tries = (0..).map(|counter| Solution { challenge: challenge.clone(), counter });
        tries.into_iter().find(solves).expect("a solution")
    }

    fn code(result: Result<Spent, Refusal>) -> Option<Code> {
        result.err().map(|refusal| refusal.code)
    }

    #[test]
    fn a_solved_challenge_holds_for_its_site_form_and_time_only() {
        let keys = Keys::new(b"secret");
        let good = header(&solved(&keys, 9));
        assert_eq!(code(verify(&keys, &good, "clinic", "enquiry", NOW)), None);
        assert_eq!(code(verify(&keys, &good, "other", "enquiry", NOW)), Some(Code::ChallengeInvalid));
        assert_eq!(code(verify(&keys, &good, "clinic", "other", NOW)), Some(Code::ChallengeInvalid));
        let late = NOW + LIFETIME + 1;
        assert_eq!(code(verify(&keys, &good, "clinic", "enquiry", late)), Some(Code::ChallengeExpired));
        let other = Keys::new(b"other secret");
        assert_eq!(code(verify(&other, &good, "clinic", "enquiry", NOW)), Some(Code::ChallengeInvalid));
        assert_eq!(
            code(verify(&keys, &HeaderMap::new(), "clinic", "enquiry", NOW)),
            Some(Code::ChallengeRequired)
        );
    }

    #[test]
    fn nothing_signed_can_be_changed_nor_digits_moved_between_fields() {
        let keys = Keys::new(b"secret");
        let good = solved(&keys, 8);
        let spoil: [fn(&mut Parameters); 6] = [
            |parameters| parameters.expires_at += 1,
            |parameters| parameters.key_prefix.clear(),
            |parameters| parameters.cost = 0,
            |parameters| drop(parameters.data.insert("site".to_owned(), "other".to_owned())),
            |parameters| parameters.salt.extend(parameters.nonce.drain(..2).collect::<Vec<_>>()),
            |parameters| parameters.nonce.make_ascii_uppercase(),
        ];
        for spoil in spoil {
            let mut bad = good.clone();
            spoil(&mut bad.challenge.parameters);
            if bad != good {
                let verified = verify(&keys, &header(&bad), "clinic", "enquiry", NOW);
                assert_eq!(code(verified), Some(Code::ChallengeInvalid));
            }
        }
    }

    #[test]
    fn checking_takes_less_than_fifty_microseconds() {
        let keys = Keys::new(b"secret");
        let good = header(&solved(&keys, 11));
        let started = std::time::Instant::now();
        for _ in 0..1_000 {
            assert!(verify(&keys, &good, "clinic", "enquiry", NOW).is_ok());
        }
        let each = started.elapsed() / 1_000;
        let limit = if cfg!(debug_assertions) { 500 } else { 50 };
        assert!(each.as_micros() <= limit, "{each:?}");
    }
}
