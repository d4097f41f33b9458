//! The page around a hosted form.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use crm_protocol::text::Lang;
use sha2::{Digest, Sha256};

use crate::definitions::Site;
use crate::http::problem::{Code, Refusal};
use crate::page::{assets, html};
use crate::texts;

/// Everything else is the element's own style. What only scripts can do is not shown without them.
const STYLE: &str = "html{color-scheme:light dark;background:light-dark(#fff,#14191c)}a{color:inherit}body{margin:0 auto;max-width:44rem;padding:clamp(1rem,4vw,3rem);\
font:1rem/1.5 system-ui,sans-serif}\
header{display:flex;flex-wrap:wrap;gap:.5rem 2rem;justify-content:space-between;align-items:baseline;margin-bottom:1.5rem}\
header h1{margin:0;font-size:1.125rem}nav{display:flex;gap:1rem}nav [aria-current]{font-weight:600;text-decoration:none}\
[role=alert]{border-inline-start:4px solid #b45309;padding:.75rem 1rem;margin-bottom:1.5rem}\
@media(scripting:none){::part(copy){display:none}}";

/// For the page's policy.
pub static STYLE_HASH: LazyLock<String> = LazyLock::new(|| BASE64_STANDARD.encode(Sha256::digest(STYLE)));

/// Links to the page in its other languages; nothing where there are none.
fn languages(all: &[Lang], shown: &Lang) -> String {
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
fn own_policy(origins: &[String], next: &str) -> String {
    let ancestors = origins.join(" ");
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'sha256-{}'; \
         connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self' {next}; \
         frame-ancestors 'self' {ancestors}",
        *STYLE_HASH
    )
}

/// An element on a page of its own, with what it shows first inside.
pub struct Element<'a> {
    /// Its tag.
    pub tag: &'a str,
    /// Attributes besides site and language, each with a space behind it.
    pub attributes: &'a str,
    /// How the names of its style sheets start.
    pub sheets: &'a [&'a str],
    /// The HTML of its first view.
    pub base: &'a str,
    /// JSON for whoever takes that over.
    pub data: &'a str,
    /// The page's title, escaped.
    pub title: &'a str,
    /// What has to be said before it, as HTML.
    pub notice: &'a str,
    /// Whether scripts may take it over.
    pub scripts: bool,
    /// The origin its form leads to from the gateway; empty where it stays here.
    pub next: &'a str,
}

impl Element<'_> {
    /// A whole page of a site around it.
    pub fn page(&self, status: StatusCode, site: &Site, lang: &Lang) -> Response {
        let Self { tag, attributes, base, data, notice, .. } = self;
        let key = &site.key;
        let head = html::lang_and_dir(lang);
        let sheet = |name: String| format!("<link rel=\"stylesheet\" href=\"/assets/{name}\">");
        let sheets = self.sheets.iter().filter_map(|start| assets::find(start, ".css"));
        let sheets: String = sheets.map(sheet).collect();
        let loader = assets::find("embed.js", "embed.js")
            .filter(|_| self.scripts)
            .map(|_| format!("<script type=\"module\" src=\"/embed.js?site={key}\"></script>"))
            .unwrap_or_default();
        let name = html::escape(site.name.get(lang));
        let languages = languages(&site.languages, lang);
        let body = format!(
            "<header><h1>{name}</h1>{languages}</header>{notice}<main><{tag} site=\"{key}\" {attributes}lang=\"{lang}\">\
             <template shadowrootmode=\"open\">{sheets}<script type=\"application/json\" id=\"view\">{data}</script>\
             <div part=\"base\" {head}>{base}</div></template></{tag}></main>{loader}"
        );
        document(status, &head, self.title, &body, &own_policy(&site.origins, self.next))
    }
}

/// A page that says that too much was sent; other refusals stay what they are.
///
/// # Errors
/// Those.
pub fn too_large(refusal: Refusal, lang: &Lang) -> Result<Response, Refusal> {
    match refusal.code {
        Code::TooLarge => Ok(message(StatusCode::PAYLOAD_TOO_LARGE, lang, "page.too-large")),
        _ => Err(refusal),
    }
}

/// A whole page under a policy.
fn document(status: StatusCode, head: &str, title: &str, body: &str, policy: &str) -> Response {
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
