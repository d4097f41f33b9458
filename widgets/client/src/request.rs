//! One request to the gateway, or in direct mode to the receiver.

use crm_element::json::{self, call};
use crm_element::page::global;
use reqwasm::http::{Request, Response};
use wasm_bindgen::{JsCast, JsValue};

/// Milliseconds after which a request counts as unanswered.
pub const PATIENCE: u32 = 30_000;

/// The same for a file, which may be large and the network slow.
pub const UPLOAD_PATIENCE: u32 = 600_000;

/// Sends a request and returns its answer, of whatever status. `None` where nobody answered in time.
///
/// The options are handed over as an object: reqwasm's own builder would parse the address once more and bring along
/// what can be asked of a request.
pub async fn request(
    url: &str,
    method: &str,
    headers: JsValue,
    body: JsValue,
    patience: u32,
) -> Option<Response> {
    let patience = call(&global("AbortSignal"), "timeout", &[patience.into()]);
    let options = [
        ("method", method.into()),
        ("headers", headers),
        ("body", body),
        ("cache", "no-cache".into()),
        ("signal", patience),
    ];
    let options = json::object(&options);
    let request = web_sys::Request::new_with_str_and_init(url, options.unchecked_ref()).ok()?;
    Request::from(request).send().await.ok()
}

/// The JSON of an answer; `undefined` where it has none.
pub async fn read(response: &Response) -> JsValue {
    let text = response.text().await.ok();
    text.and_then(|text| json::parse(&text)).unwrap_or_default()
}

/// The code of a problem: the last part of its type, `/problems/{code}`.
pub fn code(problem: &JsValue) -> String {
    let kind = json::get_text(problem, "type");
    let end = kind.bytes().rev().position(|byte| byte == b'/').unwrap_or(kind.len());
    kind.get(kind.len() - end..).unwrap_or_default().to_owned()
}
