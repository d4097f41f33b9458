//! What a CRM receives: the JSON of one submission.
//!
//! ```json
//! {
//!   "type": "submission.created",
//!   "timestamp": "2026-11-21T08:15:30.123Z",
//!   "data": {
//!     "id": "sub_…", "receipt": "K7QM-2F9X", "site": "clinic", "form": "enquiry", "version": 1, "lang": "zh-CN",
//!     "receivedAt": "2026-11-21T08:15:30.123Z",
//!     "answers": {"name": "王芳", "phone": "+8613800138000"},
//!     "fields": [{"name": "name", "type": "text", "label": "姓名"}, {"name": "phone", "type": "phone", "label": "电话"}],
//!     "consents": [{"purpose": "contact", "version": "1", "textSha256": "…", "granted": true}],
//!     "context": {"page": "https://www.example.com/", "campaign": {}},
//!     "signals": {"trap": false, "elapsed": 42000}, "spam": false,
//!     "uploads": [{"id": "upl_…", "name": "scan.pdf", "type": "application/pdf", "size": 12345,
//!                  "url": "https://gateway.example/v1/uploads/upl_…", "token": "…"}]
//!   }
//! }
//! ```
//!
//! `timestamp` is when the submission was accepted, not when it is sent, and everything else is stored with it, so the
//! bytes are the same at every attempt. Receivers should ignore members they don't know.

use crm_protocol::id::{DeliveryId, SubmissionId};
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The event's name.
pub const TYPE: &str = "submission.created";

/// One submission on its way to one connection.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Names the delivery at the receiver, the same at every attempt.
    pub id: DeliveryId,
    /// Id of the submission.
    pub submission: SubmissionId,
    /// Key of the site.
    pub site: String,
    /// Name of the form.
    pub form: String,
    /// Version of the form the answers were checked against.
    pub version: u32,
    /// Language the visitor saw.
    pub lang: Lang,
    /// The code the visitor was given.
    pub receipt: String,
    /// When it was accepted, in Unix milliseconds.
    pub received_at: i64,
    /// JSON object as it was stored: `answers`, `fields`, `context`, `signals`, `spam`, `uploads`.
    pub body: String,
    /// What the visitor agreed to, or not.
    pub consents: Vec<Consent>,
}

#[derive(Serialize)]
struct Event<'a> {
    r#type: &'static str,
    timestamp: &'a str,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    id: SubmissionId,
    receipt: &'a str,
    site: &'a str,
    form: &'a str,
    version: u32,
    lang: &'a Lang,
    received_at: &'a str,
    #[serde(flatten)]
    body: Map<String, Value>,
    consents: &'a [Consent],
    uploads: Vec<Value>,
}

impl Delivery {
    /// The bytes to send. `gateway` is the gateway's address without a slash at the end.
    pub fn payload(&self, gateway: &str) -> Vec<u8> {
        let received_at = Timestamp::from_millisecond(self.received_at).unwrap_or_default().to_string();
        let mut body: Map<String, Value> = serde_json::from_str(&self.body).unwrap_or_default();
        let uploads = locate(body.remove("uploads"), gateway);
        let event = Event {
            r#type: TYPE,
            timestamp: &received_at,
            data: Data {
                id: self.submission,
                receipt: &self.receipt,
                site: &self.site,
                form: &self.form,
                version: self.version,
                lang: &self.lang,
                received_at: &received_at,
                body,
                consents: &self.consents,
                uploads,
            },
        };
        serde_json::to_vec(&event).unwrap_or_default()
    }
}

/// Says where each file is.
fn locate(uploads: Option<Value>, gateway: &str) -> Vec<Value> {
    let Some(Value::Array(mut uploads)) = uploads else { return Vec::new() };
    for upload in uploads.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(id) = upload.get("id").and_then(Value::as_str) {
            let url = format!("{gateway}/v1/uploads/{id}");
            upload.insert("url".to_owned(), url.into());
        }
    }
    uploads
}

/// The JSON Schema of the payload, for the `webhooks` of the OpenAPI document.
pub fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": TYPE},
            "timestamp": {"type": "string", "format": "date-time", "description": "When the submission was accepted"},
            "data": {
                "type": "object",
                "required": ["id", "receipt", "site", "form", "version", "lang", "receivedAt", "answers", "fields",
                             "context", "signals", "spam", "consents", "uploads"],
                "properties": {
                    "id": {"type": "string", "pattern": "^sub_[0-9a-f]{32}$"},
                    "receipt": {"type": "string", "description": "The code the visitor was given"},
                    "site": {"type": "string"},
                    "form": {"type": "string"},
                    "version": {"type": "integer", "minimum": 1},
                    "lang": {"type": "string", "description": "Language the visitor saw, BCP 47"},
                    "receivedAt": {"type": "string", "format": "date-time"},
                    "answers": {"type": "object", "description": "Checked answers by field name"},
                    "fields": {"type": "array", "items": field_schema()},
                    "context": {"type": "object", "description": "Page, referrer, campaign, language, time zone"},
                    "signals": {"type": "object", "description": "Signs of a robot"},
                    "spam": {"type": "boolean", "description": "Whether a robot filled the trap field"},
                    "consents": {"type": "array", "items": consent_schema()},
                    "uploads": {"type": "array", "items": upload_schema()}
                }
            }
        }
    })
}

fn field_schema() -> Value {
    json!({
        "type": "object",
        "description": "An answered field, in the form's order, with its label in the visitor's language",
        "required": ["name", "type", "label"],
        "properties": {"name": {"type": "string"}, "type": {"type": "string"}, "label": {"type": "string"}}
    })
}

fn consent_schema() -> Value {
    json!({
        "type": "object",
        "required": ["purpose", "version", "textSha256", "granted"],
        "properties": {
            "purpose": {"type": "string"},
            "version": {"type": "string"},
            "textSha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "granted": {"type": "boolean"}
        }
    })
}

fn upload_schema() -> Value {
    json!({
        "type": "object",
        "required": ["id", "name", "type", "size", "url", "token"],
        "properties": {
            "id": {"type": "string", "pattern": "^upl_[0-9a-f]{32}$"},
            "name": {"type": "string"},
            "type": {"type": "string"},
            "size": {"type": "integer", "minimum": 0},
            "url": {"type": "string", "format": "uri"},
            "token": {"type": "string", "description": "Send it as `Authorization: Bearer` when fetching `url`"}
        }
    })
}
