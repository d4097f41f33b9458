//! Agreement to one purpose: a checkbox that is never ticked beforehand.

use crm_element::tag::{Tag, part, still, tag};
use crm_protocol::form::Field;

use super::field::{control, mark, shown};
use super::{State, own};

/// The checkbox with the sentence agreed to, and a link to the full text.
pub fn agreement(state: State, field: &Field) -> Tag {
    let again = || state.look(|form| form.draft().text(&field.name) == "yes");
    let checkbox = control(state, field, "input")
        .fixed(|tag| tag.attr("type", "checkbox").attr("value", "yes").flag("checked", again()));
    let sentence = tag("span").fixed(|tag| tag.child(shown(field.label.as_ref()))).child(mark(state, field));
    part("div", "consent")
        .child(part("label", "option").child(checkbox).child(sentence))
        .children(field.link.as_ref().map(|address| still(|| link(state, address))))
}

fn link(state: State, address: &str) -> Tag {
    let note = [" (", &own(state, "consent.new-tab"), ")"].concat();
    part("a", "link")
        .attr("href", address.to_owned())
        .attr("target", "_blank")
        .attr("rel", "noopener")
        .child(own(state, "consent.link"))
        .child(part("span", "spoken").child(note))
}
