//! Prefixed identifiers: a UUID (version 7 where the gateway makes it, RFC 9562) behind a word that says of what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The text is not an identifier of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError {
    /// The prefix that was expected, with its underscore.
    pub expected: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} followed by 32 hexadecimal digits", self.expected)
    }
}

impl std::error::Error for IdError {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The prefix in the text form.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps the 128 bits of a UUID.
            pub const fn from_u128(bits: u128) -> Self {
                Self(bits)
            }

            /// Whether a text is such an identifier, for callers that keep it as text.
            pub fn is_valid(text: &str) -> bool {
                digits($prefix, text).is_some()
            }

            /// The text form, written by hand: the page does without the machinery of formatting.
            pub fn text(self) -> String {
                write($prefix, self.0)
            }

            /// The 128 bits of the UUID.
            pub const fn as_u128(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.text())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A stored submission.
    SubmissionId = "sub_";
    /// One submission on its way to one connection.
    DeliveryId = "dlv_";
    /// One attempt at a delivery.
    AttemptId = "att_";
    /// An uploaded file.
    UploadId = "upl_";
    /// A slot that is kept for a visitor for some minutes.
    HoldId = "hold_";
    /// A booked slot.
    AppointmentId = "apt_";
    /// A place on a waitlist.
    WaitingId = "wait_";
    /// Something that happened and that connections hear of.
    EventId = "evt_";
}

/// Hexadecimal digits of an identifier.
const DIGITS: usize = 32;

fn parse(prefix: &'static str, text: &str) -> Result<u128, IdError> {
    let error = IdError { expected: prefix };
    let digits = digits(prefix, text).ok_or(error)?;
    let value = |digit: u8| u128::from(if digit < b'a' { digit - b'0' } else { digit - b'a' + 10 });
    Ok(digits.bytes().fold(0, |bits, digit| bits << 4 | value(digit)))
}

fn write(prefix: &str, bits: u128) -> String {
    let mut text = prefix.to_owned();
    for at in (0..DIGITS).rev() {
        let value = (bits >> (4 * at)) as u8 & 15;
        text.push(char::from(if value < 10 { b'0' + value } else { b'a' - 10 + value }));
    }
    text
}

/// The digits of a canonical identifier.
fn digits<'a>(prefix: &str, text: &'a str) -> Option<&'a str> {
    let digits = text.strip_prefix(prefix)?;
    let canonical =
        digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    canonical.then_some(digits)
}
