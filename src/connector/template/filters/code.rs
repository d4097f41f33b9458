//! Identifiers, digests and encodings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Kwargs;
use minijinja::{Error, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::{digest, hmac as mac};
use uuid::Uuid;

use super::{text_of, wants};
use crate::hex;

/// What needs no encoding anywhere in a URL (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `uuid5(namespace='url')`: the same UUID for the same text (RFC 9562, 5.5). The namespace is `dns`, `url`, `oid` or a
/// UUID.
pub fn uuid5(value: &Value, namespace: Option<String>, more: Kwargs) -> Result<String, Error> {
    let namespace = namespace.or(more.get("namespace")?);
    more.assert_all_used()?;
    let space = match namespace.as_deref() {
        None | Some("url") => Uuid::NAMESPACE_URL,
        Some("dns") => Uuid::NAMESPACE_DNS,
        Some("oid") => Uuid::NAMESPACE_OID,
        Some(own) => {
            Uuid::parse_str(own).map_err(|_| wants("uuid5", "dns, url, oid or a UUID in `namespace`"))?
        }
    };
    let mut hash = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    hash.update(space.as_bytes());
    hash.update(text_of("uuid5", value)?.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
    Ok(uuid::Builder::from_sha1_bytes(bytes).into_uuid().to_string())
}

/// `sha256`: hexadecimal digits, small letters.
pub fn sha256(value: &Value) -> Result<String, Error> {
    Ok(hex::encode(digest::digest(&digest::SHA256, text_of("sha256", value)?.as_bytes()).as_ref()))
}

/// `hmac(key, hash='sha256', encoding='hex')` (RFC 2104).
pub fn hmac(value: &Value, key: &Value, hash: Option<String>, more: Kwargs) -> Result<String, Error> {
    let hash = hash.or(more.get("hash")?);
    let encoding: Option<String> = more.get("encoding")?;
    more.assert_all_used()?;
    let algorithm = match hash.as_deref() {
        None | Some("sha256") => mac::HMAC_SHA256,
        Some("sha512") => mac::HMAC_SHA512,
        Some("sha1") => mac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Some(_) => return Err(wants("hmac", "sha256, sha512 or sha1 in `hash`")),
    };
    let key = key.as_str().ok_or_else(|| wants("hmac", "a key that is text"))?;
    let tag = mac::sign(&mac::Key::new(algorithm, key.as_bytes()), text_of("hmac", value)?.as_bytes());
    match encoding.as_deref() {
        None | Some("hex") => Ok(hex::encode(tag.as_ref())),
        Some("base64") => Ok(STANDARD.encode(tag.as_ref())),
        Some(_) => Err(wants("hmac", "hex or base64 in `encoding`")),
    }
}

/// `base64`: with padding (RFC 4648, 4).
pub fn base64(value: &Value) -> Result<String, Error> {
    Ok(STANDARD.encode(text_of("base64", value)?))
}

/// `urlencode`: as one segment of a path, or any other part of a URL.
pub fn urlencode(value: &Value) -> Result<String, Error> {
    Ok(utf8_percent_encode(&text_of("urlencode", value)?, UNRESERVED).to_string())
}

/// `json`: the value as JSON text, for the CRMs that want JSON in a string.
pub fn json(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|_| wants("json", "a value that JSON can hold"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{refused, shown};

    /// The UUID is the example of Python's documentation, the digests those of FIPS 180-4 and RFC 4231.
    #[test]
    fn digests_are_those_of_their_standards() {
        assert_eq!(shown("x | uuid5(namespace='dns')", "python.org"), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
        assert_eq!(
            shown("x | uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8')", "python.org"),
            "886313e1-3b8a-5372-9b90-0c9aee199e5d"
        );
        assert_eq!(
            shown("x | sha256", "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            shown("x | hmac('Jefe')", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            shown("x | hmac('Jefe', hash='sha1', encoding='base64')", "what do ya want for nothing?"),
            "7/zfauXrL6LSdBbV8YTfnCWafHk="
        );
        assert!(refused("x | hmac('Jefe', 'md5')", "a").contains("sha256, sha512 or sha1"));
        assert!(refused("x | uuid5('me')", "a").contains("dns, url, oid or a UUID"));
    }

    #[test]
    fn text_is_encoded_for_where_it_goes() {
        assert_eq!(shown("x | urlencode", "a/b c?王~1.2_3-4"), "a%2Fb%20c%3F%E7%8E%8B~1.2_3-4");
        assert_eq!(shown("x | base64", "a:b"), "YTpi");
        assert_eq!(shown("[['email', '=', x], 1, none] | json", "a\"b"), r#"[["email","=","a\"b"],1,null]"#);
        assert_eq!(shown("x | json", true), "true");
    }

    proptest! {
        #[test]
        fn what_is_encoded_can_be_decoded(typed in "\\PC{0,40}") {
            let encoded = shown("x | urlencode", typed.clone());
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte)));
            let decoded = percent_encoding::percent_decode_str(&encoded).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(decoded, typed.clone());
            let json: String = serde_json::from_str(&shown("x | json", typed.clone())).unwrap();
            prop_assert_eq!(json, typed);
        }
    }
}
