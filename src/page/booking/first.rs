//! The first view of `<crm-booking>`: public HTML, the same bytes for every visitor. It holds no free slots, which go
//! stale: the element asks for them.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use crm_booking::choice::Choice;
use crm_booking::state::{Around, Flow};
use crm_protocol::text::Lang;
use serde::Deserialize;
use serde_json::{Value, json};

use super::page::{Data, query};
use crate::booking::offer::Filter;
use crate::http::desk::Desk;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, openapi};
use crate::page::html;
use crate::page::view::{Parts, answer};

/// Texts that only pages without scripts have.
const OF_PAGES: [&str; 2] = ["booking.expired", "booking.look"];

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let html = json!({"text/html": {"schema": {"type": "string"}}});
    let text = json!({"type": "string"});
    let operation = Operation::new(
        "getBookingView",
        "The first view of <crm-booking>, with everything that can be booked inside",
    )
    .cors(Cors::Any)
    .path("site", openapi::name())
    .query("lang", false, openapi::lang())
    .query("service", false, text.clone())
    .query("department", false, text)
    .answer(200, "HTML", html)
    .answer(304, "As it was", Value::Null)
    .refuses(&[Code::Malformed, Code::UnknownSite, Code::UnknownService, Code::Internal]);
    routes.get("/view/booking/{site}", show, operation)
}

#[derive(Default, Deserialize)]
struct Wanted {
    lang: Option<Lang>,
    service: Option<String>,
    department: Option<String>,
}

async fn show(
    State(app): State<Arc<App>>,
    Path(site): Path<String>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Query(Wanted { lang, service, department }) = wanted
        .map_err(|_| Refusal::new(Code::Malformed).detail("`lang` is a language tag such as en or zh-CN."))?;
    let desk = Desk::of(&app, &site)?;
    let mut offer = desk.offer(lang.as_ref(), Filter::default())?;
    offer.texts = offer.texts.without(&OF_PAGES);
    let mut choice = Choice { service, department, ..Choice::default() };
    // Only what the site offers is left of it: views are kept by what they show.
    choice.settle(&offer);
    let key = (desk.key().to_owned(), format!("booking{}", query(&choice)), offer.lang.clone());
    let render = move || {
        let data = html::json(&Data::new(&offer, &choice))?;
        let title = offer.texts.get("booking.title.department").to_owned();
        let lang = offer.lang.clone();
        let flow = Flow::new(Arc::new(offer), choice, Around { root: "/".to_owned(), ..Around::default() });
        let base = crm_booking::render(flow, &Default::default(), &[]);
        Ok(Parts { lang, title, data, base })
    };
    answer(&headers, &*app.views.get(key, desk.site.revision, render).await?)
}
