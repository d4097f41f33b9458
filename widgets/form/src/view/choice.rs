//! Fields in which one chooses: drop-down, radio buttons, checkboxes.

use crm_element::tag::{Tag, part, still, tag};
use crm_protocol::form::{Choice, Field, Kind};

use super::field::{control, shown};
use super::{State, own};

/// A drop-down. Its first option is empty, so that nothing is chosen by accident.
pub fn select(state: State, field: &Field) -> Tag {
    let empty = || match &field.placeholder {
        Some(text) => shown(Some(text)),
        None => own(state, "select.placeholder"),
    };
    let option = |choice: &Choice| {
        tag("option")
            .attr("value", choice.value.clone())
            .flag("selected", is_chosen(state, &field.name, &choice.value))
            .child(choice.label.as_str().to_owned())
    };
    let control = control(state, field, "select").fixed(|control| {
        control
            .attr("autocomplete", field.autocomplete.clone().unwrap_or_else(|| "off".to_owned()))
            .child(tag("option").attr("value", "").child(empty()))
            .children(field.options.iter().map(option))
    });
    part("span", "select").child(control)
}

/// Radio buttons or checkboxes.
pub fn options(state: State, field: &Field) -> Tag {
    let kind = if field.kind == Kind::Radio { "radio" } else { "checkbox" };
    let option = |choice: &Choice| {
        part("label", "option")
            .child(tick(state, kind, &field.name, &choice.value))
            .child(tag("span").child(choice.label.as_str().to_owned()))
    };
    still(|| part("div", "options").children(field.options.iter().map(option)))
}

/// One radio button or checkbox.
pub fn tick(state: State, kind: &'static str, name: &str, value: &str) -> Tag {
    part("input", "input")
        .attr("type", kind)
        .attr("name", name.to_owned())
        .attr("value", value.to_owned())
        .flag("checked", is_chosen(state, name, value))
}

fn is_chosen(state: State, name: &str, value: &str) -> bool {
    state.look(|form| form.draft().get(name).is_some_and(|raw| raw.has(value)))
}
