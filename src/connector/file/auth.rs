//! Who we are to the CRM.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Request;
use crate::connector::template::{Expression, Text, Tree};

/// How requests are authenticated.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Auth {
    /// A header with a fixed value: `X-Api-Key: {{ secret.key }}`.
    Header {
        /// Its name.
        #[serde(default = "authorization")]
        name: String,
        /// Its value.
        value: Text,
    },
    /// A parameter of the query.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: Text,
    },
    /// HTTP Basic (RFC 7617).
    Basic {
        /// User name.
        user: Text,
        /// Password.
        password: Text,
    },
    /// A token from an OAuth 2.0 authorisation server (RFC 6749).
    #[serde(rename = "oauth2")]
    OAuth2(Box<OAuth2>),
    /// A token from a request of the CRM's own.
    Login(Box<Login>),
    /// A signature over chosen parts of the request.
    Hmac(Box<Hmac>),
    /// Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    StandardWebhooks {
        /// One or more `whsec_…`, separated by spaces; unsigned where it renders to nothing.
        secret: Text,
    },
}

/// OAuth 2.0. The members of the token's answer are `token.…` in all later templates.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OAuth2 {
    /// How a token is got.
    pub grant: Grant,
    /// Where. This installation wants no token where it comes to nothing.
    pub token_url: Text,
    /// The client's id.
    pub client_id: Text,
    /// The client's secret; not with `assertion`.
    #[serde(default)]
    pub client_secret: Option<Text>,
    /// Where the two are put.
    #[serde(default)]
    pub client_in: ClientIn,
    /// The first refresh token; later ones are kept encrypted. Only for the grant `refresh_token`.
    #[serde(default)]
    pub refresh_token: Option<Text>,
    /// Scopes, separated by spaces.
    #[serde(default)]
    pub scope: Option<Text>,
    /// Further parameters of the request.
    #[serde(default)]
    pub parameters: BTreeMap<String, Text>,
    /// Signs instead of a client secret (RFC 7523, `private_key_jwt`).
    #[serde(default)]
    pub assertion: Option<Assertion>,
    /// Seconds a token lasts whose answer does not say; until it is refused where missing.
    #[serde(default)]
    pub expires_in: Option<u32>,
    /// Where the token is put: `Authorization: Bearer …` where missing.
    #[serde(default)]
    pub apply: Apply,
}

/// A grant type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// RFC 6749, 4.4.
    ClientCredentials,
    /// RFC 6749, 6, with rotation.
    RefreshToken,
}

/// Where an OAuth client names itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientIn {
    /// As parameters of the form-encoded body.
    #[default]
    Body,
    /// By HTTP Basic.
    Basic,
    /// As members of a JSON body.
    Json,
}

/// A JSON Web Token, signed by the client's own key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assertion {
    /// Private key, PKCS #8 in PEM.
    pub key: Text,
    /// How it signs.
    pub algorithm: Algorithm,
    /// Name of the key (`kid`).
    #[serde(default)]
    pub key_id: Option<Text>,
    /// `aud`; the token URL where missing.
    #[serde(default)]
    pub audience: Option<Text>,
}

/// A signature algorithm (RFC 7518, 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "names of RFC 7518")]
pub enum Algorithm {
    Rs256,
    Rs384,
    Es256,
    Es384,
}

/// A login step.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Login {
    /// The request.
    pub request: Request,
    /// All must hold for the answer to be a success; a 2xx status where missing.
    #[serde(default)]
    pub success_criteria: Vec<crate::connector::template::Condition>,
    /// What becomes `token.…`, from `status`, `headers` and `body`.
    pub outputs: BTreeMap<String, Tree>,
    /// Seconds it lasts; until it is refused where missing.
    #[serde(default)]
    pub expires_in: Option<Expression>,
    /// Where it is put.
    #[serde(default)]
    pub apply: Apply,
}

/// Where a token is put.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// Name of the header.
    #[serde(default = "authorization")]
    pub header: String,
    /// Its value; nothing is added where it renders to nothing.
    pub value: Text,
}

/// HMAC over chosen parts. `method`, `path` (with the query), `body` (the bytes as text) and `timestamp` (Unix seconds)
/// are there beside the usual names.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hmac {
    /// The hash.
    #[serde(default)]
    pub hash: Hash,
    /// The key.
    pub key: Text,
    /// What is signed.
    pub over: Text,
    /// How `signature` is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// Headers that carry it, as `{{ signature }}`.
    pub headers: BTreeMap<String, Text>,
}

/// A hash function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "FIPS 180-4")]
pub enum Hash {
    Sha1,
    #[default]
    Sha256,
    Sha512,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Hexadecimal digits, small letters.
    #[default]
    Hex,
    /// Base 64 with padding (RFC 4648, 4).
    Base64,
}

impl Default for Apply {
    fn default() -> Self {
        Self { header: authorization(), value: Text::bearer() }
    }
}

fn authorization() -> String {
    "authorization".to_owned()
}
