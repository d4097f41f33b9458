//! `GET /v1/sites/{site}/slots`: the free slots of a window, all in one compact answer.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::desk::Desk;
use crate::http::desk::slots::Asked;
use crate::http::fresh::{self, Fresh};
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, openapi};

/// A compromise: the answer is made anew each time.
const QUALITY: i32 = 4;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let day = json!({"type": "string", "format": "date"});
    let operation = Operation::new("getSlots", "The free slots of a service")
        .cors(Cors::Site)
        .path("site", openapi::name())
        .query("service", true, openapi::name())
        .query("practitioner", false, openapi::name())
        .query("from", false, day.clone())
        .query("to", false, day)
        .answer(
            200,
            "The free slots by practitioner and place: of the days from `from` to `to` that can be booked now, of all of \
             them where neither is named",
            openapi::json("Slots"),
        )
        .answer(304, "As they were", Value::Null)
        .refuses(&[
            Code::Malformed,
            Code::UnknownSite,
            Code::UnknownService,
            Code::Internal,
            Code::Unavailable,
        ]);
    routes.get("/v1/sites/{site}/slots", show, operation)
}

#[derive(Deserialize)]
struct Window {
    service: String,
    practitioner: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
}

async fn show(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    window: Result<Query<Window>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let detail = "Name the service: ?service=…; `from` and `to` are days such as 2026-11-24.";
    let Query(Window { service, practitioner, from, to }) =
        window.map_err(|_| Refusal::new(Code::Malformed).detail(detail))?;
    let slots = Desk::of(&app, &site)?.slots(&Asked { service, practitioner, from, to }).await?;
    let json = serde_json::to_vec(&slots).map_err(Refusal::internal)?;
    // Never used without asking: it is old as soon as somebody books.
    let fresh = Fresh { media: "application/json", cache: "no-cache", tag: &fresh::tag(&json) };
    fresh.answer(&headers, |brotli| match brotli {
        true => fresh::compress(&json, QUALITY).map(Bytes::from).map_err(Refusal::internal),
        false => Ok(json.into()),
    })
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let range = json!({
        "type": "array",
        "description": "Day from `from`, minute of that day, minutes the clock is ahead of UTC, a digit for each slot: \
                        how many may still be booked, 9 meaning nine or more",
        "items": {"type": ["integer", "string"]},
        "minItems": 4,
        "maxItems": 4,
    });
    json!({
        "Slots": {
            "type": "object",
            "required": ["service", "timeZone", "minutes", "step", "from", "to", "rows"],
            "properties": {
                "service": openapi::name(),
                "timeZone": {"type": "string"},
                "minutes": {"type": "integer", "description": "How long one takes"},
                "step": {"type": "integer", "description": "Minutes from one start to the next"},
                "from": {"type": "string", "format": "date"},
                "to": {"type": "string", "format": "date"},
                "offset": {"type": "integer", "description": "Minutes the clock is ahead of UTC when slots open next, or now"},
                "opens": {"type": "string", "format": "date-time", "description": "When slots open next"},
                "rows": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["practitioner", "place", "ranges"],
                        "properties": {
                            "practitioner": openapi::name(),
                            "place": openapi::name(),
                            "ranges": {"type": "array", "items": range},
                        }
                    }
                }
            }
        }
    })
}
