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
        let text = SinglePart::plain(self.text.replace('\n', "\r\n"));
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

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}
