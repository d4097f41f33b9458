//! The element's view: title, form, status, thanks.

use crm_form::view as form_view;
use crm_protocol::text::Text;
use leptos::ev;
use leptos::html::{button, code, div, form, h2, input, p};
use leptos::prelude::*;

use crate::Plain;
use crate::contact::Contact;
use crate::state::Phase;

/// The whole element. `plain` is what only the gateway knows when it renders a hosted page.
pub fn view(contact: &Contact, plain: &Plain) -> AnyView {
    (form_of(contact, plain), thanks(contact)).into_any()
}

fn form_of(contact: &Contact, plain: &Plain) -> AnyView {
    let state = contact.form;
    let phase = contact.phase;
    let view = contact.view();
    let action = ["/f/", &view.site, "/", &view.form.id].concat();
    let (focus, turn, events) = (contact.clone(), contact.clone(), contact.clone());
    let head = (
        h2().attr("part", "title").child(view.form.title.as_str().to_owned()),
        intro(view.form.intro.as_ref()),
    );
    let body = (
        form_view::summary(state, move |name| focus.focus(name)),
        form_view::progress(state),
        form_view::pages(state),
        form_view::trap(),
        ticket(plain),
        status(contact),
        form_view::actions(state, submit_label(contact), move |forth| turn.turn(forth)),
    );
    form()
        .attr("part", "form")
        .attr("method", "post")
        .attr("action", action)
        .attr("enctype", plain.ticket.is_some().then_some("multipart/form-data"))
        .attr("novalidate", true)
        .attr("data-plain", plain.ticket.is_some())
        .attr("hidden", move || phase.with(Phase::is_sent))
        .on(ev::submit, move |event| {
            event.prevent_default();
            events.submit();
        })
        .child(head.into_any())
        .child(body.into_any())
        .into_any()
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
        None => view.texts.get("form.submit").to_owned(),
    };
    let busy = view.texts.get("form.sending").to_owned();
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
        .attr("hidden", move || phase.with(|phase| phase.receipt().is_empty()))
        .child(p().child(view.texts.get("thanks.receipt").to_owned()))
        .child(code().attr("part", "code").child(move || phase.with(|phase| phase.receipt().to_owned())))
        .child(small_button("copy", view.texts.get("thanks.copy").to_owned(), move || copy.copy()));
    div()
        .attr("part", "thanks")
        .attr("tabindex", "-1")
        .attr("hidden", move || phase.with(|phase| !phase.is_sent()))
        .child(h2().attr("part", "title").child(own(thanks.title.as_ref(), "thanks.title")))
        .child(p().attr("part", "intro").child(own(thanks.text.as_ref(), "thanks.text")))
        .child(receipt)
        .child(small_button("again", view.texts.get("thanks.again").to_owned(), move || again.reset()))
        .into_any()
}

fn small_button(part: &'static str, label: String, click: impl Fn() + 'static) -> AnyView {
    button().attr("part", part).attr("type", "button").on(ev::click, move |_| click()).child(label).into_any()
}
