//! The element's view: title, form, status, thanks.

use std::rc::Rc;

use crm_form::{events, view as form_view};
use crm_protocol::text::Text;
use leptos::ev;
use leptos::html::{button, code, div, form, h2, input, p};
use leptos::prelude::*;

use crate::Plain;
use crate::contact::Contact;
use crate::state::Phase;

type Flag = Box<dyn FnMut() -> bool + Send>;

/// The whole element. `plain` is what only the gateway knows when it renders a hosted page.
pub fn view(contact: &Contact, plain: &Plain) -> AnyView {
    (form_of(contact, plain), thanks(contact)).into_any()
}

/// The form. Its listeners cover all controls, whose events bubble.
fn form_of(contact: &Contact, plain: &Plain) -> AnyView {
    let state = contact.form;
    let phase = contact.phase;
    let view = contact.view();
    let [input, change, submit] = [contact.clone(), contact.clone(), contact.clone()];
    form()
        .attr("part", "form")
        .attr("method", "post")
        .attr("action", ["/f/", &view.site, "/", &view.form.id].concat())
        .attr("enctype", plain.ticket.is_some().then_some("multipart/form-data"))
        .attr("novalidate", true)
        .attr("data-plain", plain.ticket.is_some())
        .attr("hidden", Box::new(move || phase.with(Phase::is_sent)) as Flag)
        .on(ev::input, move |event| input.input(&event))
        .on(ev::change, move |event| change.change(&event))
        .on(ev::focusout, move |event| events::blur(state, &event))
        .on(ev::keydown, move |event| {
            if events::ends_composition(&event) {
                event.prevent_default();
            }
        })
        .on(ev::submit, move |event| {
            event.prevent_default();
            submit.submit();
        })
        .child(body(contact, plain))
        .into_any()
}

fn body(contact: &Contact, plain: &Plain) -> AnyView {
    let state = contact.form;
    let [focus, turn] = [contact.clone(), contact.clone()];
    let form = &contact.view().form;
    let parts = vec![
        h2().attr("part", "title").child(form.title.as_str().to_owned()).into_any(),
        intro(form.intro.as_ref()),
        form_view::summary(state, Rc::new(move |name: &str| focus.focus(name))),
        form_view::progress(state),
        form_view::pages(state),
        form_view::trap(),
        ticket(plain),
        status(contact),
        form_view::actions(state, submit_label(contact), Rc::new(move |forth| turn.turn(forth))),
    ];
    parts.into_any()
}

fn intro(text: Option<&Text>) -> AnyView {
    match text {
        Some(text) => p().attr("part", "intro").child(text.as_str().to_owned()).into_any(),
        None => ().into_any(),
    }
}

/// Signed by the gateway: stands for the challenge on pages without scripts.
fn ticket(plain: &Plain) -> AnyView {
    match &plain.ticket {
        Some(ticket) => input()
            .attr("type", "hidden")
            .attr("name", "_ticket")
            .attr("value", ticket.clone())
            .into_any(),
        None => ().into_any(),
    }
}

/// Says where the submission is.
fn status(contact: &Contact) -> AnyView {
    let (phase, view) = (contact.phase, contact.view());
    let sentence = move || match phase.with(Phase::status) {
        "" => String::new(),
        key => view.texts.get(key).to_owned(),
    };
    div()
        .attr("part", "status")
        .attr("role", "status")
        .attr("data-status", "")
        .attr("data-phase", move || phase.with(Phase::status))
        .child(sentence)
        .into_any()
}

fn submit_label(contact: &Contact) -> Box<dyn FnMut() -> String + Send> {
    let (phase, view) = (contact.phase, contact.view());
    let label = match &view.form.submit {
        Some(text) => text.as_str().to_owned(),
        None => view.texts.get("button.submit").to_owned(),
    };
    let busy = view.texts.get("status.sending").to_owned();
    Box::new(move || if phase.with(|phase| phase.key().is_some()) { busy.clone() } else { label.clone() })
}

fn thanks(contact: &Contact) -> AnyView {
    let (phase, view) = (contact.phase, contact.view());
    let own = |text: Option<&Text>, key: &str| match text {
        Some(text) => text.as_str().to_owned(),
        None => view.texts.get(key).to_owned(),
    };
    let thanks = &view.form.thanks;
    let (copy, again) = (contact.clone(), contact.clone());
    let receipt = div()
        .attr("part", "receipt")
        .attr("hidden", Box::new(move || phase.with(|phase| phase.receipt().is_empty())) as Flag)
        .child(code().attr("part", "code").child(move || phase.with(|phase| phase.receipt().to_owned())))
        .child(p().child(view.texts.get("thanks.keep").to_owned()))
        .child(small_button("copy", view.texts.get("button.copy").to_owned(), move || copy.copy()));
    div()
        .attr("part", "thanks")
        .attr("tabindex", "-1")
        .attr("hidden", Box::new(move || phase.with(|phase| !phase.is_sent())) as Flag)
        .child(h2().attr("part", "title").child(own(thanks.title.as_ref(), "thanks.title")))
        .child(p().attr("part", "intro").child(own(thanks.text.as_ref(), "thanks.text")))
        .child(receipt)
        .child(small_button("again", view.texts.get("button.again").to_owned(), move || again.reset()))
        .into_any()
}

fn small_button(part: &'static str, label: String, click: impl Fn() + 'static) -> AnyView {
    button().attr("part", part).attr("type", "button").on(ev::click, move |_| click()).child(label).into_any()
}
