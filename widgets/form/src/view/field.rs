//! The frame every field has: label, hint, error, and whether it is shown.

use crm_protocol::form::{Field, Kind};
use crm_protocol::text::Text;
use leptos::html::{div, fieldset, input, label, legend, p, span};
use leptos::prelude::*;

use super::{State, choice, consent, file, flag, matrix, points, text};
use crate::state::FormState;

/// A field of any kind.
pub fn field(state: State, field: &Field) -> AnyView {
    match field.kind {
        Kind::Hidden => hidden(state, field),
        Kind::Radio | Kind::Checkboxes => group(state, field, choice::options(state, field)),
        Kind::Rating => group(state, field, points::stars(state, field)),
        Kind::Scale => group(state, field, points::scale(state, field)),
        Kind::Matrix => group(state, field, matrix::rows(state, field)),
        Kind::Consent => frame(state, field, consent::control(state, field)),
        Kind::File => single(state, field, file::control(state, field)),
        Kind::Select => single(state, field, choice::select(state, field)),
        Kind::LongText => single(state, field, text::area(state, field)),
        _ => single(state, field, text::line(state, field)),
    }
}

/// The id of a field's control.
pub fn id(name: &str) -> String {
    ["f-", name].concat()
}

/// What a control's `aria-describedby` points at.
pub fn described(field: &Field) -> String {
    let id = id(&field.name);
    match field.hint {
        Some(_) => [&id, "-hint ", &id, "-error"].concat(),
        None => [&id, "-error"].concat(),
    }
}

/// Whether a field's control is marked as wrong.
pub fn invalid(state: State, name: &str) -> Box<dyn FnMut() -> &'static str + Send> {
    let name = name.to_owned();
    Box::new(move || state.with(|form| if form.error(&name).is_empty() { "false" } else { "true" }))
}

/// Whether an answer is needed, for `aria-required`.
pub fn required(state: State, field: &Field) -> Box<dyn FnMut() -> &'static str + Send> {
    let field = field.clone();
    Box::new(move || state.with(|form| if form.required(&field) { "true" } else { "false" }))
}

/// A text of the definition, which was cut to one language.
pub fn shown(text: Option<&Text>) -> String {
    text.map_or("", Text::as_str).to_owned()
}

/// A control with one label.
fn single(state: State, field: &Field, control: AnyView) -> AnyView {
    let label = label()
        .attr("part", "label")
        .attr("for", id(&field.name))
        .child(shown(field.label.as_ref()))
        .child(mark(state, field))
        .into_any();
    frame(state, field, (label, hint(field), control).into_any())
}

/// Several controls with one legend.
fn group(state: State, field: &Field, controls: AnyView) -> AnyView {
    let legend = legend()
        .attr("part", "label")
        .child(shown(field.label.as_ref()))
        .child(mark(state, field))
        .into_any();
    let radios = matches!(field.kind, Kind::Radio | Kind::Rating | Kind::Scale);
    let set = fieldset()
        .attr("part", "group")
        .attr("id", id(&field.name))
        .attr("role", if radios { "radiogroup" } else { "group" })
        .attr("aria-describedby", described(field))
        .child((legend, hint(field), controls).into_any());
    let set = if radios {
        set.attr("aria-invalid", invalid(state, &field.name)).attr("aria-required", required(state, field)).into_any()
    } else {
        set.into_any()
    };
    frame(state, field, set)
}

/// The box around a field, with its error.
fn frame(state: State, field: &Field, inner: AnyView) -> AnyView {
    let name = field.name.clone();
    div()
        .attr("part", "field")
        .attr("data-field", name.clone())
        .attr("data-half", field.half)
        .attr("hidden", flag(state, move |form| !form.applies(&name)))
        .child(inner)
        .child(error(state, &field.name))
        .into_any()
}

/// The message at a control.
pub fn error(state: State, name: &str) -> AnyView {
    let (of_hidden, of_text) = (name.to_owned(), name.to_owned());
    p().attr("part", "error")
        .attr("id", [&id(name), "-error"].concat())
        .attr("data-error", name.to_owned())
        .attr("hidden", flag(state, move |form| form.error(&of_hidden).is_empty()))
        .child(text(state, move |form| form.error(&of_text).to_owned()))
        .into_any()
}

fn hint(field: &Field) -> AnyView {
    match &field.hint {
        None => ().into_any(),
        Some(hint) => p()
            .attr("part", "hint")
            .attr("id", [&id(&field.name), "-hint"].concat())
            .child(hint.as_str().to_owned())
            .into_any(),
    }
}

/// Says whether an answer is needed.
pub fn mark(state: State, field: &Field) -> AnyView {
    let field = field.clone();
    let read = move |form: &FormState| {
        let text = if form.required(&field) { "*" } else { form.view().texts.get("field.optional") };
        text.to_owned()
    };
    span().attr("part", "mark").attr("aria-hidden", "true").child(text(state, read)).into_any()
}

fn hidden(state: State, field: &Field) -> AnyView {
    let value = state.with_untracked(|form| form.draft().text(&field.name).to_owned());
    input().attr("type", "hidden").attr("name", field.name.clone()).attr("value", value).into_any()
}
