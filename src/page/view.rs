//! The first view of an element: public HTML, the same bytes for every visitor of a site, form and language, with the
//! form's definition inside, so that hydration needs no second request.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use crm_contact::Plain;
use crm_protocol::text::Lang;
use crm_protocol::view::FormView;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::hex;
use crate::http::forms::Wanted;
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
        let tag = hex::encode(&Sha256::digest(&html)).chars().take(16).collect();
        Ok(Self { revision, tag, brotli: compress(html.as_bytes())?.into(), html: html.into() })
    }
}

fn compress(html: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = BrotliEncoderParams { quality: QUALITY, size_hint: html.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*html, &mut compressed, &parameters)?;
    Ok(compressed)
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
    let brotli = accepts(headers, "br");
    let tag = if brotli { format!("\"{}-br\"", view.tag) } else { format!("\"{}\"", view.tag) };
    let mut response = if matches(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = if brotli { view.brotli.clone() } else { view.html.clone() };
        ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], body).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Refusal::internal)?);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=60, stale-while-revalidate=86400"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if brotli && response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    Ok(response)
}

/// Whether the browser takes that encoding.
pub fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| {
        let mut parts = part.split(';').map(str::trim);
        parts.next() == Some(encoding)
            && !parts.any(|weight| weight.starts_with("q=0") && weight.trim_end_matches(['0', '.']) == "q=")
    })
}

/// Whether the browser has this very version.
pub fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_may_be_refused_by_its_weight() {
        let with = |value: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
        };
        assert!(accepts(&with("gzip, deflate, br, zstd"), "br"));
        assert!(accepts(&with("br;q=0.5"), "br"));
        assert!(!accepts(&with("br;q=0, gzip"), "br"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }
}
