//! The browser's JSON values as `protocol` reads them.

use crm_protocol::read::Json;
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

/// A value that somebody has parsed. Members that are `undefined` or `null` are missing.
pub(super) struct Parsed(pub JsValue);

impl Json for Parsed {
    fn member(&self, name: &str) -> Option<Self> {
        let member = super::get(&self.0, name);
        (!member.is_undefined() && !member.is_null()).then_some(Self(member))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        Array::is_array(&self.0).then(|| Array::from(&self.0).iter().map(Self).collect())
    }

    fn members(&self) -> Vec<(String, Self)> {
        let pairs = self.0.dyn_ref().map(Object::entries).unwrap_or_default();
        pairs.iter().map(|pair| (super::get_text(&pair, "0"), Self(super::get(&pair, "1")))).collect()
    }
}
