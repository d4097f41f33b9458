//! `POST /v1/sites/{site}/submissions`: what the page sends and what it hears.
//!
//! Two things travel as headers, since they differ between two sendings of the same submission: `Idempotency-Key`
//! (the same for every sending) and `Crm-Challenge` (a fresh proof of work, base64 of the JSON of
//! [`crate::challenge::Solution`]). The body is the same bytes at every sending.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::draft::Draft;
use crate::id::SubmissionId;
use crate::text::Lang;
use crate::whole;

/// The body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmissionRequest {
    /// Which form.
    pub form: String,
    /// Version of the form's definition the visitor saw.
    #[serde(default, deserialize_with = "whole::option", skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Language the visitor saw.
    #[serde(default)]
    pub lang: Lang,
    /// What was typed; the gateway checks it again.
    pub answers: Draft,
    /// Where it was typed.
    #[serde(default)]
    pub context: Context,
    /// Signs of a robot.
    #[serde(default)]
    pub signals: Signals,
}

/// Automatic context; never anything else. Strings longer than 2,000 characters are cut.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Context {
    /// Address of the page, without its fragment and without parameters other than `campaign`'s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// The page's referrer: origin and path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// Campaign parameters of the page's address; only those of [`CAMPAIGN`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub campaign: BTreeMap<String, String>,
    /// Language of the browser, BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// IANA time zone of the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// The campaign parameters that are kept.
pub const CAMPAIGN: [&str; 16] = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "utm_id",
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "fbclid",
    "ttclid",
    "msclkid",
    "bd_vid",
    "qhclickid",
    "li_fat_id",
];

/// Signs of a robot, none of which refuses a submission alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signals {
    /// The trap field, which no person sees, was filled.
    #[serde(default)]
    pub trap: bool,
    /// Milliseconds from the first input to the submission.
    #[serde(default, deserialize_with = "whole::number")]
    pub elapsed: u32,
}

/// The answer to an accepted submission: 201, and the same again for the same key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// Id of the submission.
    pub id: SubmissionId,
    /// Short code a visitor can quote, e.g. `K7QM-2F9X`.
    pub receipt: String,
}

/// A consent as it is stored with its submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consent {
    /// What was agreed to.
    pub purpose: String,
    /// Version of the sentence.
    pub version: String,
    /// SHA-256 of the sentence as shown, in hexadecimal.
    pub text_sha256: String,
    /// Whether the visitor agreed.
    pub granted: bool,
}
