//! Keys for what this gateway signs and seals, all derived from one secret.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use crm_protocol::id::UploadId;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::error::Error;
use crate::store::DatabaseUrl;

/// What a signature is for. A signature for one purpose says nothing for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Tickets of hosted pages.
    Ticket,
    /// Tokens that open uploaded files.
    Upload,
    /// Tokens that let their owner act: on a hold, an appointment, a place on a waitlist.
    Capability,
}

/// HMAC-SHA256 keys, one per purpose, and a key that seals.
#[derive(Clone)]
pub struct Keys {
    challenge: Hmac<Sha256>,
    ticket: Hmac<Sha256>,
    upload: Hmac<Sha256>,
    capability: Hmac<Sha256>,
    seal: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Derives the keys.
    pub fn new(secret: &[u8]) -> Self {
        let root = hmac(secret);
        let derive = |purpose: &[u8]| -> [u8; 32] {
            root.clone().chain_update(purpose).finalize().into_bytes().into()
        };
        Self {
            challenge: hmac(&derive(b"challenge")),
            ticket: hmac(&derive(b"ticket")),
            upload: hmac(&derive(b"upload")),
            capability: hmac(&derive(b"capability")),
            seal: derive(b"seal"),
        }
    }

    /// Keys from `CRM_WIDGETS_SECRET`, else from the file beside the SQLite file, which is made if it is not there.
    ///
    /// # Errors
    /// The file cannot be read or made; PostgreSQL, which several gateways may share, has no file beside it.
    pub fn load(config: &Config, database: &DatabaseUrl) -> Result<Self, Error> {
        if let Some(secret) = &config.secret {
            return Ok(Self::new(secret.as_bytes()));
        }
        match database {
            DatabaseUrl::Sqlite { path: Some(path), .. } => {
                let path = path.with_added_extension("key");
                read_or_make(&path)
                    .map(|secret| Self::new(&secret))
                    .map_err(|cause| Error::File { path: path.display().to_string(), cause })
            }
            DatabaseUrl::Sqlite { path: None, .. } => {
                random().map(|secret| Self::new(&secret)).map_err(Error::Network)
            }
            DatabaseUrl::Postgres(_) => Err(Error::Setting {
                name: "CRM_WIDGETS_SECRET",
                fix: "set it to 32 or more random characters, the same for every gateway of this database"
                    .to_owned(),
            }),
        }
    }

    /// HMAC-SHA256 of the parts; each is preceded by its length, so that parts cannot flow into one another.
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(purpose, parts).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub fn verify(&self, purpose: Purpose, parts: &[&[u8]], signature: &[u8]) -> bool {
        self.mac(purpose, parts).verify_slice(signature).is_ok()
    }

    /// The token that opens an uploaded file: whoever delivers the submission hands it to the CRM.
    pub fn upload_token(&self, id: UploadId) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.sign(Purpose::Upload, &[&id.as_u128().to_be_bytes()]))
    }

    /// The token with which the owner of something at a site may act on it. `id` says with its prefix what it is.
    pub fn capability(&self, site: &str, id: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.sign(Purpose::Capability, &[site.as_bytes(), id.as_bytes()]))
    }

    /// Whether a token is the one for that id. Compares in constant time.
    pub fn allows(&self, site: &str, id: &str, token: &str) -> bool {
        let signature = BASE64_URL_SAFE_NO_PAD.decode(token);
        signature.is_ok_and(|signature| {
            self.verify(Purpose::Capability, &[site.as_bytes(), id.as_bytes()], &signature)
        })
    }

    /// HMAC-SHA256 of one text, as ALTCHA has it.
    pub fn sign_challenge(&self, text: &str) -> [u8; 32] {
        self.challenge.clone().chain_update(text).finalize().into_bytes().into()
    }

    /// Compares in constant time.
    pub fn verify_challenge(&self, text: &str, signature: &[u8]) -> bool {
        self.challenge.clone().chain_update(text).verify_slice(signature).is_ok()
    }

    /// Encrypts a text so that only a gateway with the same secret opens it, and only under the same name
    /// (ChaCha20-Poly1305, RFC 8439): a random nonce, the ciphertext and its tag.
    ///
    /// # Errors
    /// There are no random numbers.
    pub fn seal(&self, name: &str, text: &str) -> Result<Vec<u8>, Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| Unspecified)?;
        let mut sealed = text.as_bytes().to_vec();
        let name = Aad::from(name.as_bytes());
        self.sealing()?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), name, &mut sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The text that was sealed under this name; `None` for anything else.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.split_first_chunk()?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let text = self.sealing().ok()?.open_in_place(nonce, Aad::from(name.as_bytes()), &mut sealed).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }

    fn sealing(&self) -> Result<LessSafeKey, Unspecified> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.seal).map(LessSafeKey::new)
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = match purpose {
            Purpose::Ticket => self.ticket.clone(),
            Purpose::Upload => self.upload.clone(),
            Purpose::Capability => self.capability.clone(),
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// A key of any length, hashed to one that HMAC takes as it is.
fn hmac(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block.iter_mut().zip(Sha256::digest(key)).for_each(|(to, byte)| *to = byte);
    Hmac::new(&block.into())
}

fn random() -> std::io::Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
    Ok(secret)
}

fn read_or_make(path: &Path) -> std::io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        read => return read,
    }
    let secret = random()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    Ok(secret.to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_seal_hides_the_text_and_differs_each_time() {
        let keys = Keys::new(b"secret");
        let (one, two) =
            (keys.seal("clinic/crm", "token").unwrap(), keys.seal("clinic/crm", "token").unwrap());
        assert_ne!(one, two);
        assert!(!one.windows(5).any(|window| window == b"token"));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_under_its_name_and_secret_only(
            text: String, name: String, other: String, at: prop::sample::Index, bit in 0..8_u32
        ) {
            let keys = Keys::new(b"secret");
            let mut sealed = keys.seal(&name, &text).unwrap();
            prop_assert_eq!(keys.open(&name, &sealed), Some(text.clone()));
            prop_assert_eq!(keys.open(&other, &sealed).is_some(), name == other);
            prop_assert_eq!(Keys::new(b"other secret").open(&name, &sealed), None);
            let at = at.index(sealed.len());
            prop_assert_eq!(keys.open(&name, &sealed[..at]), None);
            sealed[at] ^= 1_u8 << bit;
            prop_assert_eq!(keys.open(&name, &sealed), None);
        }
    }
}
