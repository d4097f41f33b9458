//! Department, service, practitioner: a card for each, which is a link.

use crm_element::tag::{Tag, part, tag};
use crm_protocol::booking::{Department, Practitioner, Service};
use crm_protocol::check::number::digits;
use crm_protocol::words;

use super::{link, when};
use crate::choice::Who;
use crate::state::Flow;

/// The departments.
pub fn departments(flow: &Flow) -> Vec<Tag> {
    let card = |one: &Department| {
        let link =
            link(flow, "choice next", ["c-", &one.key].concat(), &flow.choice.with_department(&one.key));
        card(link, &one.name, &one.intro, "")
    };
    cards(flow.offer.departments.iter().map(card))
}

/// The services of the department, or all of them.
pub fn services(flow: &Flow) -> Vec<Tag> {
    let card = |one: &Service| {
        let link = link(flow, "choice next", ["c-", &one.key].concat(), &flow.choice.with_service(&one.key));
        let minutes = flow.offer.texts.fill("booking.minutes", &[("count", &digits(one.minutes.into()))]);
        card(link, &one.name, &one.intro, &minutes)
    };
    cards(flow.choice.services(&flow.offer).map(card))
}

/// The soonest slots, then whoever is free first, then everybody who does it.
pub fn who(flow: &Flow) -> Vec<Tag> {
    let Some(service) = flow.service() else { return Vec::new() };
    let people = service.practitioners.iter().filter_map(|key| flow.offer.practitioner(key));
    let card = |one: &Practitioner| {
        let choice = flow.choice.with_who(Who::One(one.key.clone()));
        person(flow, link(flow, "choice next", ["c-", &one.key].concat(), &choice), one)
    };
    let anyone = link(flow, "choice next", "c-any".to_owned(), &flow.choice.with_who(Who::Anyone));
    let anyone = self::card(anyone, &flow.text("booking.anyone"), &flow.text("booking.anyone-more"), "");
    let mut tags = when::soonest(flow);
    tags.push(part("h3", "subtitle").child(flow.text("booking.or-who")));
    tags.extend(cards(std::iter::once(anyone).chain(people.map(card))));
    tags
}

/// With the initial letter of the name, and when they are free next.
fn person(flow: &Flow, link: Tag, one: &Practitioner) -> Tag {
    let next = flow.slots.as_ref().and_then(|slots| {
        let free = crate::free::Free::new(slots, Some(&one.key))?;
        Some(match free.soonest(1).first() {
            Some(time) => words::when_short(&flow.offer.texts, time.day, time.minute),
            None => flow.text("booking.none"),
        })
    });
    card(link, &one.name, &one.title, &next.unwrap_or_default())
}

fn cards(cards: impl Iterator<Item = Tag>) -> Vec<Tag> {
    vec![part("ul", "choices").children(cards.map(|card| tag("li").child(card)))]
}

fn card(link: Tag, name: &str, intro: &str, more: &str) -> Tag {
    let some = |name, text: &str| (!text.is_empty()).then(|| part("span", name).child(text.to_owned()));
    let words = part("span", "words")
        .child(part("strong", "name").child(name.to_owned()))
        .child(" ")
        .children(some("intro-line", intro));
    link.child(words).child(" ").children(some("more", more))
}
