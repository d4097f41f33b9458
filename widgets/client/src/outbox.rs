//! Where frozen submissions wait until somebody has answered for them.
//!
//! The loader brings it (IndexedDB, else localStorage, else memory), since it needs it too where WebAssembly is forbidden.

use crm_element::json;
use wasm_bindgen::JsValue;

use crate::entry::Entry;

/// The loader's `{put(entry), remove(key)}`; what earlier pages left in it the loader sends itself.
#[derive(Clone, Debug)]
pub struct Outbox(JsValue);

impl Outbox {
    /// Wraps the loader's object.
    pub fn new(object: JsValue) -> Self {
        Self(object)
    }

    /// Keeps an entry.
    pub async fn put(&self, entry: &Entry) {
        self.call("put", entry.to_js()).await;
    }

    /// Forgets an entry.
    pub async fn remove(&self, key: &str) {
        self.call("remove", key.into()).await;
    }

    /// A device that keeps nothing does not stop a submission: failures leave it as in memory.
    async fn call(&self, verb: &str, argument: JsValue) {
        json::answer(&self.0, verb, &[argument]).await;
    }
}
