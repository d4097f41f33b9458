//! The HTML around the view of a booking.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crm_booking::choice::Choice;
use crm_booking::state::Flow;
use crm_protocol::booking::Offer;
use crm_protocol::check::FieldError;
use crm_protocol::draft::Draft;
use serde::Serialize;
use serde_json::{Value, json};

use crate::http::problem::Refusal;
use crate::page::document::Element;
use crate::page::{assets, html};
use crate::sites::LiveSite;

/// What a first view carries for the loader and for the module that takes it over, see `crm_booking::booking::FirstView`.
#[derive(Serialize)]
pub struct Data<'a> {
    /// The loader looks for fields here; the services' forms are in the offer.
    form: Value,
    /// The script that takes it over, and its style: names and hashes.
    app: Option<(&'static str, String)>,
    style: Option<(&'static str, String)>,
    /// The parameters of the choice's address.
    choice: String,
    offer: &'a Offer,
}

impl<'a> Data<'a> {
    /// Of an offer, and the choice that is shown.
    pub fn new(offer: &'a Offer, choice: &Choice) -> Self {
        let asset =
            |name: &'static str, end: &str| Some((name, assets::integrity(&format!("{name}-"), end)?));
        Self {
            form: json!({"id": "booking", "pages": []}),
            app: asset("booking", ".js"),
            style: asset("booking-style", ".css"),
            choice: query(choice),
            offer,
        }
    }
}

/// The parameters of a choice, behind `?`.
pub fn query(choice: &Choice) -> String {
    let pairs: Vec<String> = choice.pairs().map(|(name, value)| format!("{name}={value}")).collect();
    format!("?{}", pairs.join("&"))
}

/// What a page shows.
#[derive(Default)]
pub struct Shown {
    /// What was typed, where a form is shown again.
    pub draft: Draft,
    /// What was wrong with it.
    pub errors: Vec<FieldError>,
    /// Whether scripts may take the page over: they would start without what was posted.
    pub scripts: bool,
    /// Whether the element asks for it, where WebAssembly is forbidden: then nothing is around the view, least of all a
    /// style that the embedding page's policy would report.
    pub bare: bool,
}

/// A hosted page in that state.
///
/// # Errors
/// The data cannot be written.
pub fn page(status: StatusCode, site: &LiveSite, flow: Flow, shown: &Shown) -> Result<Response, Refusal> {
    let offer = flow.offer.clone();
    let data = html::json(&Data::new(&offer, &flow.choice)).map_err(Refusal::internal)?;
    let base = crm_booking::render(flow, &shown.draft, &shown.errors);
    if shown.bare {
        let head = html::lang_and_dir(&offer.lang);
        return Ok(bare(status, &format!("<div part=\"base\" {head}>{base}</div>")));
    }
    let element = Element {
        tag: "crm-booking",
        attributes: "",
        sheets: &["style-", "booking-style-"],
        base: &base,
        data: &data,
        title: &html::escape(offer.texts.get("booking.title.department")),
        notice: "",
        scripts: shown.scripts,
        next: "",
    };
    Ok(element.page(status, &site.definition, &offer.lang))
}

fn bare(status: StatusCode, base: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, format!("<!doctype html><title>-</title>{base}")).into_response()
}
