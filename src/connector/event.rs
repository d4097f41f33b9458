//! What happened, as a CRM hears of it. A submission's event:
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
//! What happens later to what a submission asked for, such as an appointment, is an event with the submission's `data` and
//! members of its own over it: `connectors/samples/appointment.booked.json`.
//!
//! `timestamp` is when the submission was accepted, or when the later thing happened, not when it is sent,
//! and everything else is stored with it, so the bytes are the same at every attempt. Receivers should ignore members they don't know.

use crm_protocol::id::SubmissionId;
use crm_protocol::submission::Consent;
use crm_protocol::text::Lang;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The type of a submission's event.
pub const SUBMISSION: &str = "submission.created";

/// The types of the events about appointments, and about who waits for one.
pub mod kind {
    /// A slot was booked, or a request for one confirmed.
    pub const BOOKED: &str = "appointment.booked";
    /// A slot was booked, and the staff has yet to confirm it.
    pub const REQUESTED: &str = "appointment.requested";
    /// It is at another time, or with somebody else.
    pub const MOVED: &str = "appointment.moved";
    /// It was cancelled or declined.
    pub const CANCELLED: &str = "appointment.cancelled";
    /// Nobody came.
    pub const MISSED: &str = "appointment.missed";
    /// They came: kept as history, and sent to nobody.
    pub const ARRIVED: &str = "appointment.arrived";
    /// It is near.
    pub const REMINDER: &str = "appointment.reminder";
    /// A slot is kept for somebody who waits.
    pub const OFFERED: &str = "waitlist.offered";
    /// Those that connections are sent.
    pub const SENT: [&str; 7] = [BOOKED, REQUESTED, MOVED, CANCELLED, MISSED, REMINDER, OFFERED];
}

/// Members of the data of events, of whatever type.
pub const DATA: [&str; 38] = [
    "answer",
    "answers",
    "at",
    "code",
    "consents",
    "contact",
    "context",
    "conversation",
    "end",
    "expires",
    "fields",
    "form",
    "from",
    "id",
    "keys",
    "kind",
    "lang",
    "messages",
    "name",
    "note",
    "patient",
    "place",
    "practitioner",
    "rating",
    "receipt",
    "receivedAt",
    "sequence",
    "service",
    "signals",
    "site",
    "spam",
    "start",
    "status",
    "survey",
    "text",
    "timeZone",
    "uploads",
    "version",
];

/// Something that happened, as a CRM hears of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// One of [`EVENTS`](crate::definitions::connection::EVENTS).
    pub r#type: String,
    /// When it happened, RFC 3339.
    pub timestamp: String,
    /// What happened: an object with an `id`.
    pub data: Map<String, Value>,
}

/// A submission as it is stored.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// Its id.
    pub id: SubmissionId,
    /// Key of the site.
    pub site: &'a str,
    /// Name of the form.
    pub form: &'a str,
    /// Version of the form the answers were checked against.
    pub version: u32,
    /// Language the visitor saw.
    pub lang: &'a Lang,
    /// The code the visitor was given.
    pub receipt: &'a str,
    /// When it was accepted, in Unix milliseconds.
    pub received_at: i64,
    /// JSON object as it was stored: `answers`, `fields`, `context`, `signals`, `spam`, `uploads`.
    pub body: &'a str,
    /// What the visitor agreed to, or not.
    pub consents: &'a [Consent],
}

