//! Rating and scale: radio buttons in a row.

use crm_protocol::form::Field;
use leptos::html::{div, label, span};
use leptos::prelude::*;

use super::State;
use super::choice::{list, tick};
use super::field::shown;

/// Stars a rating has where its definition does not say.
const STARS: u8 = 5;

/// 1 to `max` stars.
pub fn stars(state: State, field: &Field) -> AnyView {
    let most = field.max.as_ref().and_then(|max| max.parse().ok()).unwrap_or(STARS).min(10);
    let stars = (1..=most).map(|points| {
        let value = points.to_string();
        let spoken = state.with_untracked(|form| {
            form.view().texts.fill("form.points", &[("points", &value), ("max", &most.to_string())])
        });
        label()
            .attr("part", "star")
            .child(tick(state, "radio", &field.name, &value))
            .child(span().attr("part", "spoken").child(spoken))
            .child(span().attr("aria-hidden", "true").child("★"))
            .into_any()
    });
    div().attr("part", "stars").child(list(stars.collect())).into_any()
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
    let ends = div()
        .attr("part", "ends")
        .child(span().child(shown(field.low.as_ref())))
        .child(span().child(shown(field.high.as_ref())));
    (div().attr("part", "scale").child(list(points.collect())), ends).into_any()
}
