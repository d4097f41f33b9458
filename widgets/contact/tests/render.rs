//! The first view as the gateway renders it.

use crm_contact::{Plain, render};
use crm_protocol::view::FormView;

fn view() -> FormView {
    let view = serde_json::json!({
        "site": "clinic", "lang": "en", "texts": {"form.optional": "optional"}, "challenge": true,
        "form": {"id": "enquiry", "title": "Ask us", "pages": [{"fields": [
            {"name": "name", "type": "text", "label": "Name", "required": true},
            {"name": "note", "type": "long-text", "label": "Note"},
            {"name": "visit", "type": "radio", "label": "First visit?", "options": [{"value": "yes", "label": "Yes"}]},
            {"name": "why", "type": "text", "label": "Why <b>", "when": {"field": "visit", "is": "yes"}}
        ]}]}
    });
    serde_json::from_value(view).expect("the view is well formed")
}

#[test]
fn controls_carry_names_and_ids() {
    let html = render(view(), &Plain::default());
    println!("{html}");
    assert!(html.contains(r#"id="f-name""#));
    assert!(html.contains("Why &lt;b&gt;"));
}
