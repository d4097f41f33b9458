//! The page around an element.

use wasm_bindgen::prelude::*;
use web_sys::{Storage, window};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);

    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = language)]
    static LANGUAGE: Option<String>;
}

/// The address of the page.
pub fn address() -> Option<web_sys::Url> {
    web_sys::Url::new(&window()?.location().href().ok()?).ok()
}

/// Whether the device has a network at all.
pub fn is_online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Leaves for another page.
pub fn go(address: &str) {
    if let Some(window) = window() {
        _ = window.location().assign(address);
    }
}

/// Copies a text to the clipboard, where the browser allows it.
pub fn copy(text: &str) {
    if let Some(window) = window() {
        _ = window.navigator().clipboard().write_text(text);
    }
}

/// The page that led here: origin and path.
pub fn referrer() -> Option<String> {
    let url = web_sys::Url::new(&window()?.document()?.referrer()).ok()?;
    Some([url.origin(), url.pathname()].concat())
}

/// The browser's language, BCP 47.
pub fn language() -> Option<String> {
    LANGUAGE.with(Clone::clone)
}

/// The browser's time zone, IANA.
pub fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    crate::json::get(&format.resolved_options(), "timeZone").as_string()
}

/// A fresh random key: 128 bits in hexadecimal.
pub fn random_key() -> String {
    let mut bytes = [0; 16];
    get_random_values(&mut bytes);
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What the visitor's device keeps for this page; `None` where the browser forbids it.
pub fn storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}
