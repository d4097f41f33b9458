//! What has to be said above everything else, with slots to take instead.

use crm_element::tag::{Tag, part, tag};

use super::when::{time_button, yours};
use crate::state::Flow;
use crm_protocol::words;

/// The sentence and its slots; nothing where there is nothing to say.
pub fn notice(flow: &Flow) -> Vec<Tag> {
    let Some(notice) = &flow.notice else { return Vec::new() };
    let sentence = tag("p").child(flow.text(notice.key));
    let times = notice.times.iter().map(|time| {
        let when = words::when_short(&flow.offer.texts, time.day, time.minute);
        let who = flow.offer.practitioner(&time.practitioner).map_or("", |one| &one.name);
        let button = time_button("soon next", "n-", time, true)
            .child(tag("strong").child(when))
            .child(" ")
            .child(part("span", "more").child(who.to_owned()))
            .children(yours(flow, time));
        tag("li").child(button)
    });
    let times: Vec<Tag> = times.collect();
    let list = (!times.is_empty()).then(|| part("ul", "soonest").children(times));
    vec![part("div", "said").attr("id", "said").attr("tabindex", "-1").child(sentence).children(list)]
}
