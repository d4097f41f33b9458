//! What stands for the proof of work on a page without scripts: the gateway's own word that it made this page for this
//! form, at this time, and for one submission, since the submission's idempotency key is in it.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::keys::{Keys, Purpose};

/// A page may be open that long, in seconds.
const LIFETIME: u64 = 12 * 3_600;
/// Digits of the idempotency key in a ticket.
const KEY: usize = 32;

/// A ticket that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Idempotency key of the page's submission.
    pub key: String,
    /// When the page was made, in Unix seconds.
    pub made: u64,
}

/// Makes a ticket; `key` is 32 random digits.
pub fn issue(keys: &Keys, site: &str, form: &str, key: &str, now: u64) -> String {
    let time = now.to_string();
    let signature =
        keys.sign(Purpose::Ticket, &[site.as_bytes(), form.as_bytes(), time.as_bytes(), key.as_bytes()]);
    format!("{time}.{key}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Reads a ticket. `None` when it was not issued for this form, or too long ago.
pub fn read(keys: &Keys, site: &str, form: &str, ticket: &str, now: u64) -> Option<Ticket> {
    let mut parts = ticket.split('.');
    let (time, key, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    let signed = [site.as_bytes(), form.as_bytes(), time.as_bytes(), key.as_bytes()];
    let made: u64 = time.parse().ok()?;
    let ours = key.len() == KEY && keys.verify(Purpose::Ticket, &signed, &signature);
    (ours && now <= made.saturating_add(LIFETIME)).then(|| Ticket { key: key.to_owned(), made })
}

/// The receipt with a signature, for the address of the thank-you page: nobody can make one up.
pub fn sign_receipt(keys: &Keys, site: &str, form: &str, receipt: &str) -> String {
    let signature =
        keys.sign(Purpose::Ticket, &[b"receipt", site.as_bytes(), form.as_bytes(), receipt.as_bytes()]);
    format!("{receipt}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// Reads a receipt from the address of the thank-you page.
pub fn read_receipt<'a>(keys: &Keys, site: &str, form: &str, signed: &'a str) -> Option<&'a str> {
    let (receipt, signature) = signed.split_once('.')?;
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
    let parts = [b"receipt", site.as_bytes(), form.as_bytes(), receipt.as_bytes()];
    keys.verify(Purpose::Ticket, &parts, &signature).then_some(receipt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_holds_for_one_form_and_half_a_day() {
        let keys = Keys::new(b"secret");
        let key = "0123456789abcdef0123456789abcdef";
        let ticket = issue(&keys, "clinic", "enquiry", key, 1_000);
        let read = |site: &str, form: &str, now| read(&keys, site, form, &ticket, now);
        assert_eq!(read("clinic", "enquiry", 2_000), Some(Ticket { key: key.to_owned(), made: 1_000 }));
        assert_eq!(read("clinic", "other", 2_000), None);
        assert_eq!(read("clini", "cenquiry", 2_000), None);
        assert_eq!(read("clinic", "enquiry", 1_001 + LIFETIME), None);
        assert_eq!(super::read(&Keys::new(b"other"), "clinic", "enquiry", &ticket, 2_000), None);
    }
}
