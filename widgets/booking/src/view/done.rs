//! An appointment with all one has to know of it.

use crm_element::tag::{Tag, part, tag};
use crm_protocol::booking::{Appointment, Status};

use super::{address, own, row, step_button};
use crate::choice::Choice;
use crate::free::{on_clock, parse_instant};
use crate::phase::Why;
use crate::state::Flow;
use crm_protocol::words::{self, clock};

/// An appointment, with what can be done with it.
pub fn appointment(flow: &Flow, one: &Appointment, why: Why) -> Vec<Tag> {
    let mut tags = Vec::new();
    let text = match (one.status, why) {
        (Status::Requested, _) => "booking.requested-more",
        (Status::Cancelled, _) => "booking.cancelled-more",
        (_, Why::Opened) => "",
        _ => "booking.booked-more",
    };
    if !text.is_empty() {
        tags.push(part("p", "intro").child(flow.text(text)));
    }
    let open = one.status.is_open();
    let mut card = part("div", "card").flag("data-over", !open);
    if open {
        card = card.child(code(flow, one));
    }
    tags.push(card.child(facts(flow, one)));
    tags.push(if open { actions(flow, one) } else { again(flow).children(uncalendar(flow, one)) });
    if open {
        tags.push(later(flow, one));
    }
    tags
}

/// The code to say at the desk.
fn code(flow: &Flow, one: &Appointment) -> Tag {
    let copy = part("button", "copy next").attr("type", "button").attr("id", "b-copy");
    let copy = copy.attr("data-act", "copy").attr("value", one.code.clone());
    part("div", "ticket")
        .child(part("span", "more").child(flow.text("booking.code")))
        .child(part("output", "code").child(one.code.clone()))
        .child(copy.child(flow.text("button.copy")))
}

/// What, when, with whom, where, and what to bring.
pub fn facts(flow: &Flow, one: &Appointment) -> Tag {
    let offer = &flow.offer;
    let service = offer.service(&one.service);
    let practitioner = offer.practitioner(&one.practitioner);
    let who = practitioner.map(|who| tag("dd").child(who.name.clone()).children(more(&who.title)));
    let bring =
        service.map(|service| service.bring.clone()).filter(|text| !text.is_empty() && one.status.is_open());
    let named = [
        ("booking.when", Some(when(flow, one))),
        ("booking.what", service.map(|service| tag("dd").child(service.name.clone()))),
        ("booking.who", who),
        ("booking.where", place(flow, one)),
        ("booking.bring", bring.map(|text| tag("dd").child(text))),
    ];
    let pair = |(key, value): (&'static str, Option<Tag>)| {
        Some(tag("div").child(tag("dt").child(flow.text(key))).child(value?))
    };
    part("dl", "facts").children(named.into_iter().filter_map(pair))
}

/// Day and time at the place; on the visitor's own clock too, where it differs.
fn when(flow: &Flow, one: &Appointment) -> Tag {
    let start = parse_instant(&one.start).unwrap_or_default();
    let (day, minute) = on_clock(start, one.offset);
    let (_, end) = on_clock(parse_instant(&one.end).unwrap_or_default(), one.offset);
    let until = [&words::when(&flow.offer.texts, day, minute), "\u{2060}–\u{2060}", &clock(end)].concat();
    let time = tag("time").attr("datetime", one.start.clone()).child(until);
    tag("dd").child(time).children(own(flow, start, one.offset))
}

fn place(flow: &Flow, one: &Appointment) -> Option<Tag> {
    let place = flow.offer.place(&one.place)?;
    let map = (!place.map.is_empty()).then(|| {
        part("a", "map")
            .attr("href", place.map.clone())
            .attr("target", "_blank")
            .attr("rel", "noopener noreferrer")
            .child(flow.text("booking.map"))
            .child(part("span", "spoken").child([" (", &flow.text("consent.new-tab"), ")"].concat()))
    });
    Some(tag("dd").child(place.name.clone()).children(more(&place.address)).children(map))
}

fn more(text: &str) -> Option<Tag> {
    (!text.is_empty()).then(|| part("span", "more").child(text.to_owned()))
}

/// Calendar, another time, cancel.
fn actions(flow: &Flow, one: &Appointment) -> Tag {
    let calendar = step_button(flow, "main next", "calendar", "booking.calendar");
    let change =
        one.movable_until.is_some().then(|| step_button(flow, "second next", "move", "booking.move"));
    let cancel =
        one.cancellable_until.is_some().then(|| step_button(flow, "quiet next", "cancel", "booking.cancel"));
    row([Some(calendar), change, cancel].into_iter().flatten())
}

/// What was put into a calendar leaves it by a file too.
fn uncalendar(flow: &Flow, one: &Appointment) -> Option<Tag> {
    let cancelled = one.status == Status::Cancelled;
    cancelled.then(|| step_button(flow, "second next", "calendar", "booking.uncalendar"))
}

/// How its owner changes it later, and until when; or that it is too late.
fn later(flow: &Flow, one: &Appointment) -> Tag {
    let until = [&one.movable_until, &one.cancellable_until].into_iter().flatten().min();
    let Some(until) = until else { return part("p", "more").child(flow.text("booking.too-late")) };
    let (day, minute) = on_clock(parse_instant(until).unwrap_or_default(), one.offset);
    let until = [("time", &*words::when_short(&flow.offer.texts, day, minute))];
    part("div", "more")
        .child(flow.text("booking.manage-more"))
        .child(link(flow))
        .child(flow.offer.texts.fill("booking.until", &until))
}

/// The address under which its owner finds again what is shown. Behind `#`, so that no server and no log gets to see the
/// token.
fn link(flow: &Flow) -> Tag {
    let to = [&address(flow, &Choice::default()), "#", &flow.capability()].concat();
    let link =
        part("a", "manage").attr("href", to).attr("id", "b-manage").attr("referrerpolicy", "no-referrer");
    part("div", "more").child(link.child(flow.text("booking.manage")))
}

/// The way to book another one.
pub fn again(flow: &Flow) -> Tag {
    let link = super::link(flow, "main next", "b-new".to_owned(), &Choice::default());
    row([link.child(flow.text("booking.new"))])
}
