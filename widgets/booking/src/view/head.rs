//! The title of the step, and what was chosen so far: it stays in sight while the rest is chosen.

use crm_element::tag::{Tag, part, tag};
use crm_protocol::booking::{Status, Turn};

use super::{link, own, title};
use crate::choice::{Ask, Who};
use crate::phase::{Phase, Why};
use crate::state::Flow;
use crm_protocol::words;

/// Title and summary.
pub fn head(flow: &Flow) -> Vec<Tag> {
    let mut tags = vec![title(flow.text(title_key(flow)))];
    tags.extend(chosen(flow));
    let kept = flow.hold.as_ref().filter(|hold| hold.left > 0);
    tags.extend(kept.and_then(|hold| own(flow, hold.time.instant, hold.time.offset)));
    tags
}

fn title_key(flow: &Flow) -> &'static str {
    match &flow.phase {
        Phase::Choosing => match flow.choice.ask() {
            Ask::Department => "booking.title.department",
            Ask::Service => "booking.title.service",
            Ask::Who => "booking.title.practitioner",
            Ask::When => "booking.title.time",
        },
        Phase::Opening(_) => "booking.title.appointment",
        Phase::Details if flow.waiting.is_some() => "booking.title.offered",
        Phase::Details => "booking.title.details",
        Phase::Joining => "booking.title.waitlist",
        Phase::Moving(_) if flow.wanted.is_some() => "booking.title.confirm",
        Phase::Moving(_) => "booking.title.move",
        Phase::Cancelling(_) => "booking.title.cancel",
        Phase::Waiting if flow.waiting.as_ref().is_some_and(|one| one.turn == Turn::Over) => {
            "booking.waiting-over"
        }
        Phase::Waiting => "booking.title.waiting",
        Phase::Shown(appointment, why) => match (appointment.status, why) {
            (Status::Cancelled, _) => "booking.title.cancelled",
            (Status::Requested, Why::Booked) => "booking.title.requested",
            (_, Why::Booked) => "booking.title.booked",
            (_, Why::Moved) => "booking.title.moved",
            (_, Why::Opened) => "booking.title.appointment",
        },
    }
}

/// The choices so far, each with a link to make it again.
fn chosen(flow: &Flow) -> Option<Tag> {
    let items = match &flow.phase {
        Phase::Choosing | Phase::Details | Phase::Joining => {
            vec![department(flow), service(flow), who(flow), time(flow)]
        }
        Phase::Moving(_) => vec![who(flow)],
        Phase::Waiting => vec![service(flow)],
        _ => Vec::new(),
    };
    let items: Vec<Tag> = items.into_iter().flatten().collect();
    let list = part("ul", "chosen").attr("aria-label", flow.text("booking.chosen"));
    (!items.is_empty()).then(|| list.children(items))
}

/// Shown only until a service says it by itself.
fn department(flow: &Flow) -> Option<Tag> {
    let department = flow.offer.department(flow.choice.department.as_deref()?)?;
    let several = flow.offer.departments.len() > 1;
    (flow.choice.service.is_none() && several)
        .then(|| item(flow, &department.name, "", Some(Ask::Department)))
}

fn service(flow: &Flow) -> Option<Tag> {
    let service = flow.choice.service(&flow.offer)?;
    let several = flow.offer.services.len() > 1;
    let minutes = flow.offer.texts.fill("booking.minutes", &[("count", &minutes(service.minutes))]);
    let alone = flow.offer.services.iter().filter(|one| one.department == service.department).count() < 2;
    let again = if alone { Ask::Department } else { Ask::Service };
    Some(item(flow, &service.name, &minutes, several.then_some(again)))
}

fn minutes(minutes: u32) -> String {
    crm_protocol::check::number::digits(minutes.into())
}

fn who(flow: &Flow) -> Option<Tag> {
    let service = flow.service()?;
    let several = service.practitioners.len() > 1;
    let held = flow.hold.as_ref().map(|hold| hold.held.practitioner.as_str());
    let name = match (held, flow.choice.who.as_ref()?) {
        (Some(key), _) => flow.offer.practitioner(key)?.name.clone(),
        (None, Who::One(key)) => flow.offer.practitioner(key)?.name.clone(),
        (None, Who::Anyone) => flow.text("booking.anyone"),
    };
    Some(item(flow, &name, "", several.then_some(Ask::Who)))
}

fn time(flow: &Flow) -> Option<Tag> {
    let hold = flow.hold.as_ref().filter(|hold| hold.left > 0)?;
    let when = words::when_short(&flow.offer.texts, hold.time.day, hold.time.minute);
    Some(item(flow, &when, "", Some(Ask::When)))
}

fn item(flow: &Flow, name: &str, more: &str, again: Option<Ask>) -> Tag {
    let item = tag("li").child(tag("span").child(name.to_owned()));
    let item = if more.is_empty() { item } else { item.child(part("span", "more").child(more.to_owned())) };
    // Another time would give up what was offered.
    let Some(ask) = again.filter(|_| flow.waiting.is_none()) else { return item };
    let word = match ask {
        Ask::Department => "c-department",
        Ask::Service => "c-service",
        Ask::Who => "c-practitioner",
        Ask::When => "c-time",
    };
    let label = flow.offer.texts.fill("booking.change-what", &[("what", name)]);
    let link = link(flow, "change next", word.to_owned(), &flow.choice.before(ask));
    item.child(link.attr("aria-label", label).child(flow.text("booking.change")))
}
