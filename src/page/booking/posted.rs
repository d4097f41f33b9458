//! `POST /b/{site}`: what a browser without scripts sends to take a slot, book, move and cancel. Tokens travel in bodies
//! only. The page that follows is the answer itself: an address would have to carry the token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use crm_booking::choice::Choice;
use crm_booking::free::Time;
use crm_booking::state::{Flow, Hold};
use crm_protocol::booking::Held;
use crm_protocol::text::Lang;
use serde_json::json;

use super::hosted::{Wanted, flow, nothing, read};
use super::visit::Visit;
use crate::http::desk::Desk;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, cors, openapi};
use crate::page::document::{message, too_large};
use crate::page::post::Post;

/// Largest body.
const LARGEST: usize = 256 * 1024;

/// Adds the route of this file.
pub fn routes(routes: Routes) -> Routes {
    let page = json!({"text/html": {"schema": {"type": "string"}}});
    let names = json!({"pattern": "^[A-Za-z_][A-Za-z0-9_.-]{0,130}$"});
    let fields = json!({"schema": {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}});
    let mut operation = Operation::new(
        "postHostedBooking",
        "What a browser without scripts sends to take, book, move and cancel",
    )
    .cors(Cors::Any)
    .path("site", openapi::name())
    .query("lang", false, openapi::lang())
    .body(json!({"application/x-www-form-urlencoded": fields, "multipart/form-data": fields}))
    .answer(200, "The next step, or a file for calendars", page.clone());
    for (status, what) in [
        (400, "The same step: what was sent makes no sense"),
        (
            403,
            "The same step: booking is not possible for this person at the moment. Or a page: sent from elsewhere",
        ),
        (404, "The same step: there is no such thing, or no such site"),
        (409, "The same step, with the nearest free slots"),
        (413, "A page that says it is too large"),
        (422, "The same step, with what needs attention"),
        (429, "The same step, with the request to send it later"),
        (500, "The same step: it did not work"),
        (503, "The same step, with the request to send it later"),
    ] {
        operation = operation.answer(status, what, page.clone());
    }
    let operation = operation.refuses(&[Code::Malformed, Code::Timeout, Code::UnsupportedType]);
    routes.post("/b/{site}", submit, operation)
}

async fn submit(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(site): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let Wanted { lang, bare, .. } = read(query.as_deref().unwrap_or_default());
    let Ok(desk) = Desk::of(&app, &site) else { return Ok(nothing(lang.as_ref())) };
    let lang = desk.site.definition.language(lang.as_ref());
    if !cors::may_post(&app, &desk.site, headers.get(header::ORIGIN)) {
        return Ok(message(StatusCode::FORBIDDEN, &lang, "page.refused"));
    }
    let body = match body::read(&headers, body, LARGEST).await {
        Ok(body) => body,
        Err(refusal) => return too_large(refusal, &lang),
    };
    let post = Post::read(&headers, body).await?;
    let visit = Visit { flow: post_flow(&desk, &post, Some(&lang)).await?, desk, post, bare };
    visit.answer(visitor).await
}

/// The flow of what was posted: its choice, and the slot that is kept.
async fn post_flow(desk: &Desk, post: &Post, lang: Option<&Lang>) -> Result<Flow, Refusal> {
    let mut choice = match post.first("_go") {
        "" => Choice::default(),
        address => Choice::of_address(address),
    };
    if choice == Choice::default() {
        choice.set("service", post.first("_service"));
        choice.set("practitioner", post.first("_practitioner"));
    }
    let mut flow = flow(desk, lang, choice).await?;
    if let Some(held) = held(post, &flow) {
        flow.hold = Some(Hold { time: Time::of(&held), left: held.seconds, held, ends: 0.0 });
    }
    Ok(flow)
}

/// The slot that is kept, as the page has it.
fn held(post: &Post, flow: &Flow) -> Option<Held> {
    let of = |name| post.first(name).to_owned();
    Some(Held {
        id: of("_hold").parse().ok()?,
        token: of("_token"),
        service: flow.choice.service.clone()?,
        practitioner: flow.choice.who.as_ref()?.key()?.to_owned(),
        place: String::new(),
        start: of("_held"),
        end: String::new(),
        offset: of("_offset").parse().unwrap_or_default(),
        expires: of("_until"),
        // Not what is left, but that something is.
        seconds: 1,
    })
}
