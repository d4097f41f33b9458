//! What a visitor does to a form, without a browser.

use std::sync::Arc;

use crm_form::state::{FormState, Step};
use crm_form::upload::UploadState;
use crm_protocol::draft::Draft;
use crm_protocol::view::FormView;

const TODAY: &str = "2026-11-21";

fn form() -> FormState {
    let view = serde_json::json!({
        "site": "clinic", "lang": "en", "texts": {"error.required": "Please fill in “{label}”."},
        "form": {"id": "visit", "title": "Your visit", "pages": [
            {"fields": [
                {"name": "name", "type": "text", "label": "Name", "required": true},
                {"name": "insured", "type": "radio", "label": "Insured?", "options": [
                    {"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]},
                {"name": "source", "type": "hidden", "value": "web"}
            ]},
            {"when": {"field": "insured", "is": "yes"}, "fields": [
                {"name": "number", "type": "text", "label": "Number", "requiredWhen": {"field": "insured", "is": "yes"}},
                {"name": "cards", "type": "file", "label": "Cards"}
            ]},
            {"fields": [{"name": "email", "type": "email", "label": "E-mail", "required": true}]}
        ]}
    });
    let view: FormView = serde_json::from_value(view).expect("the view is well formed");
    FormState::new(Arc::new(view))
}

fn type_in(form: &mut FormState, name: &str, text: &str) {
    form.input(name, text.into(), TODAY);
}

#[test]
fn a_page_with_an_error_is_not_left() {
    let mut form = form();
    assert_eq!(form.next(TODAY), Step::Refused);
    assert_eq!(form.page(), 0);
    assert_eq!(form.summary().len(), 1);
    assert_eq!(form.error("name"), "Please fill in “Name”.");
}

#[test]
fn a_page_whose_condition_fails_is_skipped_both_ways() {
    let mut form = form();
    type_in(&mut form, "name", "李雷");
    assert_eq!(form.progress(), (1, 2));
    assert_eq!(form.next(TODAY), Step::Moved);
    assert_eq!((form.page(), form.is_last()), (2, true));
    assert_eq!(form.back(), Step::Moved);
    assert_eq!(form.page(), 0);
    type_in(&mut form, "insured", "yes");
    assert_eq!(form.progress(), (1, 3));
}

#[test]
fn only_errors_and_conditions_let_an_input_change_what_else_is_shown() {
    let mut form = form();
    assert_eq!(["name", "insured", "email"].map(|name| form.shows(name)), [false, true, false]);
    form.next(TODAY);
    assert_eq!(["name", "insured", "email"].map(|name| form.shows(name)), [true, true, false]);
    form.note("name", "李雷".into());
    assert_eq!((form.draft().text("name"), form.needs_check("name")), ("李雷", true));
}

#[test]
fn an_untouched_field_is_not_checked_when_left() {
    let form = form();
    assert!(!form.needs_check("name"));
}

#[test]
fn an_error_goes_away_once_the_field_is_right() {
    let mut form = form();
    form.next(TODAY);
    type_in(&mut form, "name", "A");
    assert_eq!(form.error("name"), "");
    type_in(&mut form, "name", "");
    assert_eq!(form.error("name"), "", "not complained about while typing");
    form.blur("name", TODAY);
    assert_ne!(form.error("name"), "");
}

#[test]
fn errors_lead_to_the_page_of_the_first() {
    let mut form = form();
    type_in(&mut form, "name", "A");
    form.next(TODAY);
    type_in(&mut form, "name", " ");
    let errors = form.check(TODAY);
    assert_eq!(form.refuse(errors), Step::Refused);
    assert_eq!(form.page(), 0);
    assert_eq!(form.errors().len(), 2);
}

#[test]
fn answers_of_fields_left_out_are_not_sent() {
    let mut form = form();
    type_in(&mut form, "insured", "yes");
    type_in(&mut form, "number", "77");
    assert_eq!(form.answers().text("number"), "77");
    type_in(&mut form, "insured", "no");
    assert_eq!(form.answers().text("number"), "");
    assert_eq!(form.answers().text("source"), "web");
}

#[test]
fn what_is_known_fills_only_what_is_empty() {
    let mut form = form();
    type_in(&mut form, "name", "typed");
    let mut known = Draft::default();
    known.set("name", "known");
    known.set("email", "a@example.com");
    known.set("source", "campaign");
    known.set("stranger", "x");
    let missing = form.missing(&known);
    assert_eq!(missing.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["email", "source"]);
}

#[test]
fn what_was_typed_before_hydration_counts_as_touched() {
    let mut form = form();
    let mut typed = Draft::default();
    typed.set("name", "A");
    typed.set("source", "web");
    form.take_over(&typed);
    assert!(form.needs_check("name"));
    assert!(!form.needs_check("source"));
}

#[test]
fn a_file_that_arrives_after_its_removal_is_not_an_answer() {
    let mut form = form();
    let first = form.uploads.add("cards", "a.png".to_owned());
    let second = form.uploads.add("cards", "b.png".to_owned());
    assert!(form.uploads.busy());
    form.uploads.remove(first);
    form.uploads.set(first, UploadState::Stored("upl_1".to_owned()));
    form.uploads.set(second, UploadState::Stored("upl_2".to_owned()));
    assert_eq!(form.uploads.ids("cards"), ["upl_2"]);
    assert!(!form.uploads.busy());
}

#[test]
fn a_reset_form_is_as_new() {
    let mut form = form();
    type_in(&mut form, "name", "A");
    form.lock(true);
    form.reset();
    assert_eq!(form.draft().text("name"), "");
    assert!(!form.locked());
}
