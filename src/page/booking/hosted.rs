//! `GET /b/{site}`: booking as a page of its own, with the free slots of this moment. Every choice is a link, so nothing
//! needs scripts; taking a slot is a form, see [`super::posted`].

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use crm_booking::choice::Choice;
use crm_booking::phase::Trouble;
use crm_booking::state::{Around, Flow};
use crm_protocol::text::Lang;
use serde_json::json;
use uuid::Uuid;

use super::page::{Shown, page};
use crate::booking::offer::Filter;
use crate::http::desk::Desk;
use crate::http::desk::slots::Asked;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, challenge, openapi};
use crate::page::document::message;
use crate::page::ticket;

/// What the tickets of this page are for, in the place of a form.
pub const TICKET: &str = "booking";

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let html = json!({"text/html": {"schema": {"type": "string"}}});
    let text = json!({"type": "string"});
    let operation = Operation::new(
        "getHostedBooking",
        "Booking as a page of its own, at the step of a choice",
    )
    .cors(Cors::Any)
    .path("site", openapi::name())
    .query("lang", false, text.clone())
    .query("department", false, text.clone())
    .query("service", false, text.clone())
    .query("practitioner", false, json!({"type": "string", "description": "`any`: whoever is free first"}))
    .query("day", false, text.clone())
    .query(
        "bare",
        false,
        json!({"type": "string", "description": "The view alone, for the element without WebAssembly"}),
    )
    .query("as", false, json!({"type": "string", "description": "`list`: the days as a list"}))
    .answer(200, "The page", html.clone())
    .answer(404, "A page that says there is nothing to book", html)
    .refuses(&[Code::Internal]);
    super::posted::routes(routes.get("/b/{site}", show, operation))
}

async fn show(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let Wanted { lang, choice, bare } = read(query.as_deref().unwrap_or_default());
    let Ok(desk) = Desk::of(&app, &site) else { return Ok(nothing(lang.as_ref())) };
    let flow = flow(&desk, lang.as_ref(), choice).await?;
    page(StatusCode::OK, &desk.site, flow, &Shown { scripts: true, bare, ..Shown::default() })
}

/// What a query asks for.
#[derive(Default)]
pub struct Wanted {
    /// The language.
    pub lang: Option<Lang>,
    /// The choice.
    pub choice: Choice,
    /// The view alone, see [`Shown::bare`].
    pub bare: bool,
}

/// Reads a query.
pub fn read(query: &str) -> Wanted {
    let mut wanted = Wanted::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "lang" => wanted.lang = Lang::parse(&value),
            "bare" => wanted.bare = true,
            // A slot is taken by a form only.
            "start" => {}
            name => wanted.choice.set(name, &value),
        }
    }
    wanted
}

/// A page that says there is nothing to book.
pub fn nothing(lang: Option<&Lang>) -> Response {
    message(StatusCode::NOT_FOUND, &lang.cloned().unwrap_or_default(), "page.no-booking")
}

/// The flow at the step of a choice, with a fresh ticket and the free slots of this moment.
///
/// # Errors
/// The database's are none: then the page says that slots cannot be shown.
pub async fn flow(desk: &Desk, lang: Option<&Lang>, choice: Choice) -> Result<Flow, Refusal> {
    let offer = Arc::new(desk.offer(lang, Filter::default())?);
    let key = Uuid::new_v4().simple().to_string();
    let ticket = ticket::issue(&desk.app.keys, desk.key(), TICKET, &key, challenge::now());
    let around = Around { root: "/".to_owned(), ticket: Some(ticket), ..Around::default() };
    let mut flow = Flow::new(offer, choice, around);
    with_slots(desk, &mut flow).await;
    Ok(flow)
}

/// Asks for the free slots of the service that the flow is about.
pub async fn with_slots(desk: &Desk, flow: &mut Flow) {
    let Some(service) = flow.service().map(|service| service.key.clone()) else { return };
    match desk.slots(&Asked { service, ..Asked::default() }).await {
        Ok(slots) => flow.show(slots),
        Err(refusal) => {
            tracing::warn!(cause = refusal.cause, "free slots could not be shown");
            flow.miss(Trouble::Unreachable);
        }
    }
}
