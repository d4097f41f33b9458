//! The calendar's keys, as in the date grid of the ARIA Authoring Practices
//! (<https://www.w3.org/WAI/ARIA/apg/patterns/dialog-modal/examples/datepicker-dialog/>).

use crm_element::json;
use crm_protocol::check::date::Date;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use crate::booking::Booking;
use crate::free::iso;

/// Moves through the days. Enter is the link's own; the space bar presses it too.
pub fn press(booking: &Booking, event: &Event) {
    let Ok(target) = json::get(event, "target").dyn_into::<Element>() else { return };
    if modified(event) || !target.id().starts_with("d-") || target.closest("table").ok().flatten().is_none() {
        return;
    }
    let key = json::get_text(event, "key");
    if key == " " {
        event.prevent_default();
        json::call(&target, "click", &[]);
        return;
    }
    let rtl = booking.flow.look(|flow| flow.offer.lang.is_rtl());
    let Some(day) = booking.flow.look(|flow| flow.cursor()).and_then(|day| target_day(&key, day, rtl)) else {
        return;
    };
    event.prevent_default();
    booking.flow.change(|flow| flow.reach(day));
    let cursor = booking.flow.look(|flow| flow.cursor()).map(iso).unwrap_or_default();
    booking.after_update(move |booking| booking.focus(&["[id=d-", &cursor, "]"].concat()));
}

/// Whether a key is held that makes it the browser's business.
pub(crate) fn modified(event: &Event) -> bool {
    ["altKey", "ctrlKey", "metaKey", "shiftKey"].iter().any(|key| json::get(event, key).is_truthy())
}

/// The day a key leads to.
fn target_day(key: &str, day: i32, rtl: bool) -> Option<i32> {
    let date = Date::from_unix(day).ok()?;
    let forth = if rtl { -1 } else { 1 };
    let months = |count| date.plus_months(count).ok().map(Date::to_unix);
    match key {
        "ArrowLeft" => Some(day - forth),
        "ArrowRight" => Some(day + forth),
        "ArrowUp" => Some(day - 7),
        "ArrowDown" => Some(day + 7),
        "Home" => Some(day - i32::from(date.weekday())),
        "End" => Some(day + 6 - i32::from(date.weekday())),
        "PageUp" => months(-1),
        "PageDown" => months(1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(key: &str, from: &str, rtl: bool) -> String {
        let day = crm_protocol::check::date::parse(from).map(|date| date.to_unix());
        day.ok().and_then(|day| target_day(key, day, rtl)).map(iso).unwrap_or_default()
    }

    #[test]
    fn keys_lead_where_the_practices_say() {
        // A Tuesday.
        let from = "2026-11-24";
        let led =
            ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown", "a"]
                .map(|key| leads(key, from, false));
        let expected = [
            "2026-11-23",
            "2026-11-25",
            "2026-11-17",
            "2026-12-01",
            "2026-11-23",
            "2026-11-29",
            "2026-10-24",
            "2026-12-24",
            "",
        ];
        assert_eq!(led, expected);
        assert_eq!(leads("PageDown", "2026-01-31", false), "2026-02-28");
        assert_eq!(leads("ArrowLeft", from, true), "2026-11-25");
    }
}
