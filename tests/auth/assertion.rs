use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use crm_widgets::connector::{Class, Outcome};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::{Setup, assert_delivered};
use crate::support::authority::{Authority, ok};

/// Made for this test, and used nowhere else.
const RSA: &str = include_str!("rsa.pem");

fn backend_services(algorithm: &str) -> Value {
    json!({
        "type": "oauth2", "grant": "client_credentials", "tokenUrl": "{{ url }}/token", "clientId": "client-4711",
        "scope": "system/Patient.c",
        "assertion": {"key": "{{ secret.key }}", "algorithm": algorithm, "keyId": "2026-11"}
    })
}

/// The assertion sent for a token, in its three parts, and where it was sent to.
async fn assertion(algorithm: &str, key: &str) -> (String, Vec<u8>, String) {
    let authority = Authority::start(|_, _| ok(json!({"access_token": "token"}))).await;
    assert_delivered(&Setup::new(&authority, backend_services(algorithm), &[("key", key)]).deliver().await);
    let request = authority.seen("/token").pop().unwrap();
    assert_eq!(
        request.form("client_assertion_type"),
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert_eq!(
        (request.form("scope").as_str(), request.form("client_secret").as_str()),
        ("system/Patient.c", "")
    );
    let assertion = request.form("client_assertion");
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    (signed.to_owned(), URL_SAFE_NO_PAD.decode(signature).unwrap(), format!("{}/token", authority.url))
}

fn part(signed: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signed.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

fn elliptic(algorithm: &'static signature::EcdsaSigningAlgorithm) -> (String, Vec<u8>) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
    // In one line, as in an environment variable.
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----\\n",
        STANDARD.encode(document.as_ref())
    );
    (pem, key.public_key().as_ref().to_vec())
}

#[tokio::test]
async fn another_implementation_of_the_key_verifies_every_algorithm() {
    let der = STANDARD.decode(RSA.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap();
    let rsa = ring::rsa::KeyPair::from_pkcs8(&der).unwrap().public().as_ref().to_vec();
    let (p256, p256_public) = elliptic(&signature::ECDSA_P256_SHA256_FIXED_SIGNING);
    let (p384, p384_public) = elliptic(&signature::ECDSA_P384_SHA384_FIXED_SIGNING);
    for (name, pem, public, verifies) in [
        ("RS256", RSA, &rsa, &signature::RSA_PKCS1_2048_8192_SHA256 as &dyn signature::VerificationAlgorithm),
        ("RS384", RSA, &rsa, &signature::RSA_PKCS1_2048_8192_SHA384),
        ("ES256", &p256, &p256_public, &signature::ECDSA_P256_SHA256_FIXED),
        ("ES384", &p384, &p384_public, &signature::ECDSA_P384_SHA384_FIXED),
    ] {
        let (signed, signature, _) = assertion(name, pem).await;
        UnparsedPublicKey::new(verifies, public).verify(signed.as_bytes(), &signature).unwrap();
        assert_eq!(part(&signed, 0), json!({"alg": name, "kid": "2026-11", "typ": "JWT"}));
    }
}

#[tokio::test]
async fn an_assertion_says_who_for_whom_and_for_no_more_than_five_minutes() {
    let (signed, _, url) = assertion("RS384", RSA).await;
    let claims = part(&signed, 1);
    let now = jiff::Timestamp::now().as_second();
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client-4711"), &json!("client-4711")));
    assert_eq!(claims["aud"], url);
    assert!((now - 5..=now).contains(&claims["iat"].as_i64().unwrap()), "{claims}");
    assert!((now + 60..=now + 300).contains(&claims["exp"].as_i64().unwrap()), "{claims}");
    let (other, _, _) = assertion("RS384", RSA).await;
    assert_ne!(part(&other, 1)["jti"], claims["jti"], "each is used once");
}

#[tokio::test]
async fn a_key_of_another_kind_is_said_with_the_fix_and_not_shown() {
    let legacy = RSA.replace("PRIVATE KEY", "RSA PRIVATE KEY");
    for (algorithm, key) in
        [("ES256", RSA), ("RS256", legacy.as_str()), ("RS256", "no key at all, but a text")]
    {
        let authority = Authority::start(|_, _| ok(json!({}))).await;
        let report = Setup::new(&authority, backend_services(algorithm), &[("key", key)]).deliver().await;
        assert_eq!(report.outcome, Outcome::Retry { class: Class::Settings, after: None });
        let error = report.error.unwrap();
        assert!(error.contains(algorithm) && error.contains("openssl pkcs8 -topk8"), "{error}");
        assert!(!error.contains("no key at all") && !error.contains("MII"), "{error}");
        assert_eq!(authority.requests(), 0);
    }
}