impl Event {
    /// The event of a submission. `gateway` is the gateway's address without a slash at the end.
    pub fn of_submission(submission: &Submission<'_>, gateway: &str) -> Self {
        let Submission { id, site, form, version, lang, receipt, received_at, body, consents } = submission;
        let timestamp = Timestamp::from_millisecond(*received_at).unwrap_or_default().to_string();
        let mut data: Map<String, Value> = serde_json::from_str(body).unwrap_or_default();
        let uploads = locate(data.remove("uploads"), gateway);
        data.extend([
            ("id".to_owned(), json!(id)),
            ("receipt".to_owned(), json!(receipt)),
            ("site".to_owned(), json!(site)),
            ("form".to_owned(), json!(form)),
            ("version".to_owned(), json!(version)),
            ("lang".to_owned(), json!(lang)),
            ("receivedAt".to_owned(), json!(timestamp)),
            ("consents".to_owned(), json!(consents)),
            ("uploads".to_owned(), uploads.into()),
        ]);
        Self { r#type: SUBMISSION.to_owned(), timestamp, data }
    }

    /// What happened later, at a time in Unix milliseconds. `data` is a JSON object; its members replace the submission's.
    pub fn then(mut self, r#type: &str, data: &str, at: i64) -> Self {
        r#type.clone_into(&mut self.r#type);
        self.timestamp = Timestamp::from_millisecond(at).unwrap_or_default().to_string();
        self.data.extend(serde_json::from_str::<Map<String, Value>>(data).unwrap_or_default());
        self
    }

    /// Its id: the key by which a CRM knows it again. What happens several times to one appointment, case or
    /// place on a waitlist, whose id `data.id` is, is told apart by its time.
    pub fn id(&self) -> String {
        let id = self.text("id");
        let instant = self.timestamp.parse::<Timestamp>().unwrap_or_default();
        match self.r#type.split('.').next() {
            Some("appointment" | "case" | "waitlist") => format!("{id}-{}", instant.as_millisecond()),
            _ => id.to_owned(),
        }
    }

    /// Until when anybody wants to hear of it, where that is not for ever: a reminder until it begins, an offer as long as
    /// it is kept.
    pub fn expires(&self) -> Option<Timestamp> {
        let end = match self.r#type.as_str() {
            kind::REMINDER => "start",
            kind::OFFERED => "expires",
            _ => return None,
        };
        self.text(end).parse().ok()
    }

    /// A text of its data; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.data.get(name).and_then(Value::as_str).unwrap_or_default()
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

/// The JSON Schema of the payload of an event of that type, for the `webhooks` of the OpenAPI document.
pub fn schema(kind: &str) -> Value {
    let mut schema = submission_schema();
    if kind == SUBMISSION {
        return schema;
    }
    schema["properties"]["type"] = json!({"const": kind});
    schema["properties"]["timestamp"]["description"] = "When it happened".into();
    let data = &mut schema["properties"]["data"];
    let slot = slot_schema();
    if let Some(required) = data["required"].as_array_mut() {
        required.extend(slot["required"].as_array().into_iter().flatten().cloned());
    }
    if let (Some(data), Some(slot)) = (data["properties"].as_object_mut(), slot["properties"].as_object()) {
        data.extend(slot.clone());
    }
    schema
}

/// What an event about an appointment, or a slot that is offered, says besides the submission.
fn slot_schema() -> Value {
    let (text, instant) = (json!({"type": "string"}), json!({"type": "string", "format": "date-time"}));
    let keys = json!({"service": text, "practitioner": text, "place": text});
    json!({
        "required": ["code", "service", "practitioner", "place", "keys", "start", "end", "timeZone", "status"],
        "properties": {
            "id": {"type": "string", "pattern": "^(apt|wait)_[0-9a-f]{32}$"},
            "code": {"type": "string", "description": "What its person says at the desk"},
            "service": {"type": "string", "description": "Its name in the person's language, as practitioner and place"},
            "practitioner": text, "place": text,
            "keys": {"type": "object", "required": ["service", "practitioner", "place"], "properties": keys},
            "start": instant, "end": instant,
            "timeZone": {"type": "string", "description": "IANA zone in which its person reads times"},
            "status": {"enum": ["requested", "confirmed", "cancelled", "missed", "offered"]},
            "sequence": {"type": "integer", "minimum": 0, "description": "Counts the changes of an appointment"},
            "reason": {"type": "string", "description": "Why, in the words of who did it"},
            "expires": {"type": "string", "format": "date-time", "description": "Until when what is offered is kept"},
            "hisSlot": {"type": "string", "description": "Id of the hospital's own slot, where it has them"},
            "hisLeft": {"type": "string", "description": "Id of the one that was left for it"}
        }
    })
}

fn submission_schema() -> Value {
    json!({
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": SUBMISSION},
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
