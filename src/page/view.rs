//! The first view of an element: public HTML, the same bytes for every visitor of a site, form and language, with the
//! form's definition inside, so that hydration needs no second request.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use crm_contact::Plain;
use crm_protocol::text::Lang;
use crm_protocol::view::FormView;
use serde_json::json;

use crate::http::forms::Wanted;
use crate::http::fresh::{self, Fresh};
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};
use crate::http::{App, openapi};
use crate::page::html;
use crate::sites::LiveSite;
use crate::texts;

/// Rendered views kept at the same time.
const KEPT: usize = 512;
const QUALITY: i32 = 11;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let html = json!({"text/html": {"schema": {"type": "string"}}});
    let operation = Operation::new(
        "getContactView",
        "The first view of <crm-contact>, with the form's definition inside",
    )
    .cors(Cors::Any)
    .path("site", openapi::name())
    .path("form", openapi::name())
    .query("lang", false, openapi::lang())
    .answer(200, "HTML", html)
    .answer(304, "As it was", serde_json::Value::Null)
    .refuses(&[Code::Malformed, Code::UnknownSite, Code::UnknownForm, Code::Internal]);
    routes.get("/view/contact/{site}/{form}", show, operation)
}

/// The form as one page shows it.
pub fn form_view(site: &LiveSite, form: &str, lang: Option<&Lang>) -> Option<FormView> {
    let (lang, form) = site.form(form, lang)?;
    Some(FormView {
        site: site.definition.key.clone(),
        form: (*form).clone(),
        texts: texts::catalogue(&lang).clone().for_form(&form),
        challenge: site.definition.challenge.enabled,
        lang,
    })
}

/// Rendered views, in memory.
#[derive(Debug, Default)]
pub struct Views(Mutex<HashMap<Key, Arc<View>>>);

/// Site, what of it, language.
pub(super) type Key = (String, String, Lang);

/// What a view is made of.
pub(super) struct Parts {
    pub lang: Lang,
    pub title: String,
    /// JSON, as it may stand in a `<script>`.
    pub data: String,
    /// The HTML inside the base.
    pub base: String,
}

/// A rendered view.
#[derive(Debug)]
pub(super) struct View {
    revision: i64,
    tag: String,
    html: Bytes,
    brotli: Bytes,
}

impl Views {
    /// The view, rendered now if it was not yet, or if the site is of another revision.
    pub(super) async fn get(
        &self,
        key: Key,
        revision: i64,
        render: impl FnOnce() -> io::Result<Parts> + Send + 'static,
    ) -> Result<Arc<View>, Refusal> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(kept) = kept.filter(|kept| kept.revision == revision) {
            return Ok(kept);
        }
        let rendered = tokio::task::spawn_blocking(move || View::new(&render()?, revision)).await;
        let view = Arc::new(rendered.map_err(Refusal::internal)?.map_err(Refusal::internal)?);
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if views.len() >= KEPT {
            views.clear();
        }
        views.insert(key, view.clone());
        Ok(view)
    }
}

fn render(view: FormView) -> io::Result<Parts> {
    let (lang, title) = (view.lang.clone(), view.form.title.as_str().to_owned());
    let data = html::json(&view)?;
    Ok(Parts { lang, title, data, base: crm_contact::render(view, &Plain::default()) })
}

impl View {
    fn new(parts: &Parts, revision: i64) -> io::Result<Self> {
        let Parts { lang, title, data, base } = parts;
        let (head, title) = (html::lang_and_dir(lang), html::escape(title));
        let html = format!(
            "<!doctype html><html {head}><head><meta charset=utf-8><title>{title}</title></head><body>\
             <script type=\"application/json\" id=\"view\">{data}</script><div part=\"base\" {head}>{base}</div></body></html>"
        );
        let brotli = fresh::compress(html.as_bytes(), QUALITY)?.into();
        Ok(Self { revision, tag: fresh::tag(html.as_bytes()), brotli, html: html.into() })
    }
}

async fn show(
    State(app): State<Arc<App>>,
    Path((site, form)): Path<(String, String)>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lang = Wanted::read(wanted)?;
    let site = app.site(&site)?;
    let view = form_view(&site, &form, lang.as_ref()).ok_or(Code::UnknownForm)?;
    let key = (view.site.clone(), view.form.id.clone(), view.lang.clone());
    answer(&headers, &*app.views.get(key, site.revision, || render(view)).await?)
}

/// The view as the browser takes it, or 304 where it has it.
pub(super) fn answer(headers: &HeaderMap, view: &View) -> Result<Response, Refusal> {
    let fresh = Fresh {
        media: "text/html; charset=utf-8",
        cache: "public, max-age=60, stale-while-revalidate=86400",
        tag: &view.tag,
    };
    fresh.answer(headers, |brotli| Ok(if brotli { view.brotli.clone() } else { view.html.clone() }))
}
