//! An appointment as staff sees it: with what its person wrote, and without the token that is the person's alone.

use std::collections::HashMap;

use crm_protocol::booking::Status;
use crm_protocol::id::AppointmentId;
use crm_protocol::text::Lang;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::desk::{Desk, written};
use crate::http::openapi;
use crate::store::booking::{Happened, StoredAppointment};

/// An appointment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    id: AppointmentId,
    code: String,
    status: Status,
    department: String,
    service: String,
    practitioner: String,
    place: String,
    start: String,
    end: String,
    offset: i32,
    sequence: u32,
    lang: Lang,
    #[serde(skip_serializing_if = "Option::is_none")]
    overbooked: Option<String>,
    late: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    spam: bool,
    created: String,
    changed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Vec<Said>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<Change>>,
}

/// An answer under the label it was given to.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    name: String,
    label: String,
    r#type: String,
    value: Value,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
struct Change {
    r#type: String,
    at: String,
    status: Value,
    start: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Value>,
}

impl Entry {
    /// The appointment by itself.
    pub fn new(desk: &Desk, stored: &StoredAppointment) -> Self {
        let StoredAppointment { slot, .. } = stored;
        Self {
            id: stored.id,
            code: stored.code.clone(),
            status: stored.status,
            department: stored.department.clone(),
            service: stored.service.clone(),
            practitioner: slot.practitioner.clone(),
            place: slot.place.clone(),
            start: written(slot.start),
            end: written(slot.end),
            offset: desk.offset(&stored.slot),
            sequence: stored.sequence,
            lang: stored.lang.clone(),
            overbooked: stored.overbooked.clone(),
            late: stored.late,
            spam: false,
            created: written(stored.created_at),
            changed: written(stored.changed_at),
            answers: None,
            history: None,
        }
    }

    /// With what was written; `body` is the submission's.
    pub fn with_answers(self, body: &str) -> Self {
        let Written { answers, spam } = written_in(body);
        Self { answers: Some(answers), spam, ..self }
    }

    /// With what happened to it.
    pub fn with_history(self, happened: &[Happened]) -> Self {
        Self { history: Some(happened.iter().map(change).collect()), ..self }
    }
}

/// What is read of a submission's body.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    answers: HashMap<String, Value>,
    fields: Vec<Field>,
    uploads: Vec<Upload>,
    spam: bool,
}

#[derive(Debug, Deserialize)]
struct Field {
    name: String,
    r#type: String,
    label: String,
}

/// A file, whose token is the CRM's alone.
#[derive(Debug, Deserialize)]
struct Upload {
    id: String,
    name: String,
}

/// What somebody wrote.
#[derive(Clone, Debug)]
pub struct Written {
    /// In the order of the form. Files are called by their names.
    pub answers: Vec<Said>,
    /// Whether a robot filled the trap.
    pub spam: bool,
}

/// What somebody wrote; `body` is the submission's.
pub fn written_in(body: &str) -> Written {
    let Body { mut answers, fields, uploads, spam } = serde_json::from_str(body).unwrap_or_default();
    let name = |id: Value| {
        let file = uploads.iter().find(|file| id.as_str() == Some(&file.id));
        file.map_or(Value::Null, |file| file.name.as_str().into())
    };
    let value = |kind: &str, value: Value| match value {
        Value::Array(ids) if kind == "file" => ids.into_iter().map(name).collect(),
        value => value,
    };
    let said = |Field { name, r#type, label }| {
        let value = value(&r#type, answers.remove(&name)?);
        Some(Said { name, label, r#type, value })
    };
    Written { answers: fields.into_iter().filter_map(said).collect(), spam }
}

fn change(Happened { r#type, data, at }: &Happened) -> Change {
    let mut data: HashMap<String, Value> = serde_json::from_str(data).unwrap_or_default();
    let mut member = |name: &str| data.remove(name);
    // An event says `confirmed`, as CRMs do.
    let status = match member("status") {
        Some(word) if word == "confirmed" => Status::Booked.as_str().into(),
        word => word.unwrap_or_default(),
    };
    Change {
        r#type: r#type.clone(),
        at: written(*at),
        status,
        start: member("start").unwrap_or_default(),
        reason: member("reason"),
    }
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let instant = json!({"type": "string", "format": "date-time"});
    let (text, key) = (json!({"type": "string"}), openapi::name());
    let status = json!({"enum": Status::NAMES.map(|(_, name)| name)});
    json!({
        "Answers": {
            "type": "array",
            "description": "What the person wrote, under the labels they saw; only for a token that permits `read`",
            "items": {
                "type": "object",
                "required": ["name", "label", "type", "value"],
                "properties": {"name": text, "label": text, "type": text, "value": {"description": "As in a submission's event; files by their names"}}
            }
        },
        "StaffAppointment": {
            "type": "object",
            "required": ["id", "code", "status", "department", "service", "practitioner", "place", "start", "end", "offset", "sequence", "lang", "late", "created", "changed"],
            "properties": {
                "id": {"type": "string", "pattern": "^apt_[0-9a-f]{32}$"},
                "code": {"type": "string", "description": "What its person says at the desk"},
                "status": status,
                "department": key, "service": key, "practitioner": key, "place": key,
                "start": instant, "end": instant,
                "offset": {"type": "integer", "description": "Minutes the place's clock is ahead of UTC"},
                "sequence": {"type": "integer", "minimum": 0},
                "lang": openapi::lang(),
                "overbooked": {"type": "string", "description": "Why it was squeezed in"},
                "late": {"type": "boolean", "description": "Cancelled for its person after the deadline"},
                "spam": {"type": "boolean", "description": "A robot filled the trap; missing where not, and without the answers"},
                "created": instant, "changed": instant,
                "answers": {"$ref": "#/components/schemas/Answers"},
                "history": {
                    "type": "array",
                    "description": "What happened to it, the earliest first; for one appointment only",
                    "items": {
                        "type": "object",
                        "required": ["type", "at", "status", "start"],
                        "properties": {"type": text, "at": instant, "status": status, "start": instant, "reason": text}
                    }
                }
            }
        }
    })
}
