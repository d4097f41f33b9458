//! The body of a submission as JSON, member by member: a general serializer would cost the visitor 3 KB.

use crm_element::json;
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::submission::Signals;
use crm_protocol::view::FormView;
use wasm_bindgen::JsValue;

/// What every body with answers has in common, as [`crm_protocol::submission::SubmissionRequest`] describes it: all but
/// what it is about. The context comes from the loader.
pub fn body(view: &FormView, draft: &Draft, context: JsValue, signals: Signals) -> JsValue {
    let Signals { trap, elapsed } = signals;
    let signals = json::object(&[("trap", trap.into()), ("elapsed", elapsed.into())]);
    let members = [
        ("version", view.form.version.into()),
        ("lang", text(view.lang.as_str())),
        ("answers", answers(draft)),
        ("context", context),
        ("signals", signals),
    ];
    json::object(&members)
}

/// Answers as a plain object: strings, and lists of strings.
pub fn answers(draft: &Draft) -> JsValue {
    let object = json::object(&[]);
    for (name, raw) in draft.iter() {
        let value = match raw {
            Raw::One(answer) => text(answer),
            Raw::Many(values) => values.iter().map(|value| text(value)).collect::<js_sys::Array>().into(),
        };
        json::set(&object, name, &value);
    }
    object
}

fn text(text: &str) -> JsValue {
    JsValue::from_str(text)
}
