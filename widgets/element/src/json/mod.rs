//! JSON through the browser's own parser, and from its values to ours.

mod read;

use crm_protocol::read::Read;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// A JavaScript value as a Rust value. `None` where the shape differs.
pub fn from_js<T: Read>(value: JsValue) -> Option<T> {
    T::read(&read::Parsed(value))
}

/// Parses a JSON text. `None` where it is none.
pub fn parse(text: &str) -> Option<JsValue> {
    js_sys::JSON::parse(text).ok()
}

/// Writes a JSON text; empty where that is impossible.
pub fn stringify(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).map(String::from).unwrap_or_default()
}

/// A member of an object; `undefined` where it is missing.
pub fn get(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &name.into()).unwrap_or_default()
}

/// A string member of an object; empty where it is missing.
pub fn get_text(object: &JsValue, name: &str) -> String {
    get(object, name).as_string().unwrap_or_default()
}

/// Sets a member of an object.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    _ = js_sys::Reflect::set(object, &name.into(), value);
}

/// Calls a method of an object; `undefined` where that is impossible.
pub fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> JsValue {
    let Ok(method) = get(object, method).dyn_into::<js_sys::Function>() else { return JsValue::UNDEFINED };
    method.apply(object, &arguments.iter().collect()).unwrap_or_default()
}

/// Calls a method that answers later; `undefined` where that is impossible or fails.
pub async fn answer(object: &JsValue, method: &str, arguments: &[JsValue]) -> JsValue {
    let promise = js_sys::Promise::resolve(&call(object, method, arguments));
    JsFuture::from(promise).await.unwrap_or_default()
}

/// An object with these members.
pub fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new().into();
    members.iter().for_each(|(name, value)| set(&object, name, value));
    object
}
