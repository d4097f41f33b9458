//! Standard Webhooks 1.0 signatures: <https://www.standardwebhooks.com>, "Signature scheme", symmetric (`v1`).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shared secret of a connection, or several of them while a secret is being replaced: every one signs.
#[derive(Clone)]
pub struct Secrets(Vec<Hmac<Sha256>>);

/// The text is not a signing secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// There is none at all.
    Empty,
    /// It does not start with `whsec_`, or the rest is not base64.
    Malformed,
    /// It has fewer than 24 or more than 64 bytes.
    Length,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no secret",
            Self::Malformed => "a secret is \"whsec_\" followed by base64",
            Self::Length => "a secret has 24 to 64 bytes",
        })
    }
}

impl std::error::Error for SecretError {}

impl Secrets {
    /// Parses secrets separated by white space; the newest first by convention.
    ///
    /// # Errors
    /// The first thing that keeps the text from being a list of secrets. The text itself is never repeated.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let secrets = text.split_whitespace().map(secret).collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() { Err(SecretError::Empty) } else { Ok(Self(secrets)) }
    }

    /// The value of `webhook-signature`: one `v1,…` per secret, separated by spaces. `timestamp` is Unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signatures = self.0.iter().map(|secret| {
            format!("v1,{}", STANDARD.encode(sum(secret, id, timestamp, body).finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }

    /// Whether one of the signatures in `header` is by one of the secrets. In constant time per signature.
    pub fn verify(&self, id: &str, timestamp: i64, body: &[u8], header: &str) -> bool {
        header.split(' ').filter_map(|part| STANDARD.decode(part.strip_prefix("v1,")?).ok()).any(
            |signature| {
                self.0.iter().any(|secret| sum(secret, id, timestamp, body).verify_slice(&signature).is_ok())
            },
        )
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

fn secret(text: &str) -> Result<Hmac<Sha256>, SecretError> {
    let encoded = text.strip_prefix("whsec_").ok_or(SecretError::Malformed)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::Malformed)?;
    if !(24..=64).contains(&bytes.len()) {
        return Err(SecretError::Length);
    }
    Hmac::new_from_slice(&bytes).map_err(|_| SecretError::Length)
}

fn sum(secret: &Hmac<Sha256>, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
    secret.clone().chain_update(format!("{id}.{timestamp}.")).chain_update(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn signs_as_the_specification_does() {
        let secrets = Secrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(secrets.verify(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            br#"{"test": 2432232314}"#,
            &signed
        ));
        assert!(!secrets.verify(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265331,
            br#"{"test": 2432232314}"#,
            &signed
        ));
    }

    #[test]
    fn signs_with_every_secret_while_one_is_replaced() {
        let [old, new] = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"];
        let both = Secrets::parse(&format!("{new} {old}")).unwrap().sign("msg", 1, b"{}");
        assert_eq!(both.split(' ').count(), 2);
        for secret in [old, new] {
            assert!(Secrets::parse(secret).unwrap().verify("msg", 1, b"{}", &both));
        }
    }

    #[test]
    fn refuses_what_is_not_a_secret() {
        assert_eq!(Secrets::parse(" ").err(), Some(SecretError::Empty));
        assert_eq!(Secrets::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").err(), Some(SecretError::Malformed));
        assert_eq!(Secrets::parse("whsec_c2hvcnQ=").err(), Some(SecretError::Length));
    }
}
