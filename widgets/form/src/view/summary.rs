//! The list of errors above the form, each leading to its field.

use std::rc::Rc;

use crm_element::tag::{Tag, live, part, tag};
use crm_protocol::check::FieldError;
use crm_protocol::check::number::digits;

use super::State;
use super::field::id;
use crate::state::FormState;

/// The list; announced when it appears. `focus` moves the focus to a field.
pub fn summary(state: State, focus: Focus) -> Tag {
    let lines = move || state.look(|form| lines(form, &focus));
    part("div", "summary")
        .fixed(|tag| tag.attr("role", "alert").attr("data-alert", ""))
        .live_flag("hidden", live(state, |form| form.summary().is_empty()))
        .live_children(live(state, FormState::refusals), lines)
}

type Focus = Rc<dyn Fn(&str)>;

fn lines(form: &FormState, focus: &Focus) -> Vec<Tag> {
    let errors = form.summary();
    if errors.is_empty() {
        return Vec::new();
    }
    let links = errors.iter().map(|error| tag("li").child(link(focus, error)));
    vec![tag("strong").child(headline(form, errors.len())), tag("ul").children(links)]
}

fn link(focus: &Focus, error: &FieldError) -> Tag {
    let (field, focus) = (error.field.clone(), Rc::clone(focus));
    tag("a")
        .attr("href", ["#", &id(&field)].concat())
        .on("click", move |event| {
            event.prevent_default();
            focus(&field);
        })
        .child(error.message.clone())
}

fn headline(form: &FormState, count: usize) -> String {
    let key = if count == 1 { "summary.one" } else { "summary.many" };
    form.view().texts.fill(key, &[("count", &digits(count as u64))])
}
