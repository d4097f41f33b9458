//! Answers that a browser may have already: known again by their hash, packed where it takes that.

use std::io;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::hex;
use crate::http::problem::Refusal;

/// What is answered, but for the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Fresh<'a> {
    /// Its media type.
    pub media: &'static str,
    /// Who may keep it, and how long without asking.
    pub cache: &'static str,
    /// Its [`tag`].
    pub tag: &'a str,
}

impl Fresh<'_> {
    /// The answer, or 304 where the browser has it. `body` makes the bytes, packed by Brotli where it is told so.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn answer(
        &self,
        headers: &HeaderMap,
        body: impl FnOnce(bool) -> Result<Bytes, Refusal>,
    ) -> Result<Response, Refusal> {
        let brotli = accepts(headers, "br");
        let tag = if brotli { format!("\"{}-br\"", self.tag) } else { format!("\"{}\"", self.tag) };
        let mut response = match matches(headers, &tag) {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => {
                let mut response = body(brotli)?.into_response();
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
                if brotli {
                    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
                }
                response
            }
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(Refusal::internal)?);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        Ok(response)
    }
}

/// By what content is known again: 16 hexadecimal digits of its SHA-256.
pub fn tag(content: &[u8]) -> String {
    hex::encode(&Sha256::digest(content)).chars().take(16).collect()
}

/// Packed by Brotli, with that quality of 0 to 11.
///
/// # Errors
/// None that is known: it writes to memory.
pub fn compress(content: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = BrotliEncoderParams { quality, size_hint: content.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &*content, &mut compressed, &parameters)?;
    Ok(compressed)
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
