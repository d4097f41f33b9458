//! `GET …/appointments` lists appointments, `POST` books one for somebody.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use crm_protocol::booking::{BookRequest, Status};
use crm_protocol::draft::Draft;
use crm_protocol::id::AppointmentId;
use crm_protocol::submission::{Context, Signals};
use crm_protocol::text::Lang;
use crm_protocol::whole;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entry::Entry;
use super::{Staff, keyed, operation};
use crate::http::desk::Desk;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::Routes;
use crate::http::{App, body, openapi};
use crate::store::Millis;
use crate::store::booking::{ListAppointments, SeeAppointment, Sought, StoredAppointment};
use crate::store::staff::Permission;

/// Largest body.
const LARGEST: usize = 256 * 1024;
/// Longest reason, in characters.
pub(super) const REASON: usize = 500;
/// A reason as a schema has it: one line that is not empty.
pub(super) const LINE: &str = "^[^\\s\\x00-\\x1f\\x7f-\\x9f][^\\x00-\\x1f\\x7f-\\x9f]*$";
/// Entries of a page, and at most.
pub(super) const PAGE: (u32, u32) = (50, 200);

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let day = json!({"type": "string", "format": "date"});
    let list = operation("listAppointments", "Appointments by their start, with what people wrote")
        .query("from", false, day.clone())
        .query("to", false, day)
        .query("practitioner", false, openapi::name())
        .query("status", false, json!({"enum": Status::NAMES.map(|(_, name)| name)}))
        .query("code", false, json!({"type": "string", "description": "Only the one of that code, on whatever day"}))
        .query("limit", false, json!({"type": "integer", "minimum": 1, "maximum": PAGE.1, "default": PAGE.0}))
        .query("after", false, json!({"type": "string", "pattern": "^[0-9]{1,15}\\.apt_[0-9a-f]{32}$", "description": "`next` of the page before"}))
        .answer(200, "A page: from today on where no day is named", openapi::json("StaffAppointments"))
        .refuses(&[Code::Malformed]);
    let book = keyed(operation("bookForSomebody", "Book for somebody, by the form that visitors fill in"))
        .body(openapi::json("StaffBooking"))
        .answer(
            201,
            "Booked and confirmed; requested where the slot is a hospital's, until that has it",
            openapi::json("StaffAppointment"),
        )
        .refuses(&[
            Code::Malformed,
            Code::Blocked,
            Code::UnknownForm,
            Code::NotFound,
            Code::Timeout,
            Code::SlotTaken,
            Code::LimitReached,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::InvalidAnswers,
            Code::NotOffered,
        ]);
    const PATH: &str = "/console/api/sites/{site}/appointments";
    routes.get(PATH, list_all, list).post(PATH, book_one, book)
}

#[derive(Debug, Deserialize)]
struct Asked {
    from: Option<Date>,
    to: Option<Date>,
    practitioner: Option<String>,
    status: Option<Status>,
    code: Option<String>,
    limit: Option<u32>,
    after: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize)]
struct Page {
    appointments: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

async fn list_all(
    State(app): State<Arc<App>>,
    staff: Staff,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Read)?;
    let detail =
        "`from` and `to` are days such as 2026-11-24, `status` is one of an appointment's, `limit` a number.";
    let Query(asked) = asked.map_err(|_| Refusal::new(Code::Malformed).detail(detail))?;
    let code = asked.code.clone();
    let list = listing(&desk, asked)?;
    let page = match code {
        Some(code) => of_code(&app, &desk, &code).await?,
        None => list_page(&app, &desk, list).await?,
    };
    staff.did("appointments.list", "");
    body::private(StatusCode::OK, &page)
}

async fn of_code(app: &App, desk: &Desk, code: &str) -> Result<Page, Refusal> {
    let see = SeeAppointment { site: desk.key().to_owned(), sought: Sought::Code(spelled(code)) };
    let found = app.store.run(see).await?;
    let entry = |(listed, happened): (crate::store::booking::ListedAppointment, Vec<_>)| {
        Entry::new(desk, &listed.appointment).with_answers(&listed.body).with_history(&happened)
    };
    Ok(Page { appointments: found.map(entry).into_iter().collect(), next: None })
}

/// What is asked for, with one more than a page has, to know whether there is another.
fn listing(desk: &Desk, asked: Asked) -> Result<ListAppointments, Refusal> {
    let today = jiff::Timestamp::now().to_zoned(desk.site.time_zone.clone()).date();
    let to = asked.to.map(|day| midnight(desk, day.saturating_add(1.day()))).transpose()?;
    Ok(ListAppointments {
        site: desk.key().to_owned(),
        from: midnight(desk, asked.from.unwrap_or(today))?,
        to: to.unwrap_or(Millis::MAX),
        practitioner: key(asked.practitioner)?,
        status: asked.status,
        after: asked.after.as_deref().map(position).transpose()?,
        limit: page_size(asked.limit)? + 1,
    })
}

async fn list_page(app: &App, desk: &Desk, list: ListAppointments) -> Result<Page, Refusal> {
    let limit = list.limit.saturating_sub(1);
    let mut found = app.store.run(list).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| cursor(&last.appointment));
    let entry = |listed: &crate::store::booking::ListedAppointment| {
        Entry::new(desk, &listed.appointment).with_answers(&listed.body)
    };
    Ok(Page { appointments: found.iter().map(entry).collect(), next })
}

/// How many entries a page has.
///
/// # Errors
/// 400 where it is none or too many.
pub(super) fn page_size(limit: Option<u32>) -> Result<u32, Refusal> {
    let (usual, most) = PAGE;
    let detail = format!("`limit` is 1 to {most}.");
    let limit = limit.unwrap_or(usual);
    let fits = (1..=most).contains(&limit);
    if fits { Ok(limit) } else { Err(Refusal::new(Code::Malformed).detail(detail)) }
}

