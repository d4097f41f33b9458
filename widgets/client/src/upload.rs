//! Sends a file.

use crm_element::json;
use wasm_bindgen::prelude::*;
use web_sys::{ProgressEvent, XmlHttpRequest};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// Stored under this id.
    Stored(String),
    /// Refused, with the problem's code; empty where nobody answered.
    Failed(String),
}

/// Sends a file to the field of a form. `progress` hears per cent. By XMLHttpRequest, since `fetch` does not say how
/// far it is, and 10 MB on a phone take a while.
pub async fn upload(gateway: &str, site: &str, form: &str, field: &str, file: &web_sys::File, progress: impl Fn(u32) + 'static) -> Uploaded {
    let url = [gateway, "v1/sites/", site, "/uploads?form=", form, "&field=", field].concat();
    let Some(answer) = post(&url, file, progress).await else { return Uploaded::Failed(String::new()) };
    match json::get_text(&answer, "id") {
        id if !id.is_empty() => Uploaded::Stored(id),
        _ => Uploaded::Failed(json::get_text(&answer, "type").rsplit('/').next().unwrap_or_default().to_owned()),
    }
}

async fn post(url: &str, file: &web_sys::File, progress: impl Fn(u32) + 'static) -> Option<JsValue> {
    let request = XmlHttpRequest::new().ok()?;
    request.open_with_async("POST", url, true).ok()?;
    request.set_request_header("Upload-Name", &String::from(js_sys::encode_uri_component(&file.name()))).ok()?;
    request.set_request_header("Idempotency-Key", &crm_element::page::random_key()).ok()?;
    let heard = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress((event.loaded() * 100.0 / event.total().max(1.0)) as u32);
    });
    request.upload().ok()?.set_onprogress(Some(heard.as_ref().unchecked_ref()));
    let done = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(file)).ok()?;
    wasm_bindgen_futures::JsFuture::from(done).await.ok()?;
    json::parse(&request.response_text().ok().flatten()?)
}
