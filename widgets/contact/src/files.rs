//! Files are sent as soon as they are chosen, so that the submission itself stays small.

use crm_client::upload::{Uploaded, upload};
use crm_element::control::Control;
use crm_element::json;
use crm_form::state::MOST_BYTES;
use crm_form::upload::UploadState;
use crm_protocol::form::{Field, Kind};
use wasm_bindgen::JsValue;
use web_sys::Event;

use crate::contact::Contact;

/// Sends what was chosen in a file control, and empties the control: the list below it shows what is chosen.
pub fn change(contact: &Contact, event: &Event) {
    let Some(control) = Control::of_event(event).filter(|control| control.kind() == "file") else { return };
    let view = contact.view();
    let Some(field) = view.form.field(&control.name()).filter(|field| field.kind == Kind::File) else {
        return;
    };
    control.files().iter().for_each(|file| add(contact, field, file));
    control.set_value("");
}

/// `file` is the browser's `File`.
fn add(contact: &Contact, field: &Field, file: JsValue) {
    let name = json::get_text(&file, "name");
    let number = contact.form.change(|form| form.uploads.add(&field.name, name));
    let size = json::get(&file, "size").as_f64().unwrap_or_default();
    if size > f64::from(field.max_bytes.unwrap_or(MOST_BYTES)) {
        return done(contact, &field.name, number, Uploaded::Failed("file-large".to_owned()));
    }
    let (contact, field) = (contact.clone(), field.name.clone());
    wasm_bindgen_futures::spawn_local(async move {
        let Some(place) = contact.place() else { return };
        let gateway = place.host.option("gateway").as_string().unwrap_or_default();
        let view = contact.view();
        let uploaded = upload(&gateway, &view.site, &view.form.id, &field, file).await;
        done(&contact, &field, number, uploaded);
    });
}

fn done(contact: &Contact, field: &str, number: u32, uploaded: Uploaded) {
    contact.form.change(|form| {
        let state = match uploaded {
            Uploaded::Stored(id) => UploadState::Stored(id),
            Uploaded::Failed(code) => UploadState::Failed(form.upload_error(field, &code)),
        };
        form.set_file(field, number, state);
    });
}
