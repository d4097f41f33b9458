//! The frame every field has: label, hint, error, and whether it is shown.

use std::borrow::Cow;

use crm_element::tag::{Live, Tag, Value, live, part, still, tag};
use crm_protocol::form::{Field, Kind};
use crm_protocol::text::Text;

use super::{State, choice, consent, file, matrix, own, points, text};

/// A field of any kind.
pub fn field(state: State, field: &Field) -> Tag {
    match field.kind {
        Kind::Hidden => hidden(state, field),
        Kind::Radio | Kind::Checkboxes => group(state, field, choice::options(state, field)),
        Kind::Rating => group(state, field, points::stars(state, field)),
        Kind::Scale => group(state, field, points::scale(state, field)),
        Kind::Matrix => group(state, field, matrix::table(state, field)),
        Kind::Consent => {
            frame(state, field).child(consent::agreement(state, field)).child(error(state, &field.name))
        }
        Kind::File => single(state, field, file::control(state, field)),
        Kind::Select => single(state, field, choice::select(state, field)),
        Kind::LongText => single(state, field, text::area(state, field)),
        _ => single(state, field, text::line(state, field)),
    }
}

/// What every labelled control has: name, id, and what a screen reader says about it.
pub fn control(state: State, field: &Field, name: &'static str) -> Tag {
    described(field, part(name, "input"))
        .fixed(|tag| tag.attr("name", field.name.clone()))
        .live_attr("aria-required", required(state, field))
        .live_attr("aria-invalid", invalid(state, &field.name))
}

/// The id of a field's control.
pub fn id(name: &str) -> String {
    ["f-", name].concat()
}

/// A text of the definition, which was cut to one language.
pub fn shown(text: Option<&Text>) -> String {
    text.map_or("", Text::as_str).to_owned()
}

/// Says whether an answer is needed.
pub fn mark(state: State, field: &Field) -> Tag {
    let (name, optional) = (field.name.clone(), own(state, "field.optional"));
    part("span", "mark").fixed(|tag| tag.attr("aria-hidden", "true")).live_text(live(state, move |form| {
        if form.required(&name) { "*".to_owned() } else { optional.clone() }
    }))
}

/// The message at a control.
pub fn error(state: State, name: &str) -> Tag {
    let (of_hidden, of_text) = (name.to_owned(), name.to_owned());
    part("p", "error")
        .fixed(|tag| tag.attr("id", [&id(name), "-error"].concat()).attr("data-error", name.to_owned()))
        .live_flag("hidden", live(state, move |form| form.error(&of_hidden).is_empty()))
        .live_text(live(state, move |form| form.error(&of_text).to_owned()))
}

/// A control with one label.
fn single(state: State, field: &Field, control: Tag) -> Tag {
    let label = part("label", "label")
        .fixed(|tag| tag.attr("for", id(&field.name)).child(shown(field.label.as_ref())));
    frame(state, field)
        .child(label.child(mark(state, field)))
        .children(hint(field))
        .child(control)
        .child(error(state, &field.name))
}

/// Several controls with one legend.
fn group(state: State, field: &Field, controls: Tag) -> Tag {
    let radios = matches!(field.kind, Kind::Radio | Kind::Rating | Kind::Scale);
    let legend = part("legend", "label").fixed(|tag| tag.child(shown(field.label.as_ref())));
    let mut set = described(field, part("fieldset", "group"));
    if radios {
        set = set
            .fixed(|tag| tag.attr("role", "radiogroup"))
            .live_attr("aria-required", required(state, field))
            .live_attr("aria-invalid", invalid(state, &field.name));
    }
    frame(state, field)
        .child(set.child(legend.child(mark(state, field))).children(hint(field)).child(controls))
        .child(error(state, &field.name))
}

/// The box around a field.
fn frame(state: State, field: &Field) -> Tag {
    let name = field.name.clone();
    part("div", "field")
        .fixed(|tag| tag.attr("data-field", field.name.clone()).flag("data-half", field.half))
        .live_flag("hidden", live(state, move |form| !form.applies(&name)))
}

fn hint(field: &Field) -> Option<Tag> {
    let hint = field.hint.as_ref()?;
    let id = || [&id(&field.name), "-hint"].concat();
    Some(still(|| part("p", "hint").attr("id", id()).child(hint.as_str().to_owned())))
}

fn described(field: &Field, tag: Tag) -> Tag {
    tag.fixed(|tag| {
        let id = id(&field.name);
        let by = match field.hint {
            Some(_) => [&id, "-hint ", &id, "-error"].concat(),
            None => [&id, "-error"].concat(),
        };
        tag.attr("id", id).attr("aria-describedby", by)
    })
}

fn hidden(state: State, field: &Field) -> Tag {
    still(|| {
        let value = state.look(|form| form.draft().text(&field.name).to_owned());
        tag("input").attr("type", "hidden").attr("name", field.name.clone()).attr("value", value)
    })
}

fn required(state: State, field: &Field) -> Live<Value> {
    let name = field.name.clone();
    live(state, move |form| truth(form.required(&name)))
}

fn invalid(state: State, name: &str) -> Live<Value> {
    let name = name.to_owned();
    live(state, move |form| truth(!form.error(&name).is_empty()))
}

fn truth(holds: bool) -> Value {
    Some(Cow::Borrowed(if holds { "true" } else { "false" }))
}
