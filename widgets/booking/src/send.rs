//! Booking the slot that is kept, and joining the waitlist: checked, frozen, kept on the device, sent until answered.

use std::rc::Rc;

use crm_client::body::body;
use crm_client::deliver::deliver;
use crm_client::entry::Entry;
use crm_client::place::Place;
use crm_client::send::Answer;
use crm_element::shared::Shared;
use crm_element::{json, page, time};
use crm_form::state::FormState;

use crate::ask::{address, challenges, refused};
use crate::booking::Booking;
use crate::choice::Who;
use crate::manage;
use crate::phase::{Busy, Phase, Why};
use crate::state::Flow;

/// What an entry in the outbox is of, by the end of its address.
const APPOINTMENTS: &str = "appointments";
const WAITLIST: &str = "waitlist";

/// Checks the form and sends it once. A second call while one is under way changes nothing.
pub fn submit(booking: &Booking) {
    let (Some(place), Some(form)) = (booking.place(), booking.form()) else { return };
    if booking.flow.is(Flow::is_busy) {
        return;
    }
    let errors = form.look(|form| form.check(&time::today()));
    if !errors.is_empty() {
        form.change(|form| form.refuse(errors));
        return booking.focus_first_error();
    }
    if booking.flow.is(|flow| matches!(flow.phase, Phase::Details) && flow.hold.is_none()) {
        // The time is over, and the form is what the visitor wants to send: the slot is taken once more first.
        return crate::take::take(
            booking,
            &booking.flow.look(|flow| flow.over.clone()).unwrap_or_default(),
            true,
        );
    }
    let detail = [("form", form.look(|form| form.view().form.id.clone()).into()), ("data", booking.data())];
    if !place.host.emit("crm-submit", &json::object(&detail)) {
        return;
    }
    let entry = freeze(booking, &place, form);
    booking.alter(|flow| flow.busy(Busy::Sending));
    booking.lock(true);
    wasm_bindgen_futures::spawn_local(run(booking.clone(), place, entry));
}

/// The request as it will be sent, however often: a booking of what is kept, or else a place on the waitlist.
fn freeze(booking: &Booking, place: &Place, form: Shared<FormState>) -> Entry {
    let (service, id) = booking.service();
    let (context, signals) = (place.host.ask("context"), place.signals());
    let body = form.look(|form| body(form.view(), &form.answers(), context, signals));
    let set = |name: &str, value: &str| json::set(&body, name, &value.into());
    set("service", &service);
    let mut entry = Entry { key: page::random_key(), form: id, ..Entry::default() };
    booking.flow.look(|flow| {
        entry.site.clone_from(&flow.offer.site);
        match &flow.hold {
            Some(hold) => {
                set("hold", &hold.held.id.text());
                set("start", &hold.held.start);
                set("practitioner", &hold.held.practitioner);
                entry.token.clone_from(&hold.held.token);
            }
            None => {
                let who = flow.choice.who.as_ref().and_then(Who::key);
                who.into_iter().for_each(|who| set("practitioner", who));
            }
        }
    });
    entry.url = address(booking, place, if entry.token.is_empty() { WAITLIST } else { APPOINTMENTS });
    entry.body = json::stringify(&body);
    entry
}

pub(crate) async fn run(booking: Booking, place: Rc<Place>, entry: Entry) {
    place.outbox.put(&entry).await;
    let challenges = if entry.token.is_empty() { challenges(&place, &entry.form) } else { None };
    let turn = booking.flow.look(Flow::turns);
    // Another one may be on its way since this was given up.
    let is_ours = || booking.flow.look(Flow::turns) == turn;
    let wanted = || is_ours() && booking.flow.is(Flow::is_sending);
    let later = |code: &str| {
        if wanted() {
            booking.change(|flow| flow.busy(Busy::Waiting { offline: !page::is_online() }));
            booking.error(code);
        }
        !booking.flow.is_gone()
    };
    let answer = deliver(&entry, &place.outbox, challenges.as_ref(), later, wanted).await;
    let free = is_ours() || !booking.flow.is(Flow::is_sending);
    if free {
        booking.lock(false);
    }
    // What was booked is said, whatever else is on its way.
    if let Some(answer) = answer.filter(|answer| free || matches!(answer, Answer::Accepted(_))) {
        settle(&booking, &place, answer);
    }
}

fn settle(booking: &Booking, place: &Place, answer: Answer) {
    match answer {
        Answer::Accepted(body) => manage::opened(booking, place, body, Why::Booked, "crm-booked"),
        Answer::Rejected(errors) => {
            booking.alter(|flow| flow.busy(Busy::No));
            if let Some(form) = booking.form() {
                form.change(|form| form.refuse(errors));
            }
            booking.error("invalid-answers");
            booking.focus_first_error();
        }
        Answer::Refused(_, body) => booking.refuse(Some(refused(&body))),
        Answer::Challenge | Answer::Later { .. } => {}
    }
}