/// A key that is asked for, whether or not the definitions have it any more.
///
/// # Errors
/// 400 where none is like that.
pub(super) fn key(text: Option<String>) -> Result<Option<String>, Refusal> {
    let shaped = |text: &String| {
        let letters = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        letters && (1..=64).contains(&text.len())
    };
    match text.as_ref().is_none_or(shaped) {
        true => Ok(text),
        false => Err(Refusal::new(Code::Malformed).detail("A key has 1 to 64 of a–z, 0–9 and -.")),
    }
}

/// When that day begins at the site.
fn midnight(desk: &Desk, day: Date) -> Result<Millis, Refusal> {
    let begin = day.to_zoned(desk.site.time_zone.clone());
    let begin = begin.map_err(|_| Refusal::new(Code::Malformed).detail("There is no such day."))?;
    Ok(begin.timestamp().as_millisecond())
}

fn cursor(last: &StoredAppointment) -> String {
    format!("{}.{}", last.slot.start, last.id)
}

fn position(cursor: &str) -> Result<(Millis, AppointmentId), Refusal> {
    let read = || {
        let (start, id) = cursor.split_once('.')?;
        Some((start.parse().ok()?, id.parse().ok()?))
    };
    read().ok_or_else(|| Refusal::new(Code::Malformed).detail("`after` is the `next` of the page before."))
}

/// A code as it is stored, however it was said or typed: `k7qm 2f9x`, `K7QM2F9X`, an O for a zero.
fn spelled(code: &str) -> String {
    let digit = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let digits: String = code.chars().filter(char::is_ascii_alphanumeric).map(digit).collect();
    match digits.split_at_checked(4) {
        Some((head, tail)) => format!("{head}-{tail}"),
        None => digits,
    }
}

/// What staff sends to book for somebody.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    service: String,
    practitioner: Option<String>,
    start: String,
    #[serde(default, deserialize_with = "whole::option")]
    version: Option<u32>,
    lang: Option<Lang>,
    answers: Draft,
    overbook: Option<String>,
}

async fn book_one(
    State(app): State<Arc<App>>,
    staff: Staff,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Book)?;
    let key = body::idempotency_key(&headers)?;
    body::expect_json(&headers)?;
    let body = body::read(&headers, body, LARGEST).await?;
    let wanted: Wanted = body::json(&body)?;
    let overbook = reason(wanted.overbook)?;
    let request = BookRequest {
        hold: None,
        service: wanted.service,
        practitioner: wanted.practitioner,
        start: wanted.start,
        version: wanted.version,
        lang: wanted.lang.unwrap_or_else(|| desk.site.definition.language(None)),
        answers: wanted.answers,
        context: Context::default(),
        signals: Signals::default(),
    };
    let keyed = Keyed { request, key, body_sha256: Sha256::digest(&body).into(), work: None };
    let stored = desk.book_for(keyed, overbook).await?;
    staff.did("appointment.book", &stored.id.to_string());
    let entry = seen(&app, &staff, &desk, stored.id).await?;
    body::private(StatusCode::CREATED, &entry)
}

/// Why staff does something, if it says so.
///
/// # Errors
/// 400 where it says nothing in it, or too much, or what no keyboard writes.
pub(super) fn reason(text: Option<String>) -> Result<Option<String>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let text = text.trim();
    match (1..=REASON).contains(&text.chars().count()) && !text.contains(char::is_control) {
        true => Ok(Some(text.to_owned())),
        false => Err(Refusal::new(Code::Malformed)
            .detail(format!("A reason is one line of 1 to {REASON} characters."))),
    }
}

/// An appointment as that token may see it.
///
/// # Errors
/// 404.
pub(super) async fn seen(app: &App, staff: &Staff, desk: &Desk, id: AppointmentId) -> Result<Entry, Refusal> {
    let see = SeeAppointment { site: desk.key().to_owned(), sought: Sought::Id(id) };
    let (listed, happened) = app.store.run(see).await?.ok_or(Code::NotFound)?;
    let entry = Entry::new(desk, &listed.appointment);
    Ok(match staff.reads() {
        true => entry.with_answers(&listed.body).with_history(&happened),
        false => entry,
    })
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let submission = crate::http::submissions::schemas();
    let filled = |member: &str| submission["Submission"]["properties"][member].clone();
    json!({
        "StaffAppointments": {
            "type": "object",
            "required": ["appointments"],
            "properties": {
                "appointments": {"type": "array", "items": {"$ref": "#/components/schemas/StaffAppointment"}},
                "next": {"type": "string", "description": "Where the next page begins; missing on the last"}
            }
        },
        "StaffBooking": {
            "type": "object",
            "description": "Notice, window and release of the service do not bind staff; its schedules do: another time is opened first, by an exception",
            "required": ["service", "start", "answers"],
            "additionalProperties": false,
            "properties": {
                "service": openapi::name(),
                "practitioner": {"type": ["string", "null"]},
                "start": {"type": "string", "format": "date-time", "description": "Of a slot that is not over: one that has begun is for who walks in"},
                "version": filled("version"), "lang": filled("lang"), "answers": filled("answers"),
                "overbook": {
                    "type": ["string", "null"], "pattern": LINE, "maxLength": REASON,
                    "description": "Why it is squeezed in although all is taken, or the person has as many as are allowed"
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        for typed in ["K7QM-2F90", "k7qm2f9o", " K7QM 2F9O ", "k7qm–2f90"] {
            assert_eq!(spelled(typed), "K7QM-2F90", "{typed}");
        }
        for odd in ["", "K7", "😀", "' or 1=1"] {
            assert_ne!(spelled(odd), "K7QM-2F90");
        }
    }
}
