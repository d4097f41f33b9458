//! `GET …/appointments/{id}` shows one, `PATCH` confirms, moves, cancels or marks it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use crm_protocol::booking::{MoveRequest, Status};
use crm_protocol::id::AppointmentId;
use serde::Deserialize;
use serde_json::{Value, json};

use super::appointments::{LINE, REASON, reason, seen};
use super::{Staff, about};
use crate::http::desk::Desk;
use crate::http::desk::staff::Wish;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::Routes;
use crate::http::{App, body, openapi};
use crate::store::booking::StoredAppointment;
use crate::store::staff::Permission;

/// Largest body.
const LARGEST: usize = 16 * 1024;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let get = about("seeAppointment", "An appointment, with what its person wrote and what happened to it")
        .answer(200, "As it stands", openapi::json("StaffAppointment"));
    let patch = about("changeAppointment", "Confirm, move, cancel or mark an appointment, or change nothing")
        .body(openapi::json("StaffChange"))
        .answer(200, "As it stands now; the same again changes nothing", openapi::json("StaffAppointment"))
        .refuses(&[
            Code::Malformed,
            Code::Timeout,
            Code::SlotTaken,
            Code::WrongStatus,
            Code::TooLarge,
            Code::UnsupportedType,
            Code::NotOffered,
        ]);
    const PATH: &str = "/console/api/sites/{site}/appointments/{id}";
    routes.get(PATH, show, get).patch(PATH, change, patch)
}

/// What staff sends to change one.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Change {
    Status(Marking),
    Slot(Moving),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moving {
    start: String,
    practitioner: Option<String>,
    overbook: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marking {
    status: Mark,
    reason: Option<String>,
    #[serde(default)]
    by: By,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mark {
    Booked,
    Arrived,
    Missed,
    Cancelled,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    #[default]
    Patient,
    Site,
}

/// The id in the address.
///
/// # Errors
/// 404 where it is none.
pub(super) fn parsed(id: &str) -> Result<AppointmentId, Refusal> {
    id.parse().map_err(|_| Code::NotFound.into())
}

async fn show(
    State(app): State<Arc<App>>,
    staff: Staff,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Read)?;
    let entry = seen(&app, &staff, &desk, parsed(&id)?).await?;
    staff.did("appointment.see", &id);
    body::private(StatusCode::OK, &entry)
}

async fn change(
    State(app): State<Arc<App>>,
    staff: Staff,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Book)?;
    let apt = parsed(&id)?;
    body::expect_json(&headers)?;
    let request: Change = body::json(&body::read(&headers, body, LARGEST).await?)?;
    let (action, _) = make(&desk, apt, request).await?;
    staff.did(action, &id);
    let entry = seen(&app, &staff, &desk, apt).await?;
    body::private(StatusCode::OK, &entry)
}

/// Does it. Returns what the log calls it.
async fn make(
    desk: &Desk,
    id: AppointmentId,
    request: Change,
) -> Result<(&'static str, StoredAppointment), Refusal> {
    let Marking { status, reason: why, by } = match request {
        Change::Status(marking) => marking,
        Change::Slot(Moving { start, practitioner, overbook }) => {
            let request = MoveRequest { start, practitioner };
            return Ok(("appointment.move", desk.move_for(id, &request, reason(overbook)?).await?));
        }
    };
    let why = reason(why)?;
    let wish = match by {
        By::Patient => Wish::Patient,
        By::Site => Wish::Site,
    };
    Ok(match status {
        Mark::Booked => ("appointment.confirm", desk.mark(id, Status::Booked, why).await?),
        Mark::Arrived => ("appointment.arrive", desk.mark(id, Status::Arrived, why).await?),
        Mark::Missed => ("appointment.miss", desk.mark(id, Status::Missed, why).await?),
        Mark::Cancelled => ("appointment.cancel", desk.cancel_for(id, wish, why).await?),
    })
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    json!({
        "StaffChange": {
            "oneOf": [
                {
                    "type": "object",
                    "required": ["status"],
                    "additionalProperties": false,
                    "properties": {
                        "status": {
                            "enum": ["booked", "arrived", "missed", "cancelled"],
                            "description": "`booked` confirms what was requested, `cancelled` declines it or cancels what was booked, `arrived` may be early, `missed` is refused as `wrong-status` before its start"
                        },
                        "reason": {
                            "type": ["string", "null"], "pattern": LINE, "maxLength": REASON,
                            "description": "For its person and the CRM: it is part of the event"
                        },
                        "by": {
                            "enum": ["patient", "site"],
                            "description": "On whose wish it is cancelled: after the deadline, the patient's own counts as late. `patient` where missing"
                        }
                    }
                },
                {
                    "type": "object",
                    "required": ["start"],
                    "additionalProperties": false,
                    "properties": {
                        "start": {"type": "string", "format": "date-time", "description": "A slot that is not over"},
                        "practitioner": {"type": ["string", "null"]},
                        "overbook": {
                            "type": ["string", "null"], "pattern": LINE, "maxLength": REASON,
                            "description": "Why it is squeezed in although all is taken"
                        }
                    }
                }
            ]
        }
    })
}
