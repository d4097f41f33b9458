//! HMAC (RFC 2104) over parts of the request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::Value;
use ring::hmac;
use url::Position;

use super::{AuthError, with};
use crate::connector::exchange::Outgoing;
use crate::connector::file::auth::{Encoding, Hash, Hmac};
use crate::hex;

/// The headers that carry the signature of `outgoing`.
///
/// # Errors
/// A template refuses, or there is no key.
pub(super) fn headers<'a>(
    auth: &'a Hmac,
    outgoing: &Outgoing,
    context: &Value,
) -> Result<Vec<(&'a str, String)>, AuthError> {
    let key = auth.key.render(context)?;
    if key.is_empty() {
        return Err(AuthError::settings("the key of `hmac` comes to nothing"));
    }
    let request = with(
        context,
        [
            ("method", outgoing.method.as_str().into()),
            ("path", outgoing.url[Position::BeforePath..Position::AfterQuery].into()),
            ("body", String::from_utf8_lossy(&outgoing.body).into_owned().into()),
            ("timestamp", jiff::Timestamp::now().as_second().into()),
        ],
    );
    let signature = sign(auth.hash, auth.encoding, &key, &auth.over.render(&request)?);
    let signed = with(&request, [("signature", signature.into())]);
    auth.headers.iter().map(|(name, value)| Ok((name.as_str(), value.render(&signed)?))).collect()
}

fn sign(hash: Hash, encoding: Encoding, key: &str, over: &str) -> String {
    let algorithm = match hash {
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    let tag = hmac::sign(&hmac::Key::new(algorithm, key.as_bytes()), over.as_bytes());
    match encoding {
        Encoding::Base64 => STANDARD.encode(tag),
        Encoding::Hex => hex::encode(tag.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202, 3, and RFC 4231, 4.3: test case 2 of each.
    #[test]
    fn signs_as_the_rfcs_do() {
        let sign = |hash, encoding| sign(hash, encoding, "Jefe", "what do ya want for nothing?");
        assert_eq!(sign(Hash::Sha1, Encoding::Hex), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign(Hash::Sha256, Encoding::Hex), sha256);
        let sha512 = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                      9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert_eq!(sign(Hash::Sha512, Encoding::Hex), sha512);
        assert_eq!(sign(Hash::Sha1, Encoding::Base64), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }
}
