//! The proof of work: fetched and solved by the loader, which needs it where WebAssembly is forbidden, too.

use crm_element::json;
use wasm_bindgen::JsValue;

/// The loader's `{prepare(), take()}` for one form, with the next challenge solved ahead.
#[derive(Clone, Debug)]
pub struct Challenges(JsValue);

impl Challenges {
    /// Wraps the loader's object. `None` where there is none: no challenge is needed.
    pub fn new(object: JsValue) -> Option<Self> {
        object.is_object().then_some(Self(object))
    }

    /// Starts solving, so that a solution is there by the time it is needed.
    pub fn prepare(&self) {
        json::call(&self.0, "prepare", &[]);
    }

    /// A fresh solution for the header `Crm-Challenge`. Empty where the gateway did not answer.
    pub async fn take(&self) -> String {
        json::answer(&self.0, "take", &[]).await.as_string().unwrap_or_default()
    }
}
