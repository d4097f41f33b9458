//! Now, today, and waiting.

use crm_protocol::check::number::digits;
use js_sys::{Date, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::json::call;
use crate::page::global;

/// Turns of the queue of microtasks after which an effect has run.
const TURNS: usize = 3;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &Function, milliseconds: u32);

    #[wasm_bindgen(js_name = addEventListener)]
    fn listen(event: &str, then: &Function, options: &JsValue);
}

/// Unix time in milliseconds.
pub fn now() -> f64 {
    Date::now()
}

/// How many minutes the visitor's clock is ahead of UTC, at an instant in minutes since 1970-01-01.
pub fn ahead(instant: i64) -> i32 {
    -(Date::new(&JsValue::from_f64(instant as f64 * 60_000.0)).get_timezone_offset() as i32)
}

/// Today at the visitor, ISO 8601.
pub fn today() -> String {
    let now = Date::new_0();
    let part = |method: &str| call(&now, method, &[]).as_f64().unwrap_or_default() as u64;
    let two = |number: u64| [if number < 10 { "0" } else { "" }, &digits(number)].concat();
    [&digits(part("getFullYear")), "-", &two(part("getMonth") + 1), "-", &two(part("getDate"))].concat()
}

/// Waits.
pub async fn sleep(milliseconds: u32) {
    wait(&mut |done| set_timeout(done, milliseconds)).await;
}

/// Waits until the views show the last change, but not so long that a key could come in between.
pub async fn settle() {
    for _ in 0..TURNS {
        _ = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
    }
}

/// Waits, but not longer than until the browser is online again.
pub async fn sleep_or_online(milliseconds: u32) {
    let once = crate::json::object(&[("once", true.into())]);
    wait(&mut |done| {
        set_timeout(done, milliseconds);
        listen("online", done, &once);
    })
    .await;
}

/// Waits, but not longer than until the page is hidden or left.
pub async fn sleep_or_leave(milliseconds: u32) {
    let timer = call(&global("AbortSignal"), "timeout", &[milliseconds.into()]);
    let once = crate::json::object(&[("once", true.into()), ("signal", timer)]);
    wait(&mut |done| {
        set_timeout(done, milliseconds);
        listen("pagehide", done, &once);
        listen("visibilitychange", done, &once);
    })
    .await;
}

async fn wait(start: &mut dyn FnMut(&Function)) {
    let done = Promise::new(&mut |resolve, _| start(&resolve));
    _ = JsFuture::from(done).await;
}
