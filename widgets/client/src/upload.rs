//! Sends a file.

use crm_element::page::random_key;
use crm_element::{json, page};
use wasm_bindgen::JsValue;

use crate::request::{UPLOAD_PATIENCE, code, read, request};

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// Stored under this id.
    Stored(String),
    /// Refused, with the problem's code; empty where nobody answered.
    Failed(String),
}

/// Sends a file (a `File` of the browser) to the field of a form.
pub async fn upload(gateway: &str, site: &str, form: &str, field: &str, file: JsValue) -> Uploaded {
    let url = [gateway, "v1/sites/", site, "/uploads?form=", form, "&field=", field].concat();
    let name = page::encode(&json::get_text(&file, "name"));
    let headers = json::object(&[("Upload-Name", name), ("Idempotency-Key", random_key().into())]);
    let Some(response) = request(&url, "POST", headers, file, UPLOAD_PATIENCE).await else {
        return Uploaded::Failed(String::new());
    };
    let answer = read(&response).await;
    match json::get_text(&answer, "id") {
        id if !id.is_empty() => Uploaded::Stored(id),
        _ => Uploaded::Failed(code(&answer)),
    }
}
