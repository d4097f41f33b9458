//! Fields in which one chooses: drop-down, radio buttons, checkboxes.

use crm_protocol::form::{Field, Kind};
use leptos::html::{div, input, label, option, select as select_tag, span};
use leptos::prelude::*;

use super::State;
use super::field::{described, id, invalid, required, shown};

/// A drop-down. Its first option is empty, so that nothing is chosen by accident.
pub fn select(state: State, field: &Field) -> AnyView {
    let empty = match &field.placeholder {
        Some(text) => shown(Some(text)),
        None => state.with_untracked(|form| form.view().texts.get("select.placeholder").to_owned()),
    };
    let first = option().attr("value", "").child(empty).into_any();
    let others = field.options.iter().map(|choice| {
        option()
            .attr("value", choice.value.clone())
            .attr("selected", is_chosen(state, &field.name, &choice.value))
            .child(choice.label.as_str().to_owned())
            .into_any()
    });
    let options: Vec<AnyView> = std::iter::once(first).chain(others).collect();
    let control = select_tag()
        .attr("part", "input")
        .attr("name", field.name.clone())
        .attr("id", id(&field.name))
        .attr("autocomplete", field.autocomplete.clone().unwrap_or_else(|| "off".to_owned()))
        .attr("aria-describedby", described(field))
        .attr("aria-required", required(state, field))
        .attr("aria-invalid", invalid(state, &field.name))
        .child(options);
    span().attr("part", "select").child(control).into_any()
}

/// Radio buttons or checkboxes.
pub fn options(state: State, field: &Field) -> AnyView {
    let kind = if field.kind == Kind::Radio { "radio" } else { "checkbox" };
    let options = field.options.iter().map(|choice| {
        let box_ = tick(state, kind, &field.name, &choice.value);
        let text = span().child(choice.label.as_str().to_owned());
        label().attr("part", "option").child(box_).child(text).into_any()
    });
    div().attr("part", "options").child(options.collect::<Vec<_>>()).into_any()
}

/// One radio button or checkbox.
pub fn tick(state: State, kind: &'static str, name: &str, value: &str) -> AnyView {
    input()
        .attr("part", "input")
        .attr("type", kind)
        .attr("name", name.to_owned())
        .attr("value", value.to_owned())
        .attr("checked", is_chosen(state, name, value))
        .into_any()
}

fn is_chosen(state: State, name: &str, value: &str) -> bool {
    state.with_untracked(|form| form.draft().get(name).is_some_and(|raw| raw.has(value)))
}
