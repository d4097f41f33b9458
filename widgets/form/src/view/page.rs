//! The pages of a form and what stands around them.

use std::rc::Rc;
use std::sync::Arc;

use crm_protocol::form::Page;
use leptos::html::{a, button, div, h3, input, li, p, section, span, strong, ul};
use leptos::prelude::*;

use super::field::{field, id};
use super::{State, dynamic, flag, text};
use crate::state::FormState;

/// All pages; those that are not shown are hidden.
pub fn pages(state: State) -> AnyView {
    let view = state.with_untracked(|form| Arc::clone(form.view()));
    let pages = view.form.pages.iter().enumerate().map(|(at, one)| page(state, at, one));
    div()
        .attr("part", "pages")
        .attr("inert", flag(state, FormState::locked))
        .child(pages.collect::<Vec<_>>())
        .into_any()
}

fn page(state: State, at: usize, page: &Page) -> AnyView {
    let title = page.title.as_ref().map(|title| {
        h3().attr("part", "page-title").attr("tabindex", "-1").child(title.as_str().to_owned())
    });
    let title = match title {
        Some(title) => title.into_any(),
        None => ().into_any(),
    };
    let fields = page.fields.iter().map(|one| field(state, one));
    section()
        .attr("part", "page")
        .attr("data-page", at.to_string())
        .attr("hidden", flag(state, move |form| form.page() != at))
        .child(title)
        .child(div().attr("part", "fields").child(fields.collect::<Vec<_>>()))
        .into_any()
}

/// "Step 1 of 3", on forms with several pages.
pub fn progress(state: State) -> AnyView {
    let count = state.with_untracked(|form| form.view().form.pages.len());
    if count < 2 {
        return ().into_any();
    }
    let bars = (0..count).map(|at| {
        let reached = move |form: &FormState| form.pages().contains(&at) && at <= form.page();
        span()
            .attr("hidden", flag(state, move |form| !form.pages().contains(&at)))
            .attr("data-reached", flag(state, reached))
            .into_any()
    });
    div()
        .attr("part", "progress")
        .child(p().attr("part", "step").attr("aria-live", "polite").child(text(state, step)))
        .child(div().attr("part", "bars").attr("aria-hidden", "true").child(bars.collect::<Vec<_>>()))
        .into_any()
}

fn step(form: &FormState) -> String {
    let (page, pages) = form.progress();
    form.view().texts.fill("progress", &[("page", &page.to_string()), ("pages", &pages.to_string())])
}

/// The list of errors, each leading to its field.
pub fn summary(state: State, focus: Rc<dyn Fn(&str)>) -> AnyView {
    // The view's closures must be `Send`, what the page's own thread does need not.
    let focus = StoredValue::new_local(focus);
    let errors = dynamic(
        state,
        |form| if form.summary() { form.errors().to_vec() } else { Vec::new() },
        move |errors| {
            if errors.is_empty() {
                return ().into_any();
            }
            let title = state.with_untracked(|form| headline(form, errors.len()));
            let links = errors.into_iter().map(|error| {
                a().attr("href", ["#", &id(&error.field)].concat())
                    .on(leptos::ev::click, move |event| {
                        event.prevent_default();
                        focus.with_value(|focus| focus(&error.field));
                    })
                    .child(error.message)
            });
            let links = links.map(|link| li().child(link).into_any()).collect::<Vec<_>>();
            (strong().child(title), ul().child(links)).into_any()
        },
    );
    div()
        .attr("part", "summary")
        .attr("role", "alert")
        .attr("data-alert", "")
        .attr("hidden", flag(state, |form| !form.summary()))
        .child(errors)
        .into_any()
}

fn headline(form: &FormState, count: usize) -> String {
    let key = if count == 1 { "summary.one" } else { "summary.many" };
    form.view().texts.fill(key, &[("count", &count.to_string())])
}

/// A field no person sees: who fills it in is a robot.
pub fn trap() -> AnyView {
    let control = input()
        .attr("type", "text")
        .attr("name", "website")
        .attr("tabindex", "-1")
        .attr("autocomplete", "off");
    div().attr("part", "trap").attr("aria-hidden", "true").child(control).into_any()
}

/// Back, next and submit.
pub fn actions(state: State, label: Box<dyn FnMut() -> String + Send>, turn: Rc<dyn Fn(bool)>) -> AnyView {
    let texts = |key: &str| state.with_untracked(|form| form.view().texts.get(key).to_owned());
    let forth = Rc::clone(&turn);
    let back = button()
        .attr("part", "back")
        .attr("type", "button")
        .attr("hidden", flag(state, |form| form.progress().0 <= 1))
        .on(leptos::ev::click, move |_| turn(false))
        .child(texts("button.back"));
    let next = button()
        .attr("part", "next")
        .attr("type", "button")
        .attr("hidden", flag(state, FormState::is_last))
        .on(leptos::ev::click, move |_| forth(true))
        .child(texts("button.next"));
    let submit = button()
        .attr("part", "submit")
        .attr("type", "submit")
        .attr("hidden", flag(state, |form| !form.is_last()))
        .attr("aria-disabled", flag(state, FormState::locked))
        .child(label);
    div().attr("part", "actions").child(back).child(next).child(submit).into_any()
}
