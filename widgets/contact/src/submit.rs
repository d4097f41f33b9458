//! A submission's way out of the page: checked, frozen, kept, sent, answered.

use std::rc::Rc;

use crm_client::body::body;
use crm_client::deliver::deliver;
use crm_client::entry::Entry;
use crm_client::send::Answer;
use crm_element::{json, page, time};
use crm_form::state::FormState;
use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use crate::contact::{Contact, Place};
use crate::state::{Answer as Outcome, Hurdle, Phase};

/// Checks the form and sends it once. A second call while one is under way changes nothing.
pub fn submit(contact: &Contact) {
    let Some(place) = contact.place() else { return };
    if !contact.phase.look(Phase::is_open) {
        return;
    }
    if contact.form.look(|form| form.uploads.busy()) {
        return submit_with_files(contact.clone());
    }
    let errors = contact.form.look(|form| form.check(&time::today()));
    if !errors.is_empty() {
        contact.form.change(|form| form.refuse(errors));
        return contact.focus_first_error();
    }
    let detail = json::object(&[("data", contact.data())]);
    if !place.host.emit("crm-submit", &detail) {
        return;
    }
    let entry = freeze(contact, &place);
    let fresh = contact.phase.change(|phase| phase.submit(&entry.key));
    if fresh {
        contact.form.change(|form| form.lock(true));
        wasm_bindgen_futures::spawn_local(run(contact.clone(), place, entry));
    }
}

/// Submits once the files that are on their way have arrived.
fn submit_with_files(contact: Contact) {
    wasm_bindgen_futures::spawn_local(async move {
        while contact.form.look(|form| form.uploads.busy()) {
            time::sleep(100).await;
        }
        submit(&contact);
    });
}

/// The submission as it will be sent, however often.
fn freeze(contact: &Contact, place: &Place) -> Entry {
    let view = contact.view();
    let action = place.host.option("action").as_string();
    let (url, body) = match action {
        Some(action) => (action, direct(contact, place)),
        None => {
            let gateway = place.host.option("gateway").as_string().unwrap_or_default();
            ([&gateway, "v1/sites/", &view.site, "/submissions"].concat(), request(contact, place))
        }
    };
    let (site, form) = (view.site.clone(), view.form.id.clone());
    Entry { key: page::random_key(), site, form, url, body, token: String::new() }
}

fn request(contact: &Contact, place: &Place) -> String {
    let (view, answers) = (contact.view(), contact.form.look(FormState::answers));
    let body = body(&view, &answers, place.host.ask("context"), place.signals());
    json::set(&body, "form", &view.form.id.as_str().into());
    json::stringify(&body)
}

/// In direct mode the answers under the names the receiver knows them by.
fn direct(contact: &Contact, place: &Place) -> String {
    let answers = contact.data();
    let mapping = place.host.option("mapping");
    let mapping = mapping.dyn_ref::<Object>().map(Object::entries).unwrap_or_default();
    for pair in mapping.iter() {
        let [ours, theirs] = [json::get_text(&pair, "0"), json::get_text(&pair, "1")];
        let value = json::get(&answers, &ours);
        if !value.is_undefined() && ours != theirs {
            json::set(&answers, &theirs, &value);
            _ = js_sys::Reflect::delete_property(answers.unchecked_ref::<Object>(), &ours.into());
        }
    }
    json::stringify(&answers)
}

async fn run(contact: Contact, place: Rc<Place>, entry: Entry) {
    place.outbox.put(&entry).await;
    // From here on the outbox keeps it; as a draft it would be sent a second time.
    contact.forget();
    contact.phase.change(|phase| phase.send(&entry.key));
    let later = |code: &str| later(&contact, &place, &entry, code);
    let answer = deliver(&entry, &place.outbox, place.challenges.as_ref(), later, || true).await;
    if let Some(answer) = answer {
        settle(&contact, &place, &entry, answer);
    }
}

/// The submission has to wait. It goes on waiting even where the visitor starts another one; only an element that was
/// removed from the page stops, and the next one sends what is kept.
fn later(contact: &Contact, place: &Place, entry: &Entry, code: &str) -> bool {
    let hurdle = if page::is_online() { Hurdle::Unreachable } else { Hurdle::Offline };
    let ours = contact.phase.change(|phase| phase.answer(&entry.key, Outcome::Later(hurdle)));
    if ours {
        error(place, code);
    }
    !contact.phase.is_gone()
}

fn settle(contact: &Contact, place: &Place, entry: &Entry, answer: Answer) {
    let outcome = match &answer {
        Answer::Accepted(stored) => Outcome::Accepted(json::get_text(stored, "receipt")),
        Answer::Rejected(_) => Outcome::Rejected,
        _ => Outcome::Refused,
    };
    if !contact.phase.change(|phase| phase.answer(&entry.key, outcome)) {
        return;
    }
    match answer {
        Answer::Accepted(stored) => accepted(contact, place, &stored),
        Answer::Rejected(errors) => {
            contact.form.change(|form| form.refuse(errors));
            error(place, "invalid-answers");
            contact.focus_first_error();
        }
        Answer::Refused(code, _) => {
            contact.form.change(|form| form.lock(false));
            error(place, &code);
        }
        Answer::Challenge | Answer::Later { .. } => {}
    }
}

fn accepted(contact: &Contact, place: &Place, stored: &JsValue) {
    let view = contact.view();
    contact.forget();
    contact.form.change(|form| form.lock(false));
    let of = |name| json::get_text(stored, name).into();
    let form = view.form.id.as_str().into();
    place.host.emit(
        "crm-submitted",
        &json::object(&[("id", of("id")), ("receipt", of("receipt")), ("form", form)]),
    );
    match &view.form.thanks.redirect {
        Some(address) => page::go(address),
        None => contact.after_update(|contact| contact.focus_part("[part=thanks]")),
    }
}

fn error(place: &Place, code: &str) {
    place.host.emit("crm-error", &json::object(&[("code", code.into())]));
}
