//! The pages of a form and what stands around them.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crm_element::tag::{Live, Tag, live, part, still, tag};
use crm_protocol::check::number::digits;
use crm_protocol::form::Page;
use crm_protocol::text::Text;

use super::field::field;
use super::{State, own};
use crate::state::FormState;

/// All pages; those that are not shown are hidden.
pub fn pages(state: State) -> Tag {
    let Some(view) = state.look(|form| Some(Arc::clone(form.view()))) else { return part("div", "pages") };
    part("div", "pages")
        .live_flag("inert", live(state, FormState::locked))
        .children(view.form.pages.iter().enumerate().map(|(at, one)| page(state, at, one)))
}

fn page(state: State, at: usize, page: &Page) -> Tag {
    let heading =
        |title: &Text| part("h3", "page-title").attr("tabindex", "-1").child(title.as_str().to_owned());
    let title = page.title.as_ref().map(|title| still(|| heading(title)));
    let fields = part("div", "fields").children(page.fields.iter().map(|one| field(state, one)));
    part("section", "page")
        .fixed(|tag| tag.attr("data-page", at.to_string()))
        .live_flag("hidden", live(state, move |form| form.page() != at))
        .children(title)
        .child(fields)
}

/// "Step 1 of 3", on forms with several pages.
pub fn progress(state: State) -> Option<Tag> {
    let count = state.look(|form| form.view().form.pages.len());
    let bar = |at| {
        let reached = move |form: &FormState| at <= form.page() && form.pages().contains(&at);
        tag("span")
            .live_flag("hidden", live(state, move |form| !form.pages().contains(&at)))
            .live_flag("data-reached", live(state, reached))
    };
    let step = part("p", "step").fixed(|tag| tag.attr("aria-live", "polite")).live_text(live(state, step));
    let bars = part("div", "bars").fixed(|tag| tag.attr("aria-hidden", "true")).children((0..count).map(bar));
    (count > 1).then(|| part("div", "progress").child(step).child(bars))
}

fn step(form: &FormState) -> String {
    let (page, pages) = form.progress();
    form.view().texts.fill("progress", &[("page", &digits(page as u64)), ("pages", &digits(pages as u64))])
}

/// A field no person sees: who fills it in is a robot.
pub fn trap(state: State) -> Tag {
    still(|| {
        let control = tag("input")
            .attr("type", "text")
            .attr("name", "website")
            .attr("tabindex", "-1")
            .attr("autocomplete", "off")
            .attr("aria-label", own(state, "trap.label"));
        part("div", "trap").attr("aria-hidden", "true").child(control)
    })
}

/// Back, next and submit. `turn` hears whether to go forth.
pub fn actions(state: State, label: Live<String>, turn: Rc<dyn Fn(bool)>) -> Tag {
    let forth = Rc::clone(&turn);
    let back = button(state, "back")
        .live_flag("hidden", live(state, |form| form.progress().0 <= 1))
        .on("click", move |_| turn(false));
    let next = button(state, "next")
        .live_flag("hidden", live(state, FormState::is_last))
        .on("click", move |_| forth(true));
    let submit = part("button", "submit")
        .fixed(|tag| tag.attr("type", "submit"))
        .live_flag("hidden", live(state, |form| !form.is_last()))
        .live_attr("aria-disabled", live(state, |form| form.locked().then_some(Cow::Borrowed("true"))))
        .live_text(label);
    part("div", "actions").child(back).child(next).child(submit)
}

fn button(state: State, name: &'static str) -> Tag {
    part("button", name)
        .fixed(|tag| tag.attr("type", "button").child(own(state, &["button.", name].concat())))
}
