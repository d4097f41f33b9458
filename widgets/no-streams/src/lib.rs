//! What Leptos' server functions need of the crate `wasm-streams` to compile, and nothing that streams.
//!
//! No widget has a server function. But the real crate exports what JavaScript calls back, and what is exported stays in
//! the module with all it uses, down to the texts of I/O errors: 9 KB that nobody runs. The workspace's
//! `[patch.crates-io]` puts this in its place.

use futures_util::stream::{Stream, empty};
use wasm_bindgen::{JsCast, JsValue};

/// A stream of the browser.
#[derive(Debug)]
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Wraps the browser's object.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// Not a stream: nothing is ever sent as one.
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        Self(JsValue::NULL.unchecked_into())
    }

    /// The browser's object.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Ends at once: nothing is ever received as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> + 'static {
        empty()
    }
}
