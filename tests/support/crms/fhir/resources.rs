//! The resources that it knows: which elements they have, and what it refuses in them.

use serde_json::{Map, Value, json};

use super::super::book::Book;
use super::super::check::{
    Fault, Field, any, boolean, check, date, filled, instant, list, may, must, object, one_of, text,
};
use super::super::exchange::Reply;
use super::outcome;

/// What every resource may have.
const COMMON: &[&str] = &["resourceType", "id", "meta", "identifier", "text", "extension", "language"];

const PATIENT: &[Field] = &[
    may("name", list),
    may("telecom", |value| {
        every(value, |one| {
            one_of(&one["system"], &["phone", "fax", "email", "pager", "url", "sms", "other"])
                && filled(&one["value"])
        })
    }),
    may("gender", |value| one_of(value, &["male", "female", "other", "unknown"])),
    may("birthDate", date),
    may("active", boolean),
    may("address", list),
    may("communication", list),
];

const COMMUNICATION: &[Field] = &[
    must("status", |value| {
        one_of(
            value,
            &[
                "preparation",
                "in-progress",
                "not-done",
                "on-hold",
                "stopped",
                "completed",
                "entered-in-error",
                "unknown",
            ],
        )
    }),
    may("subject", reference),
    may("sent", instant),
    may("received", instant),
    may("sender", reference),
    may("recipient", list),
    may("category", list),
    may("topic", object),
    may("medium", list),
    may("about", list),
    may("payload", |value| {
        every(value, |one| filled(&one["contentString"]) || object(&one["contentAttachment"]))
    }),
];

const APPOINTMENT: &[Field] = &[
    must("status", |value| {
        one_of(
            value,
            &[
                "proposed",
                "pending",
                "booked",
                "arrived",
                "fulfilled",
                "cancelled",
                "noshow",
                "entered-in-error",
                "checked-in",
                "waitlist",
            ],
        )
    }),
    must("participant", |value| {
        every(value, |one| {
            let status = one_of(&one["status"], &["accepted", "declined", "tentative", "needs-action"]);
            status && (reference(&one["actor"]) || list(&one["type"]))
        })
    }),
    may("start", instant),
    may("end", instant),
    may("created", any),
    may("description", text),
    may("comment", text),
    may("cancelationReason", object),
    may("appointmentType", object),
    may("serviceType", list),
    may("reasonCode", list),
    may("minutesDuration", any),
];

const DOCUMENT: &[Field] = &[
    must("status", |value| one_of(value, &["current", "superseded", "entered-in-error"])),
    must("content", |value| every(value, |one| object(&one["attachment"]))),
    may("subject", reference),
    may("type", object),
    may("category", list),
    may("date", instant),
    may("description", text),
];

const ANSWERS: &[Field] = &[
    must("status", |value| {
        one_of(value, &["in-progress", "completed", "amended", "entered-in-error", "stopped"])
    }),
    may("subject", reference),
    may("questionnaire", text),
    may("authored", instant),
    may("item", list),
];

/// An array with something in it, and all of it so.
fn every(value: &Value, is: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(is))
}

fn reference(value: &Value) -> bool {
    filled(&value["reference"]) || object(&value["identifier"])
}

/// The elements of a type of resource that is known here.
pub fn elements(kind: &str) -> Result<&'static [Field], Reply> {
    match kind {
        "Patient" => Ok(PATIENT),
        "Communication" => Ok(COMMUNICATION),
        "Appointment" => Ok(APPOINTMENT),
        "DocumentReference" => Ok(DOCUMENT),
        "QuestionnaireResponse" => Ok(ANSWERS),
        _ => Err(outcome(404, "not-supported", &format!("Resource type {kind} is not known"))),
    }
}

/// Refuses what a resource of that type must not be.
pub fn validate(book: &Book, kind: &str, resource: &Map<String, Value>) -> Result<(), Reply> {
    let fields = elements(kind)?;
    let bad = |message: &str| outcome(400, "structure", message);
    if resource.get("resourceType") != Some(&json!(kind)) {
        return Err(bad(&format!("resourceType must be {kind}")));
    }
    if let Some((name, _)) =
        resource.iter().find(|(_, value)| value.is_null() || *value == "" || *value == &json!([]))
    {
        return Err(bad(&format!("{kind}.{name} must not be empty")));
    }
    let common = COMMON.iter().map(|name| (*name).to_owned()).collect();
    check(fields, resource, &common).map_err(|fault| match fault {
        Fault::Missing(field) => {
            outcome(400, "required", &format!("Missing required property {kind}.{field}"))
        }
        Fault::Unknown(field) => bad(&format!("Invalid additional property {kind}.{field}")),
        Fault::Wrong(field) => outcome(400, "value", &format!("Invalid value of {kind}.{field}")),
    })?;
    if resource.contains_key("start") != resource.contains_key("end") {
        return Err(outcome(400, "invariant", "app-3: Either start and end are specified, or neither"));
    }
    let identified = resource.get("identifier").is_none_or(|all| every(all, |one| filled(&one["value"])));
    if !identified {
        return Err(outcome(400, "value", &format!("Invalid value of {kind}.identifier")));
    }
    let missing = references(&Value::Object(resource.clone())).into_iter().find(|path| {
        let target = path.split_once('/');
        !path.starts_with("urn:") && target.is_none_or(|(kind, id)| book.get(kind, id).is_none())
    });
    missing.map_or(Ok(()), |path| {
        Err(outcome(400, "not-found", &format!("Resource {path} not found, specified in {kind}")))
    })
}

/// All `reference` texts in it.
pub fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(path) if name == "reference" => vec![path.to_owned()],
                _ => references(value),
            })
            .collect(),
        Value::Array(all) => all.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
