//! `/f/{site}/{form}`: a form as a page of its own. Works without scripts: the browser posts the form by itself, errors
//! come back in the page with everything that was typed, and success leads to a page with the receipt.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use crm_contact::Plain;
use crm_protocol::check::FieldError;
use crm_protocol::draft::Draft;
use crm_protocol::form::Form;
use crm_protocol::submission::{Context, Receipt, Signals, SubmissionRequest};
use crm_protocol::text::Lang;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::http::intake::accept;
use crate::http::keyed::Keyed;
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Operation, Routes};
use crate::http::visitor::Visitor;
use crate::http::{App, body, challenge, openapi};
use crate::page::document::{Element, message, notice, too_large};
use crate::page::html;
use crate::page::post::Post;
use crate::page::ticket::{self, Ticket};
use crate::page::view::form_view;
use crate::sites::LiveSite;

/// Largest body: some files.
const LARGEST: usize = 25 * 1024 * 1024;

/// Most that may be typed, as in the API.
const TYPED: usize = 256 * 1024;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let page = json!({"text/html": {"schema": {"type": "string"}}});
    let show_it = Operation::new("getHostedForm", "A form as a page of its own")
        .path("site", openapi::name())
        .path("form", openapi::name())
        .query("lang", false, openapi::lang())
        .query(
            "done",
            false,
            json!({"type": "string", "description": "The signed receipt of an accepted form"}),
        )
        .answer(200, "The page", page.clone())
        .answer(404, "A page that says there is no such form", page.clone())
        .refuses(&[Code::Malformed, Code::Internal]);
    let names = json!({"pattern": "^[A-Za-z_][A-Za-z0-9_.-]{0,130}$"});
    let fields = json!({"schema": {"type": "object", "propertyNames": names, "additionalProperties": {"type": "string"}}});
    let post_it = Operation::new("postHostedForm", "What a browser without scripts sends")
        .path("site", openapi::name())
        .path("form", openapi::name())
        .query("lang", false, openapi::lang())
        .body(json!({"application/x-www-form-urlencoded": fields, "multipart/form-data": fields}))
        .answer(303, "Accepted: the page with the receipt", serde_json::Value::Null)
        .answer(404, "A page that says there is no such form", page.clone())
        .answer(413, "A page that says it is too large", page.clone())
        .answer(422, "The page again, with what needs attention", page.clone())
        .answer(429, "The page again, with the request to send it later", page.clone())
        .answer(500, "A page that says it was not stored", page.clone())
        .answer(503, "The page again, with the request to send it later", page)
        .refuses(&[Code::Malformed, Code::Timeout, Code::UnsupportedType]);
    routes.get("/f/{site}/{form}", show, show_it).post("/f/{site}/{form}", submit, post_it)
}

#[derive(Default, Deserialize)]
struct Wanted {
    lang: Option<Lang>,
    done: Option<String>,
}

/// A form that is shown or was sent.
pub(super) struct Place {
    pub(super) app: Arc<App>,
    pub(super) site: Arc<LiveSite>,
    pub(super) form: Arc<Form>,
    pub(super) lang: Lang,
}

/// What is shown beside the form.
#[derive(Default)]
struct Shown {
    draft: Draft,
    errors: Vec<FieldError>,
    receipt: Option<String>,
    /// First part of the keys of a title and a text, e.g. `page.busy`.
    notice: Option<&'static str>,
}

async fn show(
    State(app): State<Arc<App>>,
    Path((site, form)): Path<(String, String)>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(wanted) = wanted
        .map_err(|_| Refusal::new(Code::Malformed).detail("`lang` is a language tag such as en or zh-CN."))?;
    let Some(place) = Place::find(app, &site, &form, wanted.lang.as_ref()) else {
        return Ok(message(StatusCode::NOT_FOUND, &wanted.lang.unwrap_or_default(), "page.not-found"));
    };
    let signed = wanted.done.as_deref().unwrap_or_default();
    let receipt = ticket::read_receipt(&place.app.keys, &site, &form, signed).map(str::to_owned);
    place.page(StatusCode::OK, Shown { receipt, ..Shown::default() }).await
}

