//! From a claimed submission to what a connector delivers, and what the person is told.

use super::attempt::Tools;
use super::lane::Place;
use crate::connector::event::{Event, Submission};
use crate::connector::message::Message;
use crate::connector::{Delivery, Site};
use crate::store::booking::Happened;
use crate::store::deliveries::Claimed;

/// What is delivered to that place.
pub(super) fn message(tools: &Tools, place: &Place, claimed: &Claimed) -> Delivery {
    let Claimed { delivery, submission, consents, event: happened, .. } = claimed;
    let (definition, public_url) = (&place.site.definition, tools.connector.public_url());
    let mut event = Event::of_submission(
        &Submission {
            id: submission.id,
            site: &submission.site,
            form: &submission.form,
            version: submission.version,
            lang: &submission.lang,
            receipt: &submission.receipt,
            received_at: submission.received_at,
            body: &submission.body,
            consents,
        },
        public_url,
    );
    if let Some(Happened { r#type, data, at }) = happened {
        event = event.then(r#type, data, *at);
    }
    let token = |id: &str| tools.keys.capability(&definition.key, id);
    let message = Message::of(&event, definition, &place.connection, public_url, token);
    Delivery { id: *delivery, site: Site::of(definition, &submission.lang), event, message }
}
