//! The service's form, and the clock of the slot that is kept meanwhile.

use std::borrow::Cow;
use std::rc::Rc;

use crm_element::shared::Shared;
use crm_element::tag::{ON_GATEWAY, Tag, live, part, tag};
use crm_form::view as form_view;
use crm_protocol::check::number::digits;
use crm_protocol::words::{clock as minutes, when_short};

use super::waiting::leave;
use super::{row, step_button};
use crate::booking::Booking;
use crate::free::{on_clock, parse_instant};
use crate::phase::{Busy, Phase};
use crate::state::{Flow, Hold};

/// Seconds before the end from which on the rest is announced.
const LAST: u32 = 30;

/// Seconds from which on the end is said instead of a clock.
const HOUR: u32 = 3_600;

/// How long the slot is kept: a clock to see, and a sentence that a screen reader says at whole minutes and near the end.
pub fn clock(flow: Shared<Flow>) -> Tag {
    let seen = tag("span").attr("aria-hidden", "true").live_text(live(flow, seen));
    let spoken = part("span", "spoken").attr("aria-live", "polite").live_text(live(flow, spoken));
    part("p", "clock")
        .live_flag("hidden", live(flow, |flow| left(flow) == 0))
        .live_flag("data-last", live(flow, |flow| !ON_GATEWAY && left(flow) <= LAST))
        .child(seen)
        .child(spoken)
}

fn left(flow: &Flow) -> u32 {
    flow.hold.as_ref().map_or(0, |hold| hold.left)
}

fn seen(flow: &Flow) -> String {
    match &flow.hold {
        // Nobody watches hours go by.
        Some(hold) if ON_GATEWAY || hold.left >= HOUR => until(flow, hold),
        // Seconds under minutes are what minutes under hours are.
        Some(hold) => flow.offer.texts.fill("booking.kept", &[("time", &minutes(hold.left))]),
        None => String::new(),
    }
}

/// Without scripts no clock runs, and the end is said.
fn until(flow: &Flow, hold: &Hold) -> String {
    let end = parse_instant(&hold.held.expires).unwrap_or_default();
    let (day, minute) = on_clock(end, hold.time.offset);
    let end = when_short(&flow.offer.texts, day, minute);
    flow.offer.texts.fill("booking.kept-until", &[("time", &end)])
}

fn spoken(flow: &Flow) -> String {
    let left = left(flow);
    let (key, count) = match left {
        0 => return String::new(),
        1..=LAST => ("booking.kept-seconds", LAST),
        _ => ("booking.kept-minutes", left.div_ceil(60)),
    };
    flow.offer.texts.fill(key, &[("count", &digits(count.into()))])
}

/// What stands above the form: that its slot was offered to who waits, or that what was sent waits itself.
pub fn above(flow: &Flow) -> Vec<Tag> {
    match flow.busy {
        Busy::Waiting { .. } => vec![row([step_button(flow, "quiet next", "discard", "booking.discard")])],
        _ if flow.waiting.is_some() => {
            vec![part("p", "intro").child(flow.text("booking.offered-more")), row([leave(flow)])]
        }
        _ => Vec::new(),
    }
}

/// The form, built anew for each slot that is kept: another service asks another one.
pub fn details(booking: &Booking) -> Tag {
    let flow = booking.flow;
    let hidden = |flow: &Flow| !matches!(flow.phase, Phase::Details | Phase::Joining);
    let of_form = booking.clone();
    part("div", "details")
        .live_flag("hidden", live(flow, hidden))
        .live_children(live(flow, Flow::forms), move || form(&of_form))
}

fn form(booking: &Booking) -> Vec<Tag> {
    let Some(state) = booking.form() else { return Vec::new() };
    let [focus, turn] = [booking.clone(), booking.clone()];
    let flow = booking.flow;
    let labels = flow.look(|flow| {
        let approval = flow.service().is_some_and(|service| service.approval);
        let key = match flow.phase {
            Phase::Joining => "booking.join",
            _ if approval => "booking.request",
            _ => "booking.book",
        };
        (flow.text(key), flow.text("booking.sending"))
    });
    let label =
        live(flow, move |flow| if flow.busy == Busy::Sending { labels.1.clone() } else { labels.0.clone() });
    let mut tags = vec![form_view::summary(state, Rc::new(move |name: &str| focus.focus_field(name)))];
    tags.extend(form_view::progress(state));
    tags.push(form_view::pages(state));
    tags.push(form_view::trap(state));
    tags.push(form_view::actions(state, label, Rc::new(move |forth| turn.turn(forth))));
    tags
}

/// Says where the booking is.
pub fn status(flow: Shared<Flow>) -> Tag {
    let sentence = |flow: &Flow| match flow.busy {
        Busy::No if flow.over.is_some() => flow.text("booking.over-book"),
        Busy::No => String::new(),
        Busy::Asking => flow.text("booking.asking"),
        Busy::Sending => flow.text("booking.sending"),
        Busy::Waiting { offline: true } => flow.text("booking.waits-offline"),
        Busy::Waiting { .. } => flow.text("booking.waits"),
    };
    let word = |flow: &Flow| match flow.busy {
        Busy::No if flow.over.is_some() => "over",
        Busy::No => "",
        Busy::Asking => "asking",
        Busy::Sending => "sending",
        Busy::Waiting { .. } => "waiting",
    };
    part("div", "status")
        .attr("role", "status")
        .live_attr("data-phase", live(flow, move |flow| Some(Cow::Borrowed(word(flow)))))
        .live_text(live(flow, sentence))
}