async fn submit(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path((site, form)): Path<(String, String)>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let lang = wanted.map_err(|_| Code::Malformed)?.0.lang;
    let Some(place) = Place::find(app, &site, &form, lang.as_ref()) else {
        return Ok(message(StatusCode::NOT_FOUND, &lang.unwrap_or_default(), "page.not-found"));
    };
    let body = match body::read(&headers, body, LARGEST).await {
        Ok(body) => body,
        Err(refusal) => return too_large(refusal, &place.lang),
    };
    let post = Post::read(&headers, body).await?;
    if post.typed() > TYPED {
        return too_large(Code::TooLarge.into(), &place.lang);
    }
    let mut draft = post.draft(&place.form);
    let now = challenge::now();
    let Some(ticket) = ticket::read(&place.app.keys, &site, &form, post.ticket(), now) else {
        return place.again(draft, "page.expired", StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match place.store(visitor, post, &mut draft, ticket).await {
        Ok(receipt) => place.thank(&receipt),
        Err(refusal) => place.refused(refusal, draft).await,
    }
}

impl Place {
    fn find(app: Arc<App>, site: &str, form: &str, lang: Option<&Lang>) -> Option<Self> {
        let site = app.sites.get(site)?;
        let (lang, form) = site.form(form, lang)?;
        Some(Self { app, site, form, lang })
    }

    /// Stores a submission. Files that were taken are in the draft afterwards, also where the rest was refused.
    async fn store(
        &self,
        visitor: Visitor,
        post: Post,
        draft: &mut Draft,
        ticket: Ticket,
    ) -> Result<String, Refusal> {
        let definition = &self.site.definition;
        self.app.limits.hosted(visitor, &definition.key, definition.limits.submissions_per_minute)?;
        let body_sha256 = post.sha256();
        let seconds = challenge::now().saturating_sub(ticket.made);
        let signals = Signals {
            trap: post.trapped(),
            elapsed: u32::try_from(seconds.saturating_mul(1_000)).unwrap_or(u32::MAX),
        };
        self.upload(visitor, post.files, draft).await?;
        let request = SubmissionRequest {
            form: self.form.id.clone(),
            version: Some(self.form.version),
            lang: self.lang.clone(),
            answers: draft.clone(),
            context: Context { page: Some(self.address()), ..Context::default() },
            signals,
        };
        let keyed = Keyed { request, key: &ticket.key, body_sha256, work: None };
        let receipt = accept(&self.app, &self.site, keyed).await?;
        serde_json::from_str(&receipt).map(|receipt: Receipt| receipt.receipt).map_err(Refusal::internal)
    }

    async fn refused(&self, refusal: Refusal, draft: Draft) -> Result<Response, Refusal> {
        match refusal.code {
            Code::InvalidAnswers => {
                let shown = Shown { draft, errors: refusal.errors, ..Shown::default() };
                self.page(StatusCode::UNPROCESSABLE_ENTITY, shown).await
            }
            // The visitor went back and changed something: another submission, which needs another key.
            Code::KeyReused => self.again(draft, "page.expired", StatusCode::UNPROCESSABLE_ENTITY).await,
            Code::TooMany => self.again(draft, "page.busy", StatusCode::TOO_MANY_REQUESTS).await,
            Code::Unavailable => {
                tracing::warn!(cause = refusal.cause, "a hosted form could not be stored");
                self.again(draft, "page.busy", StatusCode::SERVICE_UNAVAILABLE).await
            }
            _ => {
                tracing::error!(cause = refusal.cause, "a hosted form could not be stored");
                Ok(message(StatusCode::INTERNAL_SERVER_ERROR, &self.lang, "page.failed"))
            }
        }
    }

    async fn again(
        &self,
        draft: Draft,
        notice: &'static str,
        status: StatusCode,
    ) -> Result<Response, Refusal> {
        self.page(status, Shown { draft, notice: Some(notice), ..Shown::default() }).await
    }

    /// Leads to a page that may be reloaded without sending anything again, or to where the form says.
    fn thank(&self, receipt: &str) -> Result<Response, Refusal> {
        let (site, form) = (&self.site.definition.key, &self.form.id);
        let next = match self.elsewhere() {
            Some(address) => address.to_owned(),
            None => {
                let signed = ticket::sign_receipt(&self.app.keys, site, form, receipt);
                format!("/f/{site}/{form}?lang={}&done={signed}", self.lang)
            }
        };
        let next = HeaderValue::from_str(&next).map_err(Refusal::internal)?;
        let headers =
            [(header::LOCATION, next), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
        Ok((StatusCode::SEE_OTHER, headers).into_response())
    }

    /// Where the form leads after it was sent. A path means the embedding site, which is not here.
    fn elsewhere(&self) -> Option<&str> {
        self.form.thanks.redirect.as_deref().filter(|address| address.starts_with("https://"))
    }

    fn address(&self) -> String {
        format!("{}/f/{}/{}", self.app.public_url, self.site.definition.key, self.form.id)
    }

    async fn page(&self, status: StatusCode, shown: Shown) -> Result<Response, Refusal> {
        let (site, form, lang) = (&self.site.definition.key, &self.form.id, &self.lang);
        let view = form_view(&self.site, form, Some(lang)).ok_or(Code::UnknownForm)?;
        let data = html::json(&view).map_err(Refusal::internal)?;
        let title = html::escape(self.form.title.as_str());
        let key = Uuid::new_v4().simple().to_string();
        let files = self.kept(&shown.draft).await;
        // A script that took the form over would start without the files.
        let scripts = files.is_empty();
        let plain = Plain {
            ticket: Some(ticket::issue(&self.app.keys, site, form, &key, challenge::now())),
            draft: shown.draft,
            errors: shown.errors,
            files,
            receipt: shown.receipt,
        };
        let notice = shown.notice.map(|key| notice(lang, key)).unwrap_or_default();
        let base = crm_contact::render(view, &plain);
        let element = Element {
            tag: "crm-contact",
            attributes: &format!("form=\"{form}\" "),
            sheets: &["style-"],
            base: &base,
            data: &data,
            title: &title,
            notice: &notice,
            scripts,
            next: &self.next(),
        };
        Ok(element.page(status, &self.site.definition, lang))
    }

    /// The origin the form leads to from here, for the page's policy.
    fn next(&self) -> String {
        let next = self.elsewhere().and_then(|address| url::Url::parse(address).ok());
        next.map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}
