//! `private_key_jwt`: the client signs a JSON Web Token with a key of its own instead of sending a secret (RFC 7523, and
//! "SMART Backend Services" of HL7, which asks for RS384 or ES384 and for no more than five minutes).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use minijinja::Value;
use ring::error::KeyRejected;
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, RsaEncoding};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use uuid::Uuid;

use super::AuthError;
use crate::connector::file::auth::{Algorithm, Assertion};

/// `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds an assertion is valid: a minute less than is allowed, since clocks differ.
const LASTS: i64 = 240;

/// How it signs: one of the two families of RFC 7518.
enum Signs {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm),
}

/// The token for one request.
///
/// # Errors
/// A template refuses, or the key is none for the algorithm.
pub(super) fn sign(
    assertion: &Assertion,
    client_id: &str,
    token_url: &str,
    context: &Value,
) -> Result<String, AuthError> {
    let text = |text: &Option<crate::connector::template::Text>| match text {
        Some(text) => text.render(context).map(Some),
        None => Ok(None),
    };
    let (name, signs) = algorithm(assertion.algorithm);
    let mut header = json!({"alg": name, "typ": "JWT"});
    if let Some(id) = text(&assertion.key_id)?.filter(|id| !id.is_empty()) {
        header["kid"] = id.into();
    }
    let audience = text(&assertion.audience)?.filter(|audience| !audience.is_empty());
    let now = Timestamp::now().as_second();
    let claims = json!({
        "iss": client_id, "sub": client_id, "aud": audience.as_deref().unwrap_or(token_url),
        "iat": now, "exp": now + LASTS, "jti": Uuid::new_v4().to_string(),
    });
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let signature = signature(&signs, &assertion.key.render(context)?, signed.as_bytes())
        .map_err(|cause| AuthError::settings(format!("the assertion's key, for {name}: {cause}; {FIX}")))?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

const FIX: &str =
    "it must be a private key as PKCS #8 in PEM, such as \"openssl pkcs8 -topk8 -nocrypt\" writes";

fn algorithm(algorithm: Algorithm) -> (&'static str, Signs) {
    match algorithm {
        Algorithm::Rs256 => ("RS256", Signs::Rsa(&signature::RSA_PKCS1_SHA256)),
        Algorithm::Rs384 => ("RS384", Signs::Rsa(&signature::RSA_PKCS1_SHA384)),
        Algorithm::Es256 => ("ES256", Signs::Ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)),
        Algorithm::Es384 => ("ES384", Signs::Ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING)),
    }
}

/// Signs, or says what is wrong with the key without repeating any of it.
fn signature(signs: &Signs, pem: &str, message: &[u8]) -> Result<Vec<u8>, String> {
    // An environment variable often has the line breaks of a key as the two characters that JSON writes for them.
    let pem = pem.replace("\\n", "\n");
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| "there is none in it")?;
    let key = key.secret_pkcs8_der();
    let random = SystemRandom::new();
    let rejected = |cause: KeyRejected| cause.to_string();
    let unsigned = |_| "it does not sign".to_owned();
    match signs {
        Signs::Rsa(encoding) => {
            let key = rsa::KeyPair::from_pkcs8(key).map_err(rejected)?;
            let mut signature = vec![0; key.public().modulus_len()];
            key.sign(*encoding, &random, message, &mut signature).map_err(unsigned)?;
            Ok(signature)
        }
        Signs::Ecdsa(algorithm) => {
            let key = EcdsaKeyPair::from_pkcs8(algorithm, key, &random).map_err(rejected)?;
            key.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(unsigned)
        }
    }
}
