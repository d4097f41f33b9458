//! Rating and scale: radio buttons in a row.

use crm_protocol::form::Field;
use crm_protocol::text::Text;
use leptos::html::{div, label, span};
use leptos::prelude::*;

use super::State;
use super::choice::tick;
use super::field::shown;

/// Stars a rating has where its definition does not say.
const STARS: u8 = 5;

/// 1 to `max` stars.
pub fn stars(state: State, field: &Field) -> AnyView {
    let most = field.max.as_ref().and_then(|max| max.parse().ok()).unwrap_or(STARS).min(10);
    let stars = (1..=most).map(|points| {
        let value = points.to_string();
        let spoken = state.with_untracked(|form| {
            form.view().texts.fill("rating.star", &[("value", &value), ("max", &most.to_string())])
        });
        label()
            .attr("part", "star")
            .child(tick(state, "radio", &field.name, &value))
            .child(span().attr("part", "spoken").child(spoken))
            .child(span().attr("aria-hidden", "true").child("★"))
            .into_any()
    });
    div().attr("part", "stars").child(stars.collect::<Vec<_>>()).into_any()
}

/// 0 to 10, with a text at either end.
pub fn scale(state: State, field: &Field) -> AnyView {
    let points = (0..=10_u8).map(|points| {
        let value = points.to_string();
        label()
            .attr("part", "point")
            .child(tick(state, "radio", &field.name, &value))
            .child(span().child(value))
            .into_any()
    });
    let end = |text: Option<&Text>, key: &str| match text {
        Some(text) => shown(Some(text)),
        None => state.with_untracked(|form| form.view().texts.get(key).to_owned()),
    };
    let ends = div()
        .attr("part", "ends")
        .child(span().child(end(field.low.as_ref(), "scale.low")))
        .child(span().child(end(field.high.as_ref(), "scale.high")));
    (div().attr("part", "scale").child(points.collect::<Vec<_>>()), ends).into_any()
}
