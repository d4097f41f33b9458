//! The body of a submission as JSON, member by member: a general serializer would cost the visitor 3 KB.

use crm_element::json;
use crm_protocol::draft::{Draft, Raw};
use crm_protocol::submission::{Context, Signals, SubmissionRequest};
use wasm_bindgen::JsValue;

/// The body of `POST …/submissions`.
pub fn body(request: &SubmissionRequest) -> String {
    let SubmissionRequest {
        form,
        version,
        lang,
        answers: draft,
        context,
        signals: Signals { trap, elapsed },
    } = request;
    let signals = json::object(&[("trap", (*trap).into()), ("elapsed", (*elapsed).into())]);
    let members = [
        ("form", text(form)),
        ("version", version.map_or(JsValue::UNDEFINED, JsValue::from)),
        ("lang", text(lang.as_str())),
        ("answers", answers(draft)),
        ("context", of_context(context)),
        ("signals", signals),
    ];
    json::stringify(&json::object(&members))
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

/// Members that are `undefined` are left out by `JSON.stringify`.
fn of_context(context: &Context) -> JsValue {
    let Context { page, referrer, campaign, language, time_zone } = context;
    let known = json::object(&[]);
    campaign.iter().for_each(|(name, value)| json::set(&known, name, &text(value)));
    let maybe = |value: &Option<String>| value.as_deref().map_or(JsValue::UNDEFINED, text);
    json::object(&[
        ("page", maybe(page)),
        ("referrer", maybe(referrer)),
        ("campaign", known),
        ("language", maybe(language)),
        ("timeZone", maybe(time_zone)),
    ])
}

fn text(text: &str) -> JsValue {
    JsValue::from_str(text)
}
