//! A frozen submission, as the outbox keeps it.

use crm_element::json;
use wasm_bindgen::prelude::*;

/// A submission that passed the check. Its body is the same bytes at every sending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// The capability that allows it; empty where none is needed.
    pub token: String,
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
            ("token", self.token.as_str().into()),
            ("at", crm_element::time::now().into()),
        ])
    }

    /// The entry as the loader gives it back.
    pub fn from_js(entry: &JsValue) -> Self {
        let [key, site, form, url, body, token] =
            ["key", "site", "form", "url", "body", "token"].map(|name| json::get_text(entry, name));
        Self { key, site, form, url, body, token }
    }
}
