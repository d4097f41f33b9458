//! The element's view: title, form, status, thanks.

use std::borrow::Cow;
use std::rc::Rc;

use crm_element::tag::{Live, Tag, Tags, live, part, still, tag};
use crm_form::view as form_view;
use crm_protocol::text::Text;
use crm_protocol::view::FormView;

use crate::Plain;
use crate::contact::Contact;
use crate::state::Phase;

/// The whole element. `plain` is what only the gateway knows when it renders a hosted page.
pub fn view(contact: &Contact, plain: &Plain) -> Tags {
    Tags::new(vec![listening(contact, form(contact, plain)), thanks(contact)])
}

fn form(contact: &Contact, plain: &Plain) -> Tag {
    let state = contact.form;
    let view = contact.view();
    let [focus, turn] = [contact.clone(), contact.clone()];
    part("form", "form")
        .fixed(|tag| native(tag, &view, plain))
        .live_flag("hidden", live(contact.phase, Phase::is_sent))
        .child(still(|| part("h2", "title").child(view.form.title.as_str().to_owned())))
        .children(view.form.intro.as_ref().map(|text| still(|| intro(text))))
        .child(form_view::summary(state, Rc::new(move |name: &str| focus.focus(name))))
        .children(form_view::progress(state))
        .child(form_view::pages(state))
        .child(form_view::trap(state))
        .child(status(contact))
        .child(form_view::actions(state, submit_label(contact), Rc::new(move |forth| turn.turn(forth))))
        .fixed(|tag| tag.children(plain.ticket.as_deref().map(ticket)))
}

/// How a browser posts the form by itself.
fn native(form: Tag, view: &FormView, plain: &Plain) -> Tag {
    // A page that is posted without scripts comes back in its language.
    let lang = plain.ticket.as_ref().map_or(String::new(), |_| ["?lang=", view.lang.as_str()].concat());
    form.attr("method", "post")
        .attr("action", ["/f/", &view.site, "/", &view.form.id, &lang].concat())
        .maybe("enctype", plain.ticket.is_some().then(|| "multipart/form-data".to_owned()))
        .flag("novalidate", true)
        .flag("data-plain", plain.ticket.is_some())
}

/// One listener of a kind on the whole form: the events of its controls bubble.
fn listening(contact: &Contact, form: Tag) -> Tag {
    let [input, change, leave, submit] = std::array::from_fn(|_| contact.clone());
    form.on("input", move |event| input.input(&event))
        .on("change", move |event| change.change(&event))
        .on("focusout", move |event| leave.leave(&event))
        .on("submit", move |event| {
            event.prevent_default();
            submit.submit();
        })
}

fn intro(text: &Text) -> Tag {
    part("p", "intro").child(text.as_str().to_owned())
}

/// Signed by the gateway: stands for the challenge on pages without scripts. The last child, since a page that does run
/// scripts hydrates the form without it.
fn ticket(ticket: &str) -> Tag {
    tag("input").attr("type", "hidden").attr("name", "_ticket").attr("value", ticket.to_owned())
}

/// Says where the submission is.
fn status(contact: &Contact) -> Tag {
    let view = contact.view();
    let sentence = move |phase: &Phase| match phase.status() {
        "" => String::new(),
        key => view.texts.get(key).to_owned(),
    };
    let status = part("div", "status")
        .fixed(|tag| tag.attr("role", "status").attr("data-status", ""))
        .live_attr("data-phase", live(contact.phase, |phase| Some(Cow::Borrowed(phase.word()))));
    status.live_text(live(contact.phase, sentence))
}

fn submit_label(contact: &Contact) -> Live<String> {
    let view = contact.view();
    let label = own_or(contact, view.form.submit.as_ref(), "button.submit");
    let busy = view.texts.get("status.sending").to_owned();
    live(contact.phase, move |phase| if phase.is_moving() { busy.clone() } else { label.clone() })
}

fn thanks(contact: &Contact) -> Tag {
    let view = contact.view();
    let texts = &view.form.thanks;
    let [copy, again] = [contact.clone(), contact.clone()];
    let receipt = part("div", "receipt")
        .live_flag("hidden", live(contact.phase, |phase| phase.receipt().is_empty()))
        .child(part("output", "code").live_text(live(contact.phase, |phase| phase.receipt().to_owned())))
        .child(still(|| tag("p").child(view.texts.get("thanks.keep").to_owned())))
        .child(button(contact, "copy", move || copy.copy()));
    part("div", "thanks")
        .fixed(|tag| tag.attr("tabindex", "-1"))
        .live_flag("hidden", live(contact.phase, |phase| !phase.is_sent()))
        .child(still(|| part("h2", "title").child(own_or(contact, texts.title.as_ref(), "thanks.title"))))
        .child(still(|| part("p", "intro").child(own_or(contact, texts.text.as_ref(), "thanks.text"))))
        .child(receipt)
        .child(button(contact, "again", move || again.reset()))
}

/// The definition's text, or our own where it is missing.
fn own_or(contact: &Contact, text: Option<&Text>, key: &str) -> String {
    text.map_or_else(|| contact.view().texts.get(key).to_owned(), |text| text.as_str().to_owned())
}

fn button(contact: &Contact, name: &'static str, click: impl Fn() + 'static) -> Tag {
    let label = || contact.view().texts.get(&["button.", name].concat()).to_owned();
    part("button", name).fixed(|tag| tag.attr("type", "button").child(label())).on("click", move |_| click())
}
