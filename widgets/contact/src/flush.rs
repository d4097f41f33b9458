//! Sends what an earlier page could not.

use crm_client::challenge::Challenges;
use crm_client::deliver::deliver;
use crm_client::entry::Entry;
use crm_client::outbox::Outbox;
use crm_element::json;
use wasm_bindgen::JsValue;

/// Sends everything the outbox of `options` holds for their gateway, each until it is answered.
pub fn flush(options: &JsValue) {
    let outbox = Outbox::new(json::get(options, "outbox"));
    let gateway = json::get_text(options, "gateway");
    wasm_bindgen_futures::spawn_local(async move {
        for entry in outbox.all().await {
            if entry.url.starts_with(&gateway) {
                wasm_bindgen_futures::spawn_local(resend(entry, outbox.clone(), gateway.clone()));
            }
        }
    });
}

async fn resend(entry: Entry, outbox: Outbox, gateway: String) {
    let challenges = Challenges::new(&gateway, &entry.site, &entry.form);
    deliver(&entry, &outbox, Some(&challenges), |_| true).await;
}
