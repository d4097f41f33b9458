//! A draft kept on the visitor's device: only if the form allows it, only after the first input.

use crm_client::body::answers;
use crm_element::{json, page};
use crm_form::state::FormState;
use crm_protocol::draft::Draft;
use crm_protocol::form::Kind;
use crm_protocol::view::FormView;

/// Keeps what was typed so far. Consents are never kept: nobody agrees by coming back.
pub fn keep(form: &FormState) {
    let view = form.view();
    if !view.form.drafts {
        return;
    }
    let mut draft = form.answers();
    for field in view.form.fields() {
        if matches!(field.kind, Kind::Consent | Kind::File | Kind::ResidentId | Kind::Hidden) {
            draft.remove(&field.name);
        }
    }
    page::keep(&key(view), &json::stringify(&answers(&draft)));
}

/// What was kept.
pub fn kept(view: &FormView) -> Draft {
    let text = view.form.drafts.then(|| page::kept(&key(view))).flatten();
    text.and_then(|text| json::from_js(json::parse(&text)?)).unwrap_or_default()
}

/// Removes what was kept.
pub fn forget(view: &FormView) {
    if view.form.drafts {
        page::forget(&key(view));
    }
}

fn key(view: &FormView) -> String {
    ["crm-draft:", &view.site, ":", &view.form.id].concat()
}
