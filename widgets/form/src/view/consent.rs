//! Agreement to one purpose: a checkbox that is never ticked beforehand.

use crm_protocol::form::Field;
use leptos::html::{a, div, input, label, span};
use leptos::prelude::*;

use super::State;
use super::field::{described, id, invalid, required, shown};

/// The checkbox with the sentence agreed to, and a link to the full text.
pub fn control(state: State, field: &Field) -> AnyView {
    let control = input()
        .attr("part", "input")
        .attr("type", "checkbox")
        .attr("name", field.name.clone())
        .attr("id", id(&field.name))
        .attr("value", "yes")
        .attr("checked", state.with_untracked(|form| form.draft().text(&field.name) == "yes"))
        .attr("aria-describedby", described(field))
        .attr("aria-required", required(state, field))
        .attr("aria-invalid", invalid(state, &field.name));
    let sentence = label()
        .attr("part", "option")
        .child(control)
        .child(span().child(shown(field.label.as_ref())).child(super::field::mark(state, field)));
    div().attr("part", "consent").child(sentence).child(link(state, field)).into_any()
}

fn link(state: State, field: &Field) -> AnyView {
    let Some(link) = &field.link else { return ().into_any() };
    let text = state.with_untracked(|form| form.view().texts.get("consent.link").to_owned());
    a().attr("part", "link")
        .attr("href", link.clone())
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .child(text)
        .into_any()
}
