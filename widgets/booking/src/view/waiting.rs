//! A place on the waitlist.

use crm_element::tag::{ON_GATEWAY, Tag, part};

use super::{button, done, row, step_button};
use crate::state::Flow;

/// What one waits for, and how to look again or leave; that it is over says the title.
pub fn waiting(flow: &Flow) -> Vec<Tag> {
    if !flow.is_waiting() {
        return vec![done::again(flow)];
    }
    // A page with scripts looks by itself.
    let look = || {
        button("second next", "b-look".to_owned(), "look", ("_step", "show".to_owned()))
            .child(flow.text("booking.look"))
    };
    vec![
        part("p", "intro").child(flow.text("booking.waiting-more")),
        row(ON_GATEWAY.then(look).into_iter().chain([leave(flow)])),
    ]
}

/// Leaves the waitlist, with or without something offered.
pub fn leave(flow: &Flow) -> Tag {
    step_button(flow, "quiet next", "leave", "booking.leave")
}
