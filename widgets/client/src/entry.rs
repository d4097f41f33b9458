//! A frozen submission, as the outbox keeps it.

use crm_element::json;
use wasm_bindgen::prelude::*;

/// A submission that passed the check. Its body is the same bytes at every sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Idempotency key: the same at every sending.
    pub key: String,
    /// The site's key; empty in direct mode.
    pub site: String,
    /// The form's id.
    pub form: String,
    /// Where it is posted.
    pub url: String,
    /// The JSON text.
    pub body: String,
}

impl Entry {
    /// The entry as the loader stores it.
    pub fn to_js(&self) -> JsValue {
        json::object(&[
            ("key", self.key.as_str().into()),
            ("site", self.site.as_str().into()),
            ("form", self.form.as_str().into()),
            ("url", self.url.as_str().into()),
            ("body", self.body.as_str().into()),
            ("at", crm_element::time::now().into()),
        ])
    }

    /// An entry as the loader stored it. `None` where something else wrote there.
    pub fn from_js(stored: &JsValue) -> Option<Self> {
        let text = |name: &str| json::get(stored, name).as_string();
        Some(Self { key: text("key")?, site: text("site")?, form: text("form")?, url: text("url")?, body: text("body")? })
    }

    /// The gateway it belongs to: the address before `v1/sites/…`. `None` in direct mode.
    pub fn gateway(&self) -> Option<&str> {
        self.url.split_once("v1/sites/").map(|(gateway, _)| gateway)
    }
}
