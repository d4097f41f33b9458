//! What has happened, on its way to every connection that wants to hear of it.

use std::borrow::Cow;

use crm_protocol::id::{DeliveryId, EventId};
use crm_protocol::text::{Lang, Text};
use uuid::Uuid;

pub use crate::connector::event::kind;
use crate::definitions::booking::{Booking, Limits, Place, Service};
use crate::sites::LiveSite;
use crate::store::booking::{Names, NewEvent, StoredAppointment};
use crate::store::submissions::{FindForm, NewDelivery};
use crate::store::{Store, StoreError};

/// An event about something of that service, for a reader of `lang`.
pub fn event(site: &LiveSite, booking: &Booking, service: &Service, kind: &str, lang: &Lang) -> NewEvent {
    NewEvent {
        id: EventId::from_u128(Uuid::now_v7().as_u128()),
        r#type: kind.to_owned(),
        deliveries: match kind {
            kind::ARRIVED => Vec::new(),
            kind => deliveries(site, &service.form, kind),
        },
        names: names(site, booking, service, lang),
        reason: None,
    }
}

/// The service of an appointment, or what is still known of it.
///
/// # Errors
/// The database's.
pub async fn service<'a>(
    store: &Store,
    booking: &'a Booking,
    appointment: &StoredAppointment,
) -> Result<Cow<'a, Service>, StoreError> {
    if let Some(service) = booking.service(&appointment.service) {
        return Ok(Cow::Borrowed(service));
    }
    let form = store.run(FindForm { submission: appointment.submission }).await?.unwrap_or_default();
    Ok(Cow::Owned(remembered(&appointment.service, &appointment.slot.practitioner, form)))
}

/// What is still known of a service that left the definitions: its key, by which it is called, who did it, and its form.
/// None of its rules binds any more.
fn remembered(key: &str, practitioner: &str, form: String) -> Service {
    Service {
        key: key.to_owned(),
        department: String::new(),
        name: Text::One(key.to_owned()),
        intro: None,
        minutes: 0,
        step: None,
        before: 0,
        after: 0,
        notice: 0,
        window: 0,
        release: None,
        practitioners: vec![practitioner.to_owned()],
        needs: Vec::new(),
        form,
        patient: None,
        limits: Limits::default(),
        approval: false,
        cancel: 0,
        change: 0,
        waitlist: false,
        bring: None,
    }
}

/// What is called how in events of that service, for a reader of `lang`.
pub fn names(site: &LiveSite, booking: &Booking, service: &Service, lang: &Lang) -> Names {
    let name = |key: &String, name: &Text| (key.clone(), name.get(lang).to_owned());
    let practitioner = |key: &String| Some(name(key, &booking.practitioner(key)?.name));
    let zone = |place: &Place| Some((place.key.clone(), place.time_zone.clone()?));
    Names {
        time_zone: site.definition.time_zone.clone(),
        zones: booking.places.iter().filter_map(zone).collect(),
        service: service.name.get(lang).to_owned(),
        practitioners: service.practitioners.iter().filter_map(practitioner).collect(),
        places: booking.places.iter().map(|place| name(&place.key, &place.name)).collect(),
    }
}

/// A delivery to each connection of the site that wants this form and event.
pub fn deliveries(site: &LiveSite, form: &str, event: &str) -> Vec<NewDelivery> {
    let connections = site.definition.connections.iter();
    let wanting = connections.filter(|connection| connection.wants(form) && connection.wants_event(event));
    wanting
        .map(|connection| NewDelivery {
            id: DeliveryId::from_u128(Uuid::now_v7().as_u128()),
            connection: connection.name.clone(),
        })
        .collect()
}
