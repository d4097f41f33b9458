//! A request to `smtp:` as a mail: what a connector file says about it in JSON, and the message that is made of it.
//!
//! ```json
//! {"id": "dlv_…", "from": "Clinic <noreply@clinic.example>", "replyTo": "…", "to": "wang@example.com",
//!  "subject": "…", "text": "…", "calendar": "BEGIN:VCALENDAR…"}
//! ```

use std::fmt;

use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use serde::Deserialize;

/// A mail as a connector file writes it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mail {
    /// Names it, so that the same mail sent twice can be known again: the delivery's id.
    id: String,
    /// Whom it comes from: `name@host`, or `Name <name@host>`.
    from: String,
    /// Where answers go; to `from` where missing.
    #[serde(default)]
    reply_to: Option<String>,
    /// The address it goes to.
    to: String,
    /// One line.
    subject: String,
    /// Plain text.
    text: String,
    /// An iCalendar file to come with it.
    #[serde(default)]
    calendar: Option<String>,
}

/// Why no message can be made.
#[derive(Debug, PartialEq, Eq)]
pub enum MailError {
    /// The connection, or its connector's file, is written wrongly.
    Written(String),
    /// Nobody can be written to at that address.
    Recipient,
}

impl fmt::Display for MailError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(cause) => f.write_str(cause),
            Self::Recipient => f.write_str("mail cannot be sent to this address"),
        }
    }
}

/// A message as it is sent.
pub struct Letter {
    /// From whom to whom.
    pub envelope: Envelope,
    /// Headers and body (RFC 5322), lines end in CRLF.
    pub bytes: Vec<u8>,
}

impl Mail {
    /// Reads one.
    ///
    /// # Errors
    /// [`MailError::Written`], naming what is missing or not known.
    pub fn read(json: &[u8]) -> Result<Self, MailError> {
        serde_json::from_slice(json).map_err(|cause| MailError::Written(format!("the mail's body: {cause}")))
    }

    /// The message. Each part of a header is made by its own type, which encodes what is not plain text (RFC 2047), so
    /// nothing that was typed ends a header.
    ///
    /// # Errors
    /// See [`MailError`].
    pub fn letter(self) -> Result<Letter, MailError> {
        let from = mailbox("from", &self.from)?;
        let to: Address = self.to.parse().map_err(|_| MailError::Recipient)?;
        let envelope = Envelope::new(Some(from.email.clone()), vec![to.clone()]);
        let id = format!("<{}@{}>", self.id, from.email.domain());
        let mut message = Message::builder()
            .to(Mailbox::new(None, to))
            .subject(one_line(&self.subject))
            .message_id(Some(id))
            .raw_header(raw("Auto-Submitted", "auto-generated"))
            .date_now();
        if let Some(reply_to) = &self.reply_to {
            message = message.reply_to(mailbox("replyTo", reply_to)?);
        }
        let text: Vec<String> = self.text.lines().map(one_line).collect();
        let text = SinglePart::plain(text.join("\r\n"));
        let message = message.from(from);
        let message = match self.calendar {
            None => message.singlepart(text),
            Some(calendar) => {
                // The file's own method, or a calendar does not take it (RFC 6047, 2.4).
                let method =
                    calendar.lines().find_map(|line| line.strip_prefix("METHOD:")).unwrap_or("PUBLISH");
                let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"));
                let kind = kind.unwrap_or(ContentType::TEXT_PLAIN);
                let file = Attachment::new("appointment.ics".to_owned()).body(calendar, kind);
                message.multipart(MultiPart::mixed().singlepart(text).singlepart(file))
            }
        };
        let written = |cause: &dyn fmt::Display| MailError::Written(format!("the mail: {cause}"));
        Ok(Letter {
            envelope: envelope.map_err(|cause| written(&cause))?,
            bytes: message.map_err(|cause| written(&cause))?.formatted(),
        })
    }
}

fn mailbox(member: &str, text: &str) -> Result<Mailbox, MailError> {
    let fault = || format!("{member} is no address; write name@host, or Name <name@host>");
    one_line(text).parse().map_err(|_| MailError::Written(fault()))
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Without line breaks and other control characters.
pub(super) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn letter(from: &str, to: &str, subject: &str, text: &str) -> Result<String, MailError> {
        let mail = json!({
            "id": "dlv_1", "from": from, "to": to, "subject": subject, "text": text, "calendar": "BEGIN:VCALENDAR\r\n"
        });
        let letter = Mail::read(mail.to_string().as_bytes())?.letter()?;
        Ok(String::from_utf8(letter.bytes).expect("ASCII, which is UTF-8"))
    }

    /// Names of the headers, in order.
    fn headers(letter: &str) -> Vec<&str> {
        let head = letter.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        lines.map(|line| line.split(':').next().unwrap_or_default()).collect()
    }

    proptest! {
        #[test]
        fn whatever_is_written_the_headers_are_the_same_and_lines_end_as_they_should(
            name in "[^<>\"(),:;@\\\\\\[\\]]{0,40}", subject: String, text: String, smuggled in "(\r|\n|\r\n)[A-Z][a-z]+: x(\r\n)*\\.\r\n"
        ) {
            let plain = letter("a@example.com", "b@example.com", "x", "x").unwrap();
            let from = format!("{name}{} <a@example.com>", smuggled.replace([':', '.'], ""));
            let (subject, text) = (subject + &smuggled, text + &smuggled);
            if let Ok(letter) = letter(&from, "b@example.com", &subject, &text) {
                prop_assert_eq!(headers(&letter), headers(&plain));
                prop_assert!(letter.is_ascii());
                prop_assert!(!letter.replace("\r\n", "").contains(['\r', '\n']));
                prop_assert!(letter.split("\r\n").all(|line| line.len() <= 998));
            }
        }

        #[test]
        fn an_address_is_one_address(extra in "[\r\n,; <>][\\PC]{0,20}") {
            let refused = letter("a@example.com", &format!("b@example.com{extra}"), "x", "x");
            prop_assert_eq!(refused, Err(MailError::Recipient));
        }
    }
}
