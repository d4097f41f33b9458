//! `/embed.js` and `/assets/…`: what `cargo xtask` built, inside this program, compressed beforehand.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rust_embed::{EmbeddedFile, RustEmbed};
use serde_json::json;

use crate::hex;
use crate::http::fresh::{accepts, matches};
use crate::http::problem::{Code, Refusal};
use crate::http::routes::{Cors, Operation, Routes};

/// A name with a hash in it never changes its content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The loader keeps its name, so that a page's script tag never has to change.
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=300");

#[derive(RustEmbed)]
#[folder = "target/assets/"]
#[allow_missing = true]
struct Assets;

/// Adds the routes of this file.
pub fn routes(routes: Routes) -> Routes {
    let file = json!({"*/*": {"schema": {}}});
    let loader = Operation::new("getLoader", "The script a page embeds")
        .cors(Cors::Any)
        .answer(200, "JavaScript", file.clone())
        .answer(304, "As it was", serde_json::Value::Null)
        .refuses(&[Code::NotFound]);
    let asset = Operation::new("getAsset", "A file the loader asks for, by its hashed name")
        .cors(Cors::Any)
        .path("name", json!({"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"}))
        .answer(200, "The file", file)
        .answer(304, "As it was", serde_json::Value::Null)
        .refuses(&[Code::NotFound]);
    routes.get("/embed.js", loader_script, loader).get("/assets/{name}", named, asset)
}

/// The name of the built file that starts and ends like this, e.g. `style-` and `.css`.
pub fn find(start: &str, end: &str) -> Option<String> {
    Assets::iter().find(|name| name.starts_with(start) && name.ends_with(end)).map(Into::into)
}

/// The hash of that file as a browser checks it: SHA-256 in base64.
pub fn integrity(start: &str, end: &str) -> Option<String> {
    let file = Assets::get(&find(start, end)?)?;
    Some(BASE64_STANDARD.encode(file.metadata.sha256_hash()))
}

async fn loader_script(headers: HeaderMap) -> Result<Response, Refusal> {
    serve("embed.js", &headers, SHORT)
}

async fn named(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Refusal> {
    serve(&name, &headers, FOREVER)
}

fn serve(name: &str, headers: &HeaderMap, keep: HeaderValue) -> Result<Response, Refusal> {
    let media = media_type(name).ok_or(Code::NotFound)?;
    let (file, encoding) = choose(name, headers).ok_or(Code::NotFound)?;
    let tag: String = hex::encode(&file.metadata.sha256_hash()).chars().take(16).collect();
    let tag = format!("\"{tag}\"");
    let mut response = if matches(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.into_response()
    };
    let sent = response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Refusal::internal)?);
    headers.insert(header::CACHE_CONTROL, keep);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding.filter(|_| sent) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Ok(response)
}

/// The smallest form of a file that the browser takes.
fn choose(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let twin = |(encoding, suffix): (&'static str, &str)| {
        let file = accepts(headers, encoding).then(|| Assets::get(&format!("{name}{suffix}")))??;
        Some((file, Some(encoding)))
    };
    [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(twin).or_else(|| Some((Assets::get(name)?, None)))
}

fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "json" => Some("application/json"),
        "wasm" => Some("application/wasm"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        _ => None,
    }
}
