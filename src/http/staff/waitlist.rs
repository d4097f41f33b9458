//! `GET …/waitlist`: who waits, in the order of their turns.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use crm_protocol::booking::Turn;
use crm_protocol::id::WaitingId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::appointments::{PAGE, key, page_size};
use super::entry::{Said, Written, written_in};
use super::{Staff, operation};
use crate::http::desk::written;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::Routes;
use crate::http::{App, body, openapi};
use crate::store::booking::{ListWaiting, ListedWaiting, StoredHold};
use crate::store::staff::Permission;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let list = operation("listWaiting", "Who waits for a slot, with what they wrote")
        .query("service", false, openapi::name())
        .query("limit", false, json!({"type": "integer", "minimum": 1, "maximum": PAGE.1, "default": PAGE.0}))
        .query("after", false, json!({"type": "string", "pattern": "^wait_[0-9a-f]{32}$", "description": "`next` of the page before"}))
        .answer(200, "A page, whose turn comes first before", openapi::json("StaffWaitlist"))
        .refuses(&[Code::Malformed]);
    routes.get("/console/api/sites/{site}/waitlist", show, list)
}

#[derive(Debug, Deserialize)]
struct Asked {
    service: Option<String>,
    limit: Option<u32>,
    after: Option<WaitingId>,
}

/// A page of the list.
#[derive(Debug, Serialize)]
struct Page {
    waiting: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<WaitingId>,
}

/// Somebody who waits.
#[derive(Debug, Serialize)]
struct Entry {
    id: WaitingId,
    turn: Turn,
    service: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    practitioner: Option<String>,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    since: String,
    answers: Vec<Said>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    spam: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<Offer>,
}

/// What is kept for them.
#[derive(Debug, Serialize)]
struct Offer {
    practitioner: String,
    place: String,
    start: String,
    expires: String,
}

async fn show(
    State(app): State<Arc<App>>,
    staff: Staff,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let desk = staff.may(Permission::Read)?;
    let detail = "`limit` is a number, `after` the `next` of the page before.";
    let Query(asked) = asked.map_err(|_| Refusal::new(Code::Malformed).detail(detail))?;
    let limit = page_size(asked.limit)?;
    let list = ListWaiting {
        site: desk.key().to_owned(),
        service: key(asked.service)?,
        after: asked.after,
        limit: limit + 1,
    };
    let mut found = app.store.run(list).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    staff.did("waitlist.list", "");
    let next = found.last().filter(|_| more).map(|last| last.waiting.wanted.id);
    body::private(StatusCode::OK, &Page { waiting: found.into_iter().map(entry).collect(), next })
}

fn entry(ListedWaiting { waiting, since, body }: ListedWaiting) -> Entry {
    let offer = |hold: StoredHold| Offer {
        practitioner: hold.slot.practitioner,
        place: hold.slot.place,
        start: written(hold.slot.start),
        expires: written(hold.expires_at),
    };
    let Written { answers, spam } = written_in(&body);
    Entry {
        id: waiting.wanted.id,
        turn: waiting.turn,
        service: waiting.wanted.service,
        practitioner: waiting.wanted.practitioner,
        from: waiting.wanted.from_day,
        to: waiting.wanted.to_day,
        since: written(since),
        answers,
        spam,
        offer: waiting.offer.map(offer),
    }
}

/// The JSON Schemas of this file's types.
pub fn schemas() -> Value {
    let instant = json!({"type": "string", "format": "date-time"});
    let (day, key) = (json!({"type": "string", "format": "date"}), openapi::name());
    json!({
        "StaffWaitlist": {
            "type": "object",
            "required": ["waiting"],
            "properties": {
                "waiting": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id", "turn", "service", "from", "since", "answers"],
                        "properties": {
                            "id": {"type": "string", "pattern": "^wait_[0-9a-f]{32}$"},
                            "turn": {"enum": ["waiting", "offered"]},
                            "service": key, "practitioner": key,
                            "from": day, "to": day,
                            "since": instant,
                            "answers": {"$ref": "#/components/schemas/Answers"},
                            "spam": {"type": "boolean", "description": "A robot filled the trap; missing where not"},
                            "offer": {
                                "type": "object",
                                "description": "What is kept for them",
                                "required": ["practitioner", "place", "start", "expires"],
                                "properties": {"practitioner": key, "place": key, "start": instant, "expires": instant}
                            }
                        }
                    }
                },
                "next": {"type": "string", "description": "Where the next page begins; missing on the last"}
            }
        }
    })
}
