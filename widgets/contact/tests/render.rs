//! The first view as the gateway renders it.

use crm_contact::{Plain, render};
use crm_protocol::check::FieldError;
use crm_protocol::draft::Draft;
use crm_protocol::view::FormView;

fn view() -> FormView {
    let view = serde_json::json!({
        "site": "clinic", "lang": "en", "challenge": true,
        "texts": {"field.optional": "optional", "summary.one": "One field needs your attention"},
        "form": {"id": "enquiry", "title": "Ask us", "pages": [{"fields": [
            {"name": "name", "type": "text", "label": "Name", "required": true},
            {"name": "email", "type": "email", "label": "E-mail", "hint": "We answer there."},
            {"name": "note", "type": "long-text", "label": "Note"},
            {"name": "visit", "type": "radio", "label": "First visit?", "options": [{"value": "yes", "label": "Yes"}]},
            {"name": "why", "type": "text", "label": "Why <b>", "when": {"field": "visit", "is": "yes"}}
        ]}]}
    });
    serde_json::from_value(view).expect("the view is well formed")
}

fn html(plain: &Plain) -> String {
    render(view(), plain)
}

fn typed(name: &str, text: &str) -> Draft {
    let mut draft = Draft::default();
    draft.set(name, text);
    draft
}

#[test]
fn a_label_belongs_to_its_control() {
    let html = html(&Plain::default());
    assert!(html.contains(r#"<label part="label" for="f-name">Name"#));
    assert!(html.contains(r#"id="f-name" aria-describedby="f-name-error" name="name""#));
}

#[test]
fn a_hint_and_an_error_describe_their_control() {
    let html = html(&Plain::default());
    assert!(html.contains(r#"aria-describedby="f-email-hint f-email-error""#));
    assert!(html.contains(r#"<p part="hint" id="f-email-hint">We answer there.</p>"#));
    assert!(html.contains(r#"<p part="error" id="f-email-error" data-error="email" hidden></p>"#));
}

#[test]
fn a_phone_shows_the_right_keyboard_and_a_browser_fills_in_what_it_knows() {
    let html = html(&Plain::default());
    assert!(html.contains(r#"type="email" inputmode="email" autocomplete="email""#));
    assert!(html.contains(r#"type="text" autocomplete="name""#));
}

#[test]
fn a_field_that_does_not_apply_is_hidden() {
    assert!(html(&Plain::default()).contains(r#"data-field="why" hidden"#));
    let plain = Plain { draft: typed("visit", "yes"), ..Plain::default() };
    let html = html(&plain);
    assert!(html.contains(r#"data-field="why">"#));
    assert!(html.contains(r#"name="visit" value="yes" checked"#));
}

#[test]
fn texts_of_a_definition_are_never_markup() {
    assert!(html(&Plain::default()).contains("Why &lt;b&gt;"));
    let plain = Plain { draft: typed("note", "</textarea><script>"), ..Plain::default() };
    assert!(html(&plain).contains("&lt;/textarea&gt;&lt;script&gt;</textarea>"));
}

#[test]
fn the_public_view_has_no_ticket_and_posts_with_scripts() {
    let html = html(&Plain::default());
    assert!(!html.contains("_ticket") && !html.contains("data-plain"));
}

#[test]
fn a_page_without_scripts_posts_with_a_ticket_behind_everything_that_hydrates() {
    let html = html(&Plain { ticket: Some("signed".to_owned()), ..Plain::default() });
    assert!(html.contains(r#"enctype="multipart/form-data" novalidate data-plain"#));
    assert!(html.contains(r#"<input type="hidden" name="_ticket" value="signed"></form>"#));
}

#[test]
fn a_refused_form_comes_back_with_what_was_typed_and_what_is_wrong() {
    let error =
        FieldError {
            field: "name".to_owned(), code: "required".to_owned(), message: "Please …".to_owned()
        };
    let html = html(&Plain { draft: typed("email", "a@b.c"), errors: vec![error], ..Plain::default() });
    assert!(html.contains(r#"value="a@b.c""#));
    assert!(html.contains(r##"<a href="#f-name">Please …</a>"##));
    assert!(html.contains(r#"data-error="name">Please …</p>"#));
    assert!(html.contains(r#"aria-invalid="true""#));
}

#[test]
fn an_accepted_form_shows_its_receipt() {
    let html = html(&Plain { receipt: Some("K7QM-2F9X".to_owned()), ..Plain::default() });
    assert!(html.contains("K7QM-2F9X"));
    assert!(html.contains(r#"<div part="thanks" tabindex="-1">"#));
}
