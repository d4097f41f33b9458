//! Another time for an appointment, or none: nothing happens before it is confirmed.

use crm_element::tag::{Tag, part};
use crm_protocol::booking::Appointment;
use crm_protocol::words;

use super::{button, choose, done, own, row, step_button, when};
use crate::free::{Time, on_clock, parse_instant};
use crate::state::Flow;

/// The time it has, and the free ones; once one is chosen, whether it shall be moved there.
pub fn moving(flow: &Flow, one: &Appointment) -> Vec<Tag> {
    if let Some(to) = &flow.wanted {
        return confirming(flow, one, to);
    }
    let now = flow.offer.texts.fill("booking.now", &[("time", &present(flow, one))]);
    let mut tags = vec![part("p", "intro").child(now)];
    tags.extend(if flow.choice.who.is_some() { when::when(flow) } else { choose::who(flow) });
    tags.push(row([keep(flow, "quiet next")]));
    tags
}

fn confirming(flow: &Flow, one: &Appointment, to: &Time) -> Vec<Tag> {
    let who = flow.offer.practitioner(&to.practitioner).map_or("", |who| &who.name);
    let new = [&words::when(&flow.offer.texts, to.day, to.minute), " · ", who].concat();
    let sure = flow.offer.texts.fill("booking.move-sure", &[("from", &present(flow, one)), ("to", &new)]);
    let yes = button("main next", "b-yes".to_owned(), "move-now", ("_move", to.slot()));
    vec![
        part("p", "intro").child(sure).children(own(flow, to.instant, to.offset)),
        row([yes.child(flow.text("booking.move-yes")), keep(flow, "second next")]),
    ]
}

/// Asks whether it shall be cancelled.
pub fn cancelling(flow: &Flow, one: &Appointment) -> Vec<Tag> {
    let yes = button("danger next", "b-yes".to_owned(), "cancel-now", ("_step", "cancel-now".to_owned()));
    vec![
        part("p", "intro").child(flow.text("booking.cancel-sure")),
        part("div", "card").child(done::facts(flow, one)),
        row([yes.child(flow.text("booking.cancel-yes")), keep(flow, "second next")]),
    ]
}

fn keep(flow: &Flow, name: &'static str) -> Tag {
    step_button(flow, name, "keep", "booking.keep")
}

/// The time it has.
fn present(flow: &Flow, one: &Appointment) -> String {
    let (day, minute) = on_clock(parse_instant(&one.start).unwrap_or_default(), one.offset);
    words::when(&flow.offer.texts, day, minute)
}
