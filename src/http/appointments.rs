//! `POST …/appointments` and `GET`, `PATCH`, `DELETE …/appointments/{id}`: booked slots, for who has their token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crm_protocol::booking::{MoveRequest, Status};
use serde_json::{Value, json};

use crate::http::bearer::bearer;
use crate::http::desk::Desk;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, openapi};

/// Largest body.
const LARGEST: usize = 256 * 1024;
/// Largest body that moves an appointment.
const MOVE: usize = 4 * 1024;
const OWN: &str = "/v1/sites/{site}/appointments/{id}";

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let post = openapi::keyed(Operation::new("book", "Book a slot"))
        .cors(Cors::Site)
        .path("site", openapi::name())
        .may_bear()
        .body(openapi::json("BookRequest"))
        .answer(
            201,
            "Booked, and the same answer again for the same key. `requested` where staff has yet to confirm it: the service \
             says so, or `signals.trap` that a robot may have booked; or where the slot is a hospital's, which has yet to take it",
            openapi::json("Appointment"),
        )
        .refuses(&[
            Code::Blocked,
            Code::UnknownService,
            Code::UnknownForm,
            Code::NotFound,
            Code::SlotTaken,
            Code::HoldOver,
            Code::LimitReached,
            Code::InvalidAnswers,
            Code::NotOffered,
        ]);
    let get = openapi::owned("getAppointment", "An appointment, for its owner").answer(
        200,
        "As it stands",
        openapi::json("Appointment"),
    );
    let patch = openapi::owned("moveAppointment", "Move an appointment to another slot, or change nothing")
        .body(openapi::json("MoveRequest"))
        .answer(200, "As it stands now", openapi::json("Appointment"))
        .refuses(&[
            Code::Malformed,
            Code::Timeout,
            Code::SlotTaken,
            Code::TooLate,
            Code::Changed,
            Code::LimitReached,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::NotOffered,
            Code::TooMany,
        ]);
    let delete = openapi::owned("cancelAppointment", "Cancel an appointment")
        .answer(200, "Cancelled; the slot is free", openapi::json("Appointment"))
        .refuses(&[Code::TooLate]);
    let calendar = openapi::owned("getCalendarEntry", "An appointment as a file for calendars").answer(
        200,
        "iCalendar (RFC 5545)",
        json!({"text/calendar": {"schema": {"type": "string"}}}),
    );
    routes
        .post("/v1/sites/{site}/appointments", book, post)
        .get(OWN, show, get)
        .patch(OWN, change, patch)
        .delete(OWN, cancel, delete)
        .get("/v1/sites/{site}/appointments/{id}/calendar", show_calendar, calendar)
}

async fn book(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = Desk::of(&app, &site)?;
    let site = &desk.site.definition;
    let keyed = Keyed::read(&app, site, visitor, &headers, body, LARGEST).await?;
    let appointment = desk.book(keyed, bearer(&headers)).await?;
    body::private(StatusCode::CREATED, &appointment)
}

async fn show(
    State(app): State<Arc<App>>,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let appointment = Desk::of(&app, &site)?.appointment(&id, bearer(&headers)).await?;
    body::private(StatusCode::OK, &appointment)
}

async fn change(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = Desk::of(&app, &site)?;
    desk.owns(&id, bearer(&headers))?;
    body::expect_json(&headers)?;
    let site = &desk.site.definition;
    app.limits.submission(visitor, &site.key, site.limits.submissions_per_minute)?;
    let request: MoveRequest = body::json(&body::read(&headers, body, MOVE).await?)?;
    let appointment = desk.change(&id, bearer(&headers), &request).await?;
    body::private(StatusCode::OK, &appointment)
}

async fn cancel(
    State(app): State<Arc<App>>,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let appointment = Desk::of(&app, &site)?.cancel(&id, bearer(&headers)).await?;
    body::private(StatusCode::OK, &appointment)
}

async fn show_calendar(
    State(app): State<Arc<App>>,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let calendar = Desk::of(&app, &site)?.calendar(&id, bearer(&headers)).await?;
    Ok(calendar_file(calendar))
}

/// A file for calendars, as a download.
pub fn calendar_file(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"appointment.ics\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let instant = json!({"type": "string", "format": "date-time"});
    let key = openapi::name();
    let submission = crate::http::submissions::schemas();
    let filled = |member: &str| submission["Submission"]["properties"][member].clone();
    json!({
        "BookRequest": {
            "type": "object",
            "required": ["service", "start", "answers"],
            "additionalProperties": false,
            "properties": {
                "hold": {"type": ["string", "null"], "pattern": "^hold_[0-9a-f]{32}$", "description": "Its slot, whatever `start` says; its token is the bearer's"},
                "service": key,
                "practitioner": {"type": ["string", "null"]},
                "start": instant,
                "version": filled("version"), "lang": filled("lang"), "answers": filled("answers"),
                "context": filled("context"), "signals": filled("signals"),
            }
        },
        "MoveRequest": {
            "type": "object",
            "required": ["start"],
            "additionalProperties": false,
            "properties": {"practitioner": {"type": ["string", "null"]}, "start": instant}
        },
        "Appointment": {
            "type": "object",
            "required": ["id", "token", "code", "status", "service", "practitioner", "place", "start", "end", "sequence"],
            "properties": {
                "id": {"type": "string", "pattern": "^apt_[0-9a-f]{32}$"},
                "token": {"type": "string", "description": "Send it as `Authorization: Bearer`"},
                "code": {"type": "string"},
                "status": {"enum": Status::NAMES.map(|(_, name)| name)},
                "service": key, "practitioner": key, "place": key,
                "start": instant, "end": instant,
                "offset": {"type": "integer", "description": "Minutes the place's clock is ahead of UTC"},
                "sequence": {"type": "integer", "minimum": 0},
                "movableUntil": instant, "cancellableUntil": instant,
            }
        }
    })
}
