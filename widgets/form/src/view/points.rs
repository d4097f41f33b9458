//! Rating and scale: radio buttons in a row.

use crm_element::tag::{Tag, part, still, tag};
use crm_protocol::form::Field;
use crm_protocol::text::Text;

use super::choice::tick;
use super::field::shown;
use super::{State, own};

/// Stars a rating has where its definition does not say, and the most it can have.
const STARS: u8 = 5;
const MOST_STARS: u8 = 10;

/// 1 to `max` stars.
pub fn stars(state: State, field: &Field) -> Tag {
    still(|| {
        let most = field.max.as_ref().and_then(|max| max.parse().ok()).unwrap_or(STARS).min(MOST_STARS);
        part("div", "stars").children((1..=most).map(|points| star(state, field, points, most)))
    })
}

fn star(state: State, field: &Field, points: u8, most: u8) -> Tag {
    let value = points.to_string();
    let values = [("value", value.as_str()), ("max", &most.to_string())];
    let spoken = state.look(|form| form.view().texts.fill("rating.star", &values));
    part("label", "star")
        .child(tick(state, "radio", &field.name, &value))
        .child(part("span", "spoken").child(spoken))
        .child(tag("span").attr("aria-hidden", "true").child("★"))
}

/// 0 to 10, with a text at either end.
pub fn scale(state: State, field: &Field) -> Tag {
    let point = |points: u8| {
        let value = points.to_string();
        part("label", "point")
            .child(tick(state, "radio", &field.name, &value))
            .child(tag("span").child(value))
    };
    let end = |text: Option<&Text>, key: &str| match text {
        Some(text) => tag("span").child(shown(Some(text))),
        None => tag("span").child(own(state, key)),
    };
    still(|| {
        let ends = part("div", "ends")
            .child(end(field.low.as_ref(), "scale.low"))
            .child(end(field.high.as_ref(), "scale.high"));
        tag("div").child(part("div", "scale").children((0..=10).map(point))).child(ends)
    })
}
