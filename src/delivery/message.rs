//! From a claimed submission to what a connector delivers.

use crate::connector::event::{Event, Submission};
use crate::connector::{Delivery, Site};
use crate::sites::LiveSite;
use crate::store::booking::Happened;
use crate::store::deliveries::Claimed;

/// `public_url` is the gateway's address, without a slash at the end.
pub(super) fn message(claimed: &Claimed, site: &LiveSite, public_url: &str) -> Delivery {
    let Claimed { delivery, submission, consents, event: happened, .. } = claimed;
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
    let definition = &site.definition;
    let name = definition.name.get(&submission.lang).to_owned();
    Delivery {
        id: *delivery,
        site: Site { key: definition.key.clone(), name, time_zone: definition.time_zone.clone() },
        event,
    }
}
