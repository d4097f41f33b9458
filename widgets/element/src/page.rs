//! The page around an element. Asked by name: bindings for what is used once would be larger than the use.

use wasm_bindgen::prelude::*;

use crate::json::{call, get};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);
}

/// A global object; `undefined` where the browser has none of that name, or forbids it.
pub fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// A text as part of an address or a header.
pub fn encode(text: &str) -> JsValue {
    js_sys::encode_uri_component(text).into()
}

/// Whether the device has a network at all.
pub fn is_online() -> bool {
    !get(&global("navigator"), "onLine").is_falsy()
}

/// Leaves for another page.
pub fn go(address: &str) {
    call(&global("location"), "assign", &[address.into()]);
}

/// Copies a text to the clipboard, where the browser allows it.
pub fn copy(text: &str) {
    call(&get(&global("navigator"), "clipboard"), "writeText", &[text.into()]);
}

/// A fresh random key: 128 bits in hexadecimal.
pub fn random_key() -> String {
    let mut bytes = [0; 16];
    get_random_values(&mut bytes);
    let mut key = String::new();
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            key.push(char::from(if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble }));
        }
    }
    key
}

/// What the visitor's device keeps under a name.
pub fn kept(name: &str) -> Option<String> {
    call(&global("localStorage"), "getItem", &[name.into()]).as_string()
}

/// Keeps a text on the visitor's device, where the browser allows it.
pub fn keep(name: &str, text: &str) {
    call(&global("localStorage"), "setItem", &[name.into(), text.into()]);
}

/// Removes what is kept under a name.
pub fn forget(name: &str) {
    call(&global("localStorage"), "removeItem", &[name.into()]);
}
