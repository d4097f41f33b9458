//! The page around a hosted form.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crm_protocol::text::Lang;
use sha2::{Digest, Sha256};

use crate::http::problem::Refusal;
use crate::page::html;
use crate::texts;

/// Everything else is the element's own style.
const STYLE: &str = "html{color-scheme:light dark;background:light-dark(#fff,#14191c)}a{color:inherit}body{margin:0 auto;max-width:44rem;padding:clamp(1rem,4vw,3rem);\
font:1rem/1.5 system-ui,sans-serif}\
header{display:flex;flex-wrap:wrap;gap:.5rem 2rem;justify-content:space-between;align-items:baseline;margin-bottom:1.5rem}\
header h1{margin:0;font-size:1.125rem}nav{display:flex;gap:1rem}\
[role=alert]{border-inline-start:4px solid #b45309;padding:.75rem 1rem;margin-bottom:1.5rem}";

/// For the page's policy.
pub static STYLE_HASH: LazyLock<String> = LazyLock::new(|| BASE64_STANDARD.encode(Sha256::digest(STYLE)));

/// Links to the page in its other languages; nothing where there are none.
pub fn languages(all: &[Lang], shown: &Lang) -> String {
    if all.len() < 2 {
        return String::new();
    }
    let label = html::escape(texts::catalogue(shown).get("page.language"));
    let link = |lang: &Lang| {
        let current = if lang == shown { " aria-current=\"true\"" } else { "" };
        format!(
            "<a href=\"?lang={lang}\" hreflang=\"{lang}\" lang=\"{lang}\"{current}>{}</a>",
            own_name(lang)
        )
    };
    format!("<nav aria-label=\"{label}\">{}</nav>", all.iter().map(link).collect::<String>())
}

/// A language in its own words.
fn own_name(lang: &Lang) -> &str {
    match lang.as_str() {
        "en" => "English",
        "zh-CN" => "简体中文",
        "zh-TW" => "繁體中文",
        "ar" => "العربية",
        other => other,
    }
}

/// What has to be said before the form: title and text of that key.
pub fn notice(lang: &Lang, key: &str) -> String {
    let texts = texts::catalogue(lang);
    let text = |part: &str| html::escape(texts.get(&format!("{key}.{part}")));
    format!("<div role=\"alert\"><strong>{}</strong><p>{}</p></div>", text("title"), text("text"))
}

/// A page that only says something.
pub fn message(status: StatusCode, lang: &Lang, key: &str) -> Response {
    let texts = texts::catalogue(lang);
    let text = |part: &str| html::escape(texts.get(&format!("{key}.{part}")));
    let (title, body) =
        (text("title"), format!("<main><h1>{}</h1><p>{}</p></main>", text("title"), text("text")));
    let policy = format!("default-src 'none'; style-src 'sha256-{}'; frame-ancestors 'none'", *STYLE_HASH);
    document(status, &html::lang_and_dir(lang), &title, &body, &policy)
}

/// The policy of a page with an element on it: scripts and styles of the gateway only; forms go to the gateway, and from
/// there to `next`. The pages that embed elements may frame it.
pub fn own_policy(origins: &[String], next: &str) -> String {
    let ancestors = origins.join(" ");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'sha256-{}'; \
         connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self' {next}; \
         frame-ancestors 'self' {ancestors}",
        *STYLE_HASH
    )
}

/// A whole page under a policy.
pub fn document(status: StatusCode, head: &str, title: &str, body: &str, policy: &str) -> Response {
    let page = format!(
        "<!doctype html><html {head}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = (status, headers, page).into_response();
    match HeaderValue::from_str(policy) {
        Ok(policy) => drop(response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy)),
        Err(cause) => return Refusal::internal(cause).into_response(),
    }
    response
}
