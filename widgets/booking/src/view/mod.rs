//! The element's view, the same on the gateway and in the page.
//!
//! What changes as a whole is built anew as a whole (see `region`); everything in it that can have the focus has an id,
//! by which the focus is found again. One listener of a kind on the whole form is enough, since events bubble: what
//! an element does stands in its `data-act`, and a link leads where its address says, with and without scripts.
//!
//! # Layout
//!
//! - `head` the title and what was chosen so far, `notice` what has to be said
//! - `choose` department, service, practitioner
//! - `when` the calendar, the list of days, the times
//! - `details` the clock of the kept slot, the service's form
//! - `done` an appointment, `change` another time for it or none, `waiting` a place on the waitlist

mod change;
mod choose;
mod details;
mod done;
mod head;
mod notice;
mod waiting;
mod when;

use crm_element::shared::Shared;
use crm_element::tag::{ON_GATEWAY, Tag, Tags, live, part, tag};

use crate::booking::Booking;
use crate::choice::{Ask, Choice};
use crate::phase::Phase;
use crate::state::Flow;
use crm_protocol::words;

/// The whole element.
pub fn view(booking: &Booking) -> Tags {
    let flow = booking.flow;
    let form = part("form", "flow")
        .fixed(|tag| native(tag, flow))
        .live_attr("data-step", live(flow, |flow| Some(flow.step().into())))
        .child(region("head", flow, Flow::version, head::head))
        .child(region("alert", flow, Flow::notices, notice::notice).attr("role", "alert"))
        .child(details::clock(flow))
        .child(region("stage", flow, Flow::version, stage))
        .child(details::details(booking))
        .child(region("hidden", flow, Flow::version, hidden))
        .child(details::status(flow));
    Tags::new(vec![listening(booking, form)])
}

/// A part of the view that is built anew whenever its count goes on.
fn region(
    name: &'static str,
    flow: Shared<Flow>,
    count: impl Fn(&Flow) -> u32 + 'static,
    build: impl Fn(&Flow) -> Vec<Tag> + 'static,
) -> Tag {
    part("div", name).live_children(live(flow, count), move || flow.look(&build))
}

/// How a browser posts the form by itself.
fn native(form: Tag, flow: Shared<Flow>) -> Tag {
    let (address, ticketed) =
        flow.look(|flow| (address(flow, &Choice::default()), flow.around.ticket.is_some()));
    form.attr("method", "post").attr("action", address).flag("novalidate", true).flag("data-plain", ticketed)
}

fn listening(booking: &Booking, form: Tag) -> Tag {
    let [click, key, input, leave, submit] = std::array::from_fn(|_| booking.clone());
    form.on("click", move |event| click.click(&event))
        .on("keydown", move |event| key.key(&event))
        .on("input", move |event| input.input(&event))
        .on("focusout", move |event| leave.leave(&event))
        .on("submit", move |event| {
            event.prevent_default();
            submit.submit();
        })
}

/// What the current step asks or shows.
fn stage(flow: &Flow) -> Vec<Tag> {
    match &flow.phase {
        Phase::Choosing => asking(flow),
        Phase::Opening(_) if flow.trouble.is_some() => vec![when::trouble(flow, "booking.unreachable")],
        Phase::Opening(_) => vec![part("p", "loading").child(flow.text("booking.asking"))],
        Phase::Details | Phase::Joining => details::above(flow),
        Phase::Shown(appointment, why) => done::appointment(flow, appointment, *why),
        Phase::Moving(appointment) => change::moving(flow, appointment),
        Phase::Cancelling(appointment) => change::cancelling(flow, appointment),
        Phase::Waiting => waiting::waiting(flow),
    }
}

fn asking(flow: &Flow) -> Vec<Tag> {
    match flow.choice.ask() {
        Ask::Department => choose::departments(flow),
        Ask::Service => choose::services(flow),
        Ask::Who => choose::who(flow),
        Ask::When => when::when(flow),
    }
}

/// What a browser without scripts sends along: the ticket, and the choice so far.
fn hidden(flow: &Flow) -> Vec<Tag> {
    let Some(ticket) = flow.around.ticket.as_ref().filter(|_| ON_GATEWAY) else { return Vec::new() };
    let mut pairs = vec![("_ticket", ticket.clone())];
    let named = [
        ("_service", flow.choice.service.clone()),
        ("_practitioner", flow.choice.who.as_ref().map(|who| who.as_str().to_owned())),
    ];
    pairs.extend(named.into_iter().filter_map(|(name, value)| Some((name, value?))));
    if let Some(hold) = &flow.hold {
        pairs.push(("_hold", hold.held.id.text()));
        pairs.push(("_token", hold.held.token.clone()));
        pairs.push(("_held", hold.held.start.clone()));
        pairs.push(("_offset", hold.held.offset.to_string()));
        pairs.push(("_until", hold.held.expires.clone()));
    }
    if let Some(appointment) = flow.appointment() {
        pairs.push(("_appointment", appointment.id.text()));
        pairs.push(("_token", appointment.token.clone()));
    }
    if flow.waiting.is_some() {
        pairs.push(("_waiting", flow.capability()));
    }
    if matches!(flow.phase, Phase::Joining) {
        pairs.push(("_joining", "1".to_owned()));
    }
    let input = |(name, value): (&'static str, String)| {
        tag("input").attr("type", "hidden").attr("name", name).attr("value", value)
    };
    pairs.into_iter().map(input).collect()
}

/// The address of a choice on the hosted page.
pub(crate) fn address(flow: &Flow, choice: &Choice) -> String {
    let mut address =
        [&flow.around.root, "b/", &flow.offer.site, "?lang=", flow.offer.lang.as_str()].concat();
    for (name, value) in choice.pairs() {
        [["&", name, "=", value].concat()].iter().for_each(|pair| address.push_str(pair));
    }
    address
}

/// A link to a choice; while an appointment is being moved a button that posts it, where no script keeps the
/// appointment. The loader holds what is pressed before somebody can act on it: see `part~=next` in `first.js`.
fn link(flow: &Flow, name: &'static str, id: String, choice: &Choice) -> Tag {
    let address = address(flow, choice);
    match flow.phase {
        Phase::Moving(_) if ON_GATEWAY => button(name, id, "go", ("_go", address)),
        _ => part("a", name).attr("id", id).attr("data-act", "go").attr("href", address),
    }
}

/// A button; without scripts it posts `name=value`.
fn button(name: &'static str, id: String, act: &'static str, post: (&'static str, String)) -> Tag {
    part("button", name)
        .attr("type", "submit")
        .attr("id", id)
        .attr("data-act", act)
        .attr("name", post.0)
        .attr("value", post.1)
}

/// A button that posts its act as the step.
fn step_button(flow: &Flow, name: &'static str, act: &'static str, key: &str) -> Tag {
    button(name, ["b-", act].concat(), act, ("_step", act.to_owned())).child(flow.text(key))
}

/// A step's buttons beside each other.
fn row(buttons: impl IntoIterator<Item = Tag>) -> Tag {
    part("div", "row").children(buttons)
}

/// An instant on the visitor's own clock, where that differs from the place's.
fn own(flow: &Flow, instant: i64, offset: i32) -> Option<Tag> {
    let (day, minute) = flow.own(instant, offset)?;
    let time = words::when_short(&flow.offer.texts, day, minute);
    Some(part("span", "own").child(flow.offer.texts.fill("booking.own", &[("time", &time)])))
}

/// The title of a step, which has the focus once the step is shown.
fn title(text: String) -> Tag {
    part("h2", "title").attr("id", "title").attr("tabindex", "-1").child(text)
}
